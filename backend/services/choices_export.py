"""Who opened a record and what its people chose, in the file that they take away.

Each table is what a page shows to the same eyes: a scope, and nothing beside it.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime

import msgspec
from msgspec import Struct

from backend.access.actors import Patient
from backend.access.scopes import Moment, documents_for
from backend.domain.calendar import PARIS
from backend.domain.caregiving import Mandate
from backend.domain.documents import LABELS, DocumentLine, Kind
from backend.domain.export import write_table
from backend.domain.preferences import CHANNELS, CHOICES
from backend.services import (
    activity,
    blocking,
    caregiving,
    emergency,
    folders,
    masking,
    preferences,
    profiles,
    sharing,
    showings,
)
from backend.services.accounts import contact
from backend.services.lines import line_of, shown_of
from backend.services.sentences import words
from backend.storage.accounts import Account
from backend.storage.db import AsyncSession
from backend.storage.documents import Document, Version
from backend.storage.records import Record, key_of

Row = tuple[str, ...]
DONE = ("date", "heure", "qui", "métier", "lieu", "action", "document", "motif", "signalement")
MASKED = ("quoi", "réglage", "date du document")
PROFESSIONALS = ("nom", "métier", "lieux", "accès", "depuis", "dernière visite")
FOLDERS = ("dossier", "document", "date du document")
SHARED = ("partage", "avec", "état", "depuis ou jusqu’au", "détail")
ACCOUNT = ("réglage", "choix")
STANDING = {"seeing": "peut voir", "blocked": "bloqué", "others": "ne voit plus rien"}
ASKED = {"pending": "en attente", "refused": "refusé", "withdrawn": "retiré", "expired": "fini"}
BY = dict(zip(CHANNELS, ("appareil", "e-mail", "SMS"), strict=True))
EVENTS = dict(
    zip(
        CHOICES,
        (
            *("un nouveau document", "un document corrigé", "un document retiré"),
            *("un nouveau message", "la première visite d’un professionnel"),
            "une visite en urgence",
        ),
        strict=True,
    )
)


class Table(Struct, frozen=True):
    """One file for a spreadsheet."""

    name: str
    columns: Row
    rows: Sequence[Row]


async def told(db: AsyncSession, eyes: Patient, at: Moment) -> list[tuple[str, str | bytes]]:
    """The tables, and all of them in one file for machines."""
    lines = await _documents(db, eyes, at)
    tables = [
        Table("acces", DONE, [row async for row in _done(db, eyes, at)]),
        Table("masquages", MASKED, await _masked(db, eyes, at, lines)),
        Table("professionnels", PROFESSIONALS, await _professionals(db, eyes, at)),
        Table("dossiers", FOLDERS, await _folders(db, eyes, at, lines)),
        Table("partages", SHARED, await _shared(db, eyes, at)),
    ]
    if eyes.record_id == eyes.own_record_id:
        tables.append(Table("compte", ACCOUNT, await _account(db, eyes)))
    whole = {
        one.name: [dict(zip(one.columns, row, strict=True)) for row in one.rows] for one in tables
    }
    written = msgspec.json.format(msgspec.json.encode(whole), indent=1)
    files = [(f"{one.name}.csv", write_table(one.columns, one.rows)) for one in tables]
    return [*files, ("acces-et-choix.json", written)]


async def _documents(db: AsyncSession, eyes: Patient, at: Moment) -> list[DocumentLine]:
    query = (
        documents_for(eyes, at)
        .join(Version, Version.id == Document.version_id)
        .join(Record, Record.id == Document.record_id)
        .add_columns(Version, Record)
        .order_by(Document.dated_on, Document.id)
    )
    return [
        line_of(document, shown_of(key_of(db, record), version))
        for document, version, record in await db.execute(query)
    ]


async def _done(db: AsyncSession, eyes: Patient, at: Moment) -> AsyncIterator[Row]:
    async for line in activity.every_line(db, eyes, at):
        day, hour = _when(line.at)
        what = f"{line.what.title} du {_day(line.what.on)}" if line.what else ""
        said = f"{words(line)}{' (urgence)' if line.urgent else ''}"
        where = line.where or line.who.place
        yield day, hour, line.who.name, line.who.job, where, said, what, line.reason, line.report


async def _masked(
    db: AsyncSession, eyes: Patient, at: Moment, lines: Sequence[DocumentLine]
) -> list[Row]:
    masks, allowed = await masking.standing(db, eyes, at), await emergency.switches(db, eyes, at)
    return [
        ("tout le dossier", "masqué" if masks.everything else "visible", ""),
        *((LABELS[Kind(one)], "catégorie masquée", "") for one in sorted(masks.categories)),
        *((line.title, "document masqué", _day(line.on)) for line in lines if line.masked),
        ("en urgence, le Samu", _yes(allowed.samu), ""),
        ("en urgence, les professionnels", _yes(allowed.anyone), ""),
        ("en urgence, ce qui est masqué", _yes(allowed.masked), ""),
    ]


async def _professionals(db: AsyncSession, eyes: Patient, at: Moment) -> list[Row]:
    everyone = await blocking.everyone(db, eyes, at)
    found: list[Row] = [
        (
            one.who.name,
            f"{one.who.job}, médecin traitant" if one.treating else one.who.job,
            " ; ".join(one.who.places),
            said,
            _day(one.since),
            _day(one.came),
        )
        for group, said in STANDING.items()
        for one in getattr(everyone, group)
    ]
    said = "voit ce qu’il a déposé"
    return [*found, *((name, "laboratoire", "", said, "", "") for name in everyone.laboratories)]


async def _folders(
    db: AsyncSession, eyes: Patient, at: Moment, lines: Sequence[DocumentLine]
) -> list[Row]:
    """An empty one has a row too."""
    rows = list[Row]()
    placed = await folders.every_place(db, eyes, at)
    for id_, name in (await folders.names(db, eyes, at)).items():
        there = [line for line in lines if placed.get(line.id) == id_]
        rows += [(name, line.title, _day(line.on)) for line in there] or [(name, "", "")]
    return rows


async def _shared(db: AsyncSession, eyes: Patient, at: Moment) -> list[Row]:
    """A code that still opens something is on its page, not in a file that may be lost."""
    rows = list[Row]()
    if eyes.record_id == eyes.own_record_id:
        for one in await caregiving.mine(db, eyes, at):
            may = "lit et télécharge" if one.mandate is Mandate.KEEP else "lit"
            state = "accepté" if one.accepted else "en attente"
            rows.append(("aidant", one.name, state, _day(one.until), may))
    else:
        for parent in await profiles.guardians(db, eyes, at):
            which = "parent qui a ouvert le profil" if parent.principal else "deuxième parent"
            rows.append(("parent", parent.name, "a accès", "", which))
        for asked in await sharing.sent(db, eyes, at):
            state = ASKED[asked.state]
            rows.append(("demande à l’autre parent", asked.name, state, _day(asked.on), ""))
    for shown in await showings.of(db, eyes, at):
        came = " ; ".join(f"{visit.name}, {' '.join(_when(visit.at))}" for visit in shown.visits)
        state = "en cours" if shown.running else "fini"
        detail = f"documents : {shown.documents}{' ; ouvert par : ' + came if came else ''}"
        rows.append(("avec un code", shown.whom, state, _day(shown.until), detail))
    return rows


async def _account(db: AsyncSession, eyes: Patient) -> list[Row]:
    email, phone = await contact(db, await db.get_one(Account, eyes.id))
    chosen = await preferences.preferences_of(db, eyes)
    quiet = f"de {chosen.quiet[0]} h à {chosen.quiet[1]} h" if chosen.quiet else "non"
    return [
        ("adresse e-mail", email or ""),
        ("mobile", phone or ""),
        *((f"être prévenu : {what}", _ways(chosen.by(event))) for event, what in EVENTS.items()),
        ("pas la nuit", quiet),
        ("un seul message par jour", "non" if chosen.digest is None else f"à {chosen.digest} h"),
        ("message discret", "oui" if chosen.discreet else "non"),
        ("Lecture simple", "oui" if chosen.simple else "non"),
    ]


def _ways(channels: Sequence[str]) -> str:
    return ", ".join(BY[channel] for channel in channels) or "non"


def _yes(allowed: bool) -> str:  # noqa: FBT001 - one cell
    return "permis" if allowed else "non"


def _when(at: datetime) -> tuple[str, str]:
    here = at.astimezone(PARIS)
    return f"{here:%Y-%m-%d}", f"{here:%H:%M}"


def _day(on: date | datetime | None) -> str:
    if on is None:
        return ""
    return _when(on)[0] if isinstance(on, datetime) else f"{on:%Y-%m-%d}"
