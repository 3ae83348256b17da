"""The record on the screen, opened for its measures; where they are stored, and where read."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ARRAY, Uuid, column, func, literal, select, true

from backend.access.actors import Patient
from backend.access.scopes import Moment
from backend.access.scopes.measures import measures_for
from backend.domain.errors import NotFound
from backend.domain.measures import (
    Measure,
    Measured,
    Reading,
    all_measures,
    names_in_reports,
    reading_of,
)
from backend.services.people import known_person
from backend.services.trends import latest_values
from backend.storage.db import AsyncSession
from backend.storage.measures import StoredMeasure
from backend.storage.records import Record, key_of, traits_of
from backend.storage.vault import RecordKey


class Opened(Struct, frozen=True):
    """Whose measures, under which key."""

    record: Record
    key: RecordKey
    born: date | None

    def find(self, address: UUID) -> Measure:
        """The measure of this address; NotFound for one of another record, or of none."""
        for measure in all_measures():
            if address_of(self.key, measure) == address:
                return measure
        raise NotFound


def address_of(key: RecordKey, measure: Measure) -> UUID:
    """How addresses and rows name a measure: another in each record, and it tells nothing."""
    return UUID(bytes=key.fingerprint(f"measure:{measure.key}"))


def goal_of(key: RecordKey, measure: Measure) -> UUID:
    """The same for the goal of a measure."""
    return UUID(bytes=key.fingerprint(f"goal:{measure.key}"))


async def open_record(db: AsyncSession, actor: Patient, at: Moment) -> Opened:
    """NotFound when the actor may not know it."""
    record, identity = await known_person(db, actor, at, actor.record_id)
    return Opened(record, key_of(db, record), traits_of(db, record, identity).birth_date)


def open_row(key: RecordKey, row: StoredMeasure) -> Reading:
    """One row, opened."""
    return Reading(row.at, key.open_value(Measured, row.sealed, row.id, "measure"), row.id)


async def typed(
    db: AsyncSession,
    actor: Patient,
    at: Moment,
    key: RecordKey,
    kinds: Collection[UUID],
    *,
    limit: int,
) -> Mapping[UUID, list[Reading]]:
    """The latest `limit` of each kind, the newest first, in one statement."""
    given = func.unnest(literal(list(kinds), ARRAY(Uuid)))
    wanted = given.table_valued(column("kind", Uuid)).render_derived(name="wanted")
    latest = (
        measures_for(actor, at)
        .where(StoredMeasure.kind == wanted.c.kind)
        .order_by(StoredMeasure.at.desc(), StoredMeasure.id.desc())
        .limit(limit)
        .with_only_columns(
            StoredMeasure.id, StoredMeasure.kind, StoredMeasure.at, StoredMeasure.sealed
        )
        .lateral("latest")
    )
    found: dict[UUID, list[Reading]] = {kind: [] for kind in kinds}
    for row in await db.execute(select(latest).select_from(wanted.join(latest, true()))):
        value = key.open_value(Measured, row.sealed, row.id, "measure")
        found[row.kind].append(Reading(row.at, value, row.id))
    return found


async def in_reports(
    db: AsyncSession,
    actor: Patient,
    at: Moment,
    opened: Opened,
    measures: Sequence[Measure],
    *,
    limit: int,
) -> list[Reading]:
    """What the reports in sight say of these measures, if the record’s people want it."""
    if not opened.record.measures_from_reports:
        return []
    names = {name for measure in measures for name in names_in_reports(measure)}
    stored = {opened.key.fingerprint(name) for name in names}
    values = await latest_values(
        db, actor, at, opened.key, stored, record_id=actor.record_id, limit=limit
    )
    readings = (reading_of(value, measure) for value in values for measure in measures)
    return [reading for reading in readings if reading]
