"""Analyses across laboratories and years: all of them, one of them, those that a table takes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from unicodedata import combining, normalize
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, Select, select, true

from backend.access import Action, note
from backend.access.actors import Patient
from backend.access.scopes import Moment, pins_for, records_for, results_for, versions_for
from backend.domain.errors import NotFound, Refused
from backend.domain.reports import Result
from backend.domain.results import (
    Card,
    Entry,
    Explanation,
    History,
    Past,
    analysis_key,
    analyte_of,
    card_of,
    entry_of,
    explanation_of,
    first_day,
    make_history,
)
from backend.services.trends import address_of, latest_values
from backend.storage.db import AsyncSession
from backend.storage.documents import StoredResult, Version
from backend.storage.pins import Pin
from backend.storage.records import Record, key_of
from backend.storage.vault import RecordKey

MOST = 5_000
"""Names of analyses that one record may have before some are left out. A person has two hundred;
a system that names each result differently does not stop the page."""
ROWS = 200
"""Values of one analysis and unit, at most."""
IN_A_TABLE = 5
TABLES = 40
"""Analyses in one table for the doctor, at most: more would not be read."""


class Known(Struct, frozen=True):
    """One analysis of the record, by its newest value."""

    id: UUID
    card: Card
    on: date
    pinned: bool
    text: Explanation | None
    stored: frozenset[bytes]
    """The fingerprints under which its values are."""

    @property
    def outside(self) -> bool:
        """Its newest value is outside its laboratory’s range."""
        return self.card.place.outside

    @property
    def place(self) -> str:
        """Where it stands from A to Z, without accents and « »."""
        plain = normalize("NFKD", self.card.name).casefold()
        return "".join(c for c in plain if not combining(c)).lstrip("« ")


class Table(Struct, frozen=True):
    """The latest values of one analysis."""

    name: str
    technical: str
    entries: tuple[Entry, ...]


async def list_analyses(db: AsyncSession, actor: Patient, at: Moment) -> Sequence[Known]:
    """Every analysis of which a value may be seen, from A to Z."""
    note(db, actor, Action.LIST_ANALYSES, actor.record_id)
    found, _key = await _known(db, actor, at)
    return sorted(found, key=lambda known: known.place)


async def list_pinned(db: AsyncSession, actor: Patient, at: Moment) -> Sequence[Known]:
    """Those of the home page. Nothing is opened for who pinned nothing."""
    if not await db.scalar(select(pins_for(actor).exists())):
        return []
    return [known for known in await list_analyses(db, actor, at) if known.pinned]


async def find_analysis(
    db: AsyncSession, actor: Patient, at: Moment, analysis_id: UUID
) -> tuple[Known, RecordKey]:
    """One of them; NotFound when no value of it may be seen."""
    found, key = await _known(db, actor, at)
    for known in found:
        if known.id == analysis_id:
            note(db, actor, Action.OPEN_ANALYSIS, actor.record_id)
            return known, key
    raise NotFound


async def open_analysis(
    db: AsyncSession, actor: Patient, at: Moment, analysis_id: UUID, period: str
) -> tuple[Known, History]:
    """Its values over a period: `1` or `3` years, or everything."""
    known, key = await find_analysis(db, actor, at, analysis_id)
    values = (await _values(db, actor, at, key, [known], limit=ROWS))[known.id]
    if not values:  # hidden since a moment ago
        raise NotFound
    return known, make_history(values, first_day(period, at.today))


async def explain(
    db: AsyncSession, actor: Patient, at: Moment, analysis_id: UUID
) -> tuple[Known, Explanation]:
    """The text about an analysis of the record; NotFound when nobody wrote one."""
    known, _key = await find_analysis(db, actor, at, analysis_id)
    if known.text is None:
        raise NotFound
    return known, known.text


async def make_tables(
    db: AsyncSession,
    actor: Patient,
    at: Moment,
    chosen: Collection[UUID],
    *,
    action: Action = Action.OPEN_ANALYSIS,
) -> list[Table]:
    """The last five values of each chosen analysis, from A to Z. Refused when there is none."""
    if len(chosen) > TABLES:
        raise Refused(f"Choisissez {TABLES} analyses au plus.")
    note(db, actor, action, actor.record_id)
    found, key = await _known(db, actor, at)
    taken = sorted((known for known in found if known.id in chosen), key=lambda one: one.place)
    if not taken:
        raise Refused("Cochez au moins une analyse.")
    values = await _values(db, actor, at, key, taken, limit=IN_A_TABLE)
    return [
        Table(
            name=known.card.name,
            technical=known.card.technical,
            entries=tuple(entry_of(value) for value in values[known.id][:IN_A_TABLE]),
        )
        for known in taken
    ]


async def _values(
    db: AsyncSession,
    actor: Patient,
    at: Moment,
    key: RecordKey,
    of: Sequence[Known],
    *,
    limit: int,
) -> Mapping[UUID, list[Past]]:
    """The latest values of each, the newest first."""
    stored = frozenset[bytes]().union(*(known.stored for known in of))
    values: dict[UUID, list[Past]] = {known.id: [] for known in of}
    newest = await latest_values(db, actor, at, key, stored, record_id=actor.record_id, limit=limit)
    for value in newest:
        analysis = address_of(key, analysis_key(value.result))
        if analysis in values and not value.result.isolate:
            values[analysis].append(value)
    for found in values.values():
        found.sort(key=lambda value: value.on, reverse=True)
    return values


async def _known(db: AsyncSession, actor: Patient, at: Moment) -> tuple[list[Known], RecordKey]:
    """Each analysis once, however many codes, units and laboratories its values have."""
    record = await db.scalar(records_for(actor, at).where(Record.id == actor.record_id))
    if record is None:
        raise NotFound
    key = key_of(db, record)
    groups: dict[str, list[tuple[Row[Any], Result]]] = {}
    for row in (await db.execute(_newest(actor, at))).all():
        result = key.open_value(Result, row.sealed, row.id, row.version_id)
        if not result.isolate:
            groups.setdefault(analysis_key(result), []).append((row, result))
    versions = {row.version_id for rows in groups.values() for row, _ in rows}
    partial = await _partial(db, actor, at, versions)
    pins = set(await db.scalars(pins_for(actor).with_only_columns(Pin.analysis)))
    known = []
    for name, rows in groups.items():
        row, result = max(rows, key=lambda found: (found[0].dated_on, found[0].id))
        id_ = address_of(key, name)
        known.append(
            Known(
                id=id_,
                card=card_of(result, at.now, "", {}, partial=row.version_id in partial),
                on=row.dated_on,
                pinned=id_ in pins,
                text=explanation_of(analyte_of(result).key),
                stored=frozenset(row.analyte for row, _ in rows),
            )
        )
    return known, key


def _newest(actor: Patient, at: Moment) -> Select[Any]:
    """The newest result under each fingerprint of the record.

    Fingerprints are walked one index probe each, and not read with all their results: a record
    holds some two hundred of them, and tens of thousands of results.
    """
    seen = results_for(actor, at).where(StoredResult.record_id == actor.record_id)
    names = seen.with_only_columns(StoredResult.analyte).order_by(StoredResult.analyte).limit(1)
    first = names.subquery()
    walk = select(first.c.analyte).cte("walk", recursive=True)
    after = names.where(StoredResult.analyte > walk.c.analyte).correlate(walk).scalar_subquery()
    walk = walk.union_all(select(after).where(walk.c.analyte.is_not(None)))
    newest = (
        seen.where(StoredResult.analyte == walk.c.analyte)
        .order_by(StoredResult.dated_on.desc(), StoredResult.id.desc())
        .limit(1)
        .with_only_columns(
            StoredResult.id,
            StoredResult.analyte,
            StoredResult.dated_on,
            StoredResult.sealed,
            StoredResult.version_id,
        )
        .lateral("newest")
    )
    return select(newest).select_from(walk.join(newest, true())).limit(MOST)


async def _partial(
    db: AsyncSession, actor: Patient, at: Moment, versions: set[UUID]
) -> frozenset[UUID]:
    """Which of these versions are provisional."""
    query = versions_for(actor, at).where(Version.id.in_(versions), Version.partial)
    return frozenset(await db.scalars(query.with_only_columns(Version.id)))
