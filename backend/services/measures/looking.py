"""Reading measures: all of them by their latest value, or one of them through time."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func

from backend.access import Action, note
from backend.access.actors import Patient
from backend.access.scopes import Moment
from backend.access.scopes.measures import deleted_measures_for, measures_for
from backend.domain.errors import NotFound
from backend.domain.measures import (
    BMI,
    GOAL,
    Measure,
    Reading,
    all_measures,
    compute_bmi,
    curves_of,
    measure_of,
)
from backend.domain.measures.series import Curve
from backend.domain.measures.table import HEIGHT, WEIGHT
from backend.services.measures.opened import (
    Opened,
    address_of,
    goal_of,
    in_reports,
    open_record,
    open_row,
    typed,
)
from backend.storage.db import AsyncSession
from backend.storage.measures import StoredMeasure
from backend.storage.records import Record, key_of

ON_A_TILE = 12
"""Values that a small drawing holds."""
ON_A_PAGE = 300
EVERYTHING = 100_000


class Known(Struct, frozen=True):
    """One measure of the record, by its latest value, or without any yet."""

    id: UUID
    measure: Measure
    latest: Reading | None
    curves: tuple[Curve, ...]


class Overview(Struct, frozen=True):
    """Every measure: those that have a value, then those that may be added."""

    there: tuple[Known, ...]
    others: tuple[Known, ...]
    from_reports: bool
    """Reports are read too."""


class Page(Struct, frozen=True):
    """One measure, the newest value first."""

    known: Known
    readings: tuple[Reading, ...]
    goal: str
    deleted: Reading | None
    """What was just deleted, and may be put back."""
    from_reports: bool


async def overview(db: AsyncSession, actor: Patient, at: Moment) -> Overview:
    """Every measure with its latest value."""
    note(db, actor, Action.LIST_MEASURES, actor.record_id)
    opened = await open_record(db, actor, at)
    measures = all_measures()
    found = await _readings(db, actor, at, opened, measures, limit=ON_A_TILE)
    known = [_known(opened, measure, found[measure.key][:ON_A_TILE]) for measure in measures]
    return Overview(
        there=tuple(one for one in known if one.latest),
        others=tuple(one for one in known if not one.latest and not one.measure.computed),
        from_reports=opened.record.measures_from_reports,
    )


async def show(
    db: AsyncSession, actor: Patient, at: Moment, address: UUID, deleted: UUID | None = None
) -> Page:
    """One of them with all its values; NotFound for an address of another record."""
    note(db, actor, Action.LIST_MEASURES, actor.record_id)
    opened = await open_record(db, actor, at)
    measure = opened.find(address)
    wanted = [measure_of(key) for key in (WEIGHT, HEIGHT)] if measure.computed else [measure]
    found = await _readings(db, actor, at, opened, wanted, limit=ON_A_PAGE)
    readings = found[measure.key]
    return Page(
        known=_known(opened, measure, readings),
        readings=tuple(readings),
        goal=await _goal(db, actor, at, opened) if measure.key == GOAL else "",
        deleted=await _deleted(db, actor, at, opened, deleted) if deleted else None,
        from_reports=bool(measure.reports) and opened.record.measures_from_reports,
    )


async def look(
    db: AsyncSession, actor: Patient, at: Moment, address: UUID
) -> tuple[Measure, date | None]:
    """Which measure this is, to add one, and the day before which nothing was measured.

    NotFound for what is computed.
    """
    opened = await open_record(db, actor, at)
    measure = opened.find(address)
    if measure.computed:
        raise NotFound
    return measure, opened.born


async def reads_reports(db: AsyncSession, actor: Patient, at: Moment) -> bool:
    """Whether reports are read for more measures."""
    return (await open_record(db, actor, at)).record.measures_from_reports


async def last_day(db: AsyncSession, actor: Patient, at: Moment) -> datetime | None:
    """When the latest measure was taken, whatever it is: none is opened."""
    query = (
        measures_for(actor, at)
        .join(Record, Record.id == StoredMeasure.record_id)
        .with_only_columns(Record, StoredMeasure.kind, func.max(StoredMeasure.at))
        .group_by(Record.id, StoredMeasure.kind)
    )
    days = [
        day
        for record, kind, day in await db.execute(query)
        if kind != goal_of(key_of(db, record), measure_of(GOAL))
    ]
    return max(days, default=None)


async def every_measure(
    db: AsyncSession, actor: Patient, at: Moment, record: Record
) -> list[Reading]:
    """All that was typed, the oldest first: to take away. Reports say the rest themselves."""
    key = key_of(db, record)
    kinds = {address_of(key, measure) for measure in all_measures()}
    query = measures_for(actor, at).where(StoredMeasure.kind.in_(kinds))
    ordered = query.order_by(StoredMeasure.at, StoredMeasure.id).limit(EVERYTHING)
    return [open_row(key, row) for row in await db.scalars(ordered)]


async def _readings(
    db: AsyncSession,
    actor: Patient,
    at: Moment,
    opened: Opened,
    measures: Sequence[Measure],
    *,
    limit: int,
) -> dict[str, list[Reading]]:
    """By key, the newest first; the body mass index when weights and heights are there."""
    kinds = {address_of(opened.key, one): one.key for one in measures if not one.computed}
    found = await typed(db, actor, at, opened.key, kinds, limit=limit)
    by_key = {key: found[kind] for kind, key in kinds.items()}
    for reading in await in_reports(db, actor, at, opened, measures, limit=limit):
        by_key[reading.value.measure].append(reading)
    if WEIGHT in by_key and HEIGHT in by_key:
        index = compute_bmi(by_key[WEIGHT], by_key[HEIGHT], opened.born)
        by_key[BMI] = index
    for readings in by_key.values():
        readings.sort(key=lambda reading: reading.at, reverse=True)
    return by_key


def _known(opened: Opened, measure: Measure, readings: Sequence[Reading]) -> Known:
    return Known(
        id=address_of(opened.key, measure),
        measure=measure,
        latest=readings[0] if readings else None,
        curves=curves_of(measure, readings),
    )


async def _goal(db: AsyncSession, actor: Patient, at: Moment, opened: Opened) -> str:
    kind = goal_of(opened.key, measure_of(GOAL))
    (goals,) = (await typed(db, actor, at, opened.key, [kind], limit=1)).values()
    return goals[0].words if goals else ""


async def _deleted(
    db: AsyncSession, actor: Patient, at: Moment, opened: Opened, row_id: UUID
) -> Reading | None:
    row = await db.scalar(deleted_measures_for(actor, at).where(StoredMeasure.id == row_id))
    return open_row(opened.key, row) if row else None
