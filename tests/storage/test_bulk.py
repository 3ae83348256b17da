"""Rows that go in by the table: complete, parents first, and traced like any other."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from backend.access import Action, authorise
from backend.access.actors import Robot
from backend.domain.jobs import DrawPages
from backend.storage.bulk import insert_all
from backend.storage.db import AsyncSession, UntracedChange
from backend.storage.outbox import OutboxRow, OutboxState, promise
from backend.storage.records import Identity, IdentityStatus, Record, RecordState
from backend.storage.traces import Trace

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ROBOT = Robot("demo")


def a_record() -> Record:
    return Record(id=uuid4(), state=RecordState.OPEN, wrapped_key=b"wrapped", created_at=NOW)


def an_identity(record: Record) -> Identity:
    return Identity(
        id=uuid4(),
        record_id=record.id,
        ins_index=uuid4().bytes,
        status=IdentityStatus.QUAL,
        sealed_traits=b"sealed",
    )


async def stored(db: AsyncSession, record_id: UUID) -> Record | None:
    return await db.get(Record, record_id)


async def test_columns_left_out_have_their_defaults(db: AsyncSession) -> None:
    rows = [promise(DrawPages(version_id=uuid4()), key=f"draw/{uuid4()}") for _ in range(3)]
    await insert_all(db, rows)
    found = await db.scalars(select(OutboxRow).where(OutboxRow.id.in_([row.id for row in rows])))
    assert [(row.state, row.attempts, row.error, row.done_at) for row in found] == [
        (OutboxState.DUE, 0, "", None)
    ] * 3


async def test_parents_go_first_whatever_the_order_given(db: AsyncSession) -> None:
    records = [a_record() for _ in range(3)]
    await insert_all(db, [*map(an_identity, records), *records])
    assert all([await stored(db, record.id) for record in records])
    await db.rollback()


async def test_without_a_trace_they_stop_the_commit(db: AsyncSession) -> None:
    await insert_all(db, [a_record()])
    with pytest.raises(UntracedChange):
        await db.commit()
    await db.rollback()


async def test_with_one_they_are_committed_and_the_line_is_there(db: AsyncSession) -> None:
    record = a_record()
    authorise(db, ROBOT, Action.CREATE_RECORD, record)
    await insert_all(db, [record, an_identity(record)])
    await db.commit()
    assert await stored(db, record.id)
    assert await db.scalar(select(Trace.action).where(Trace.lane == record.id)) == "record:create"
