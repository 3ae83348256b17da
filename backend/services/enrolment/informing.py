"""The spaces of the insured: made when they are told of it, open six weeks later.

The Assurance maladie gives the list (articles R.1111-27 and R.1111-28 CSP): who they are, how they
can be reached, their carte Vitale and, for a child, the insured parent it depends on.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from uuid import UUID

from msgspec import Struct

from backend.access import Action, authorise
from backend.access.actors import Robot
from backend.access.scopes import spaces_by_ins, spaces_to_open
from backend.domain.activation import WINDOW, Contacts, read_serial
from backend.domain.calendar import MAJORITY, civil_day, in_years
from backend.domain.contact import read_email, read_mobile
from backend.domain.errors import Refused
from backend.domain.ins import check_matricule, missing_traits, normalise_name
from backend.domain.reports import Traits
from backend.domain.space import Event
from backend.services.space import advance, hold
from backend.storage.db import AsyncSession, Sessions, utcnow, vault_of
from backend.storage.records import IdentityStatus, RecordState, ins_index, new_record, vitale_card

OPERATOR, CALENDAR = Robot("operator"), Robot("calendar")
COLUMNS = (
    *("matricule", "oid", "birth_name", "first_given", "given_names", "birth_date", "sex"),
    *("birthplace", "vitale", "email", "mobile", "address", "parent"),
)
AT_ONCE = 100

Row = Mapping[str, str]


class Insured(Struct, frozen=True):
    """One line of the list, read."""

    traits: Traits
    contacts: Contacts
    vitale: str
    parent: str
    """Matricule of the ouvrant droit, of a child."""


class Informed(Struct, frozen=True):
    """What became of the list."""

    made: int
    known: int
    """Had a space already: nothing was changed."""
    refused: tuple[tuple[int, str], ...]
    """(line, why), without anything of the line."""


async def inform(sessions: Sessions, rows: Iterable[Row]) -> Informed:
    """A space in its six weeks for each person of the list who has none; parents come first.

    A line that is wrong is told and stops none of the others.
    """
    made, known, refused = 0, 0, list[tuple[int, str]]()
    for batch in _batches(enumerate(rows, start=2)):
        async with sessions.begin() as db:
            for line, row in batch:
                try:
                    async with db.begin_nested():
                        fresh = await _make(db, read_insured(row))
                except Refused as refusal:
                    refused.append((line, refusal.message))
                else:
                    made, known = made + fresh, known + (not fresh)
    return Informed(made, known, tuple(refused))


async def open_spaces(db: AsyncSession) -> int:
    """The six weeks of some are over and they said nothing: how many spaces are open now."""
    due = (await db.scalars(spaces_to_open(civil_day(utcnow())).limit(AT_ONCE))).all()
    for record in due:
        advance(db, CALENDAR, Action.OPEN_SPACE, Event.WINDOW_OVER, await hold(db, record.id))
    return len(due)


def read_insured(row: Row) -> Insured:
    """A line of the list, or Refused in words that quote nothing of it."""
    traits = Traits(
        matricule=row["matricule"].strip().upper(),
        oid=row["oid"].strip(),
        birth_name=normalise_name(row["birth_name"]),
        first_given=normalise_name(row["first_given"]),
        given_names=normalise_name(row["given_names"] or row["first_given"]),
        birth_date=_date(row["birth_date"]),
        sex=row["sex"].strip(),
        birthplace=row["birthplace"].strip(),
    )
    check_matricule(traits.matricule, traits.oid)
    if missing := missing_traits(traits):
        raise Refused(f"Il manque : {', '.join(missing)}.")
    contacts = Contacts(
        email=read_email(row["email"]) if row["email"] else "",
        phone=read_mobile(row["mobile"]) if row["mobile"] else "",
        address=tuple(part.strip() for part in row["address"].split("|") if part.strip()),
    )
    vitale = read_serial(row["vitale"]) if row["vitale"] else ""
    return Insured(traits, contacts, vitale, row["parent"].strip().upper())


async def _make(db: AsyncSession, insured: Insured) -> bool:
    """True when the space is new."""
    traits, today = insured.traits, civil_day(utcnow())
    if await _space_of(db, traits.oid, traits.matricule):
        return False
    assert traits.birth_date is not None
    majority = in_years(traits.birth_date, MAJORITY)
    record = new_record(
        db,
        traits,
        state=RecordState.INFORMED,
        status=IdentityStatus.QUAL,
        now=utcnow(),
        minor_until=majority if majority > today else None,
        contacts=insured.contacts,
    )
    record.opens_on = today + WINDOW
    if insured.parent:
        parent = await _space_of(db, traits.oid, insured.parent)
        if parent is None:
            db.expunge(record)
            raise Refused("L’ouvrant droit n’a pas d’espace : mettez sa ligne avant celle-ci.")
        record.attached_to = parent
    authorise(db, OPERATOR, Action.CREATE_RECORD, record)
    await db.flush()
    if insured.vitale:
        db.add(vitale_card(db, record, insured.vitale))
        await db.flush()
    return True


async def _space_of(db: AsyncSession, oid: str, matricule: str) -> UUID | None:
    found = await db.execute(spaces_by_ins([ins_index(vault_of(db), oid, matricule)]))
    row = found.first()
    return row[0].id if row else None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise Refused("La date de naissance n’est pas comme 1988-09-03.") from error


def _batches(rows: Iterable[tuple[int, Row]]) -> Iterator[list[tuple[int, Row]]]:
    walk = iter(rows)
    while batch := list(islice(walk, AT_ONCE)):
        yield batch
