"""Changing measures: each change has its line in the journal, in the same transaction."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from backend.access import Action, authorise
from backend.access.actors import Patient, Robot
from backend.access.scopes import Moment, records_for
from backend.access.scopes.measures import (
    deleted_measures_for,
    measures_for,
    measures_to_forget,
)
from backend.domain.errors import NotFound
from backend.domain.measures import GOAL, Measured, measure_of
from backend.services import limits
from backend.services.measures.opened import Opened, address_of, goal_of, open_record, open_row
from backend.services.sign_in.refusals import Rejected, too_often
from backend.storage.db import AsyncSession, take_turns, utcnow
from backend.storage.measures import StoredMeasure
from backend.storage.records import Record

CALENDAR = Robot("calendar")
AT_ONCE = 100
MINUTE = timedelta(minutes=1)
FRESH = {"populate_existing": True}


async def add(
    db: AsyncSession, actor: Patient, at: Moment, value: Measured, when: datetime
) -> UUID | Rejected:
    """Its id. The same value at the same minute is there once, however often it is sent.

    Two values of this very minute are kept in the order in which they came.
    """
    opened = await open_record(db, actor, at)
    await take_turns(db, f"measures/{actor.record_id}")  # two clicks may come at once
    kind = address_of(opened.key, measure_of(value.measure))
    same = measures_for(actor, at).where(
        StoredMeasure.kind == kind, StoredMeasure.at >= when, StoredMeasure.at < when + MINUTE
    )
    for row in await db.scalars(same):
        if open_row(opened.key, row).value == value:
            return row.id
    if wait := await limits.hit(db, "measure", str(actor.id)):
        return too_often(wait)
    exact = at.now if when <= at.now < when + MINUTE else when
    return _write(db, actor, opened, value, kind=kind, when=exact)


async def remove(db: AsyncSession, actor: Patient, at: Moment, address: UUID, row_id: UUID) -> None:
    """Out of sight at once; it may be put back for a day. NotFound when it is not theirs."""
    row = await db.scalar(
        measures_for(actor, at)
        .where(StoredMeasure.id == row_id, StoredMeasure.kind == address)
        .with_for_update(),
        execution_options=FRESH,
    )
    if row is None:
        raise NotFound
    authorise(db, actor, Action.DELETE_MEASURE, row)
    row.deleted_at = at.now


async def put_back(
    db: AsyncSession, actor: Patient, at: Moment, address: UUID, row_id: UUID
) -> None:
    """As it was before it was deleted; NotFound when its day is over."""
    row = await db.scalar(
        deleted_measures_for(actor, at)
        .where(StoredMeasure.id == row_id, StoredMeasure.kind == address)
        .with_for_update(),
        execution_options=FRESH,
    )
    if row is None:
        raise NotFound
    authorise(db, actor, Action.RESTORE_MEASURE, row)
    row.deleted_at = None


async def set_goal(
    db: AsyncSession, actor: Patient, at: Moment, address: UUID, goal: str
) -> Rejected | None:
    """One goal at most, none when it is empty; NotFound for a measure that has none."""
    opened = await open_record(db, actor, at)
    measure = opened.find(address)
    if measure.key != GOAL:
        raise NotFound
    if wait := await limits.hit(db, "measure", str(actor.id)):
        return too_often(wait)
    await take_turns(db, f"measures/{actor.record_id}")
    kind = goal_of(opened.key, measure)
    held = measures_for(actor, at).where(StoredMeasure.kind == kind).with_for_update()
    for row in (await db.scalars(held, execution_options=FRESH)).all():
        authorise(db, actor, Action.DELETE_MEASURE, row)
        await db.delete(row)
    if goal:
        _write(db, actor, opened, Measured(measure.key, (goal,)), kind=kind, when=at.now)
    return None


async def set_extraction(db: AsyncSession, actor: Patient, at: Moment, *, wanted: bool) -> None:
    """Read the record’s reports for more measures, or no longer. Nothing when it is so already."""
    query = records_for(actor, at).where(Record.id == actor.record_id)
    held = query.with_for_update(of=Record, key_share=True)
    record = await db.scalar(held, execution_options=FRESH)
    if record is None:
        raise NotFound
    if record.measures_from_reports is not wanted:
        authorise(db, actor, Action.SET_EXTRACTION, record)
        record.measures_from_reports = wanted


async def forget_deleted(db: AsyncSession) -> int:
    """Forget those that can no longer be put back; how many."""
    due = measures_to_forget(CALENDAR, utcnow()).limit(AT_ONCE)
    rows = (await db.scalars(due.with_for_update(skip_locked=True))).all()
    for row in rows:
        authorise(db, CALENDAR, Action.FORGET_MEASURE, row)
        await db.delete(row)
    return len(rows)


def _write(
    db: AsyncSession,
    actor: Patient,
    opened: Opened,
    value: Measured,
    *,
    kind: UUID,
    when: datetime,
) -> UUID:
    id_ = uuid4()
    row = StoredMeasure(
        id=id_,
        record_id=actor.record_id,
        account_id=actor.id,
        kind=kind,
        at=when,
        sealed=opened.key.seal_value(value, id_, "measure"),
    )
    authorise(db, actor, Action.ADD_MEASURE, row)
    db.add(row)
    return id_
