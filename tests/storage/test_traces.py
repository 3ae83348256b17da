"""The guard against forgetting, and the chain that every line joins."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.reports import Traits
from backend.storage.db import UntracedChange, make_engine, make_sessions, utcnow
from backend.storage.records import IdentityStatus, Record, RecordState, new_record
from backend.storage.traces import Trace, TraceHead, record_trace
from backend.storage.vault import Vault

SOMEONE = UUID(int=7)


def add_record(db: AsyncSession) -> Record:
    traits = Traits(matricule=uuid4().hex[:15], oid="1.2.250.1.213.1.4.10", birth_name="SECRET")
    return new_record(db, traits, state=RecordState.OPEN, status=IdentityStatus.QUAL, now=utcnow())


def trace(db: AsyncSession, record: Record | None, action: str = "record:create") -> None:
    record_trace(
        db,
        actor_kind="Robot",
        actor_id=SOMEONE,
        action=action,
        allowed=True,
        record_id=record.id if record else None,
    )
    if record:
        db.info.setdefault("traced", set()).add(record.id)


async def test_a_change_without_a_trace_cannot_be_committed(db: AsyncSession) -> None:
    add_record(db)
    with pytest.raises(UntracedChange):
        await db.commit()
    await db.rollback()


async def test_nor_can_a_change_traced_on_another_record(db: AsyncSession) -> None:
    first, _second = add_record(db), add_record(db)
    trace(db, first)
    with pytest.raises(UntracedChange):
        await db.commit()
    await db.rollback()


async def test_and_bulk_changes_are_not_possible_at_all(db: AsyncSession) -> None:
    with pytest.raises(UntracedChange):
        await db.execute(update(Record).values(state=RecordState.CLOSED))


async def test_lines_of_a_lane_are_numbered_and_chained(db: AsyncSession) -> None:
    record = add_record(db)
    trace(db, record)
    await db.commit()
    trace(db, record, "document:list")
    trace(db, None, "token:issue")
    await db.commit()
    lines = (
        await db.scalars(select(Trace).where(Trace.lane == record.id).order_by(Trace.number))
    ).all()
    assert [(line.number, line.action) for line in lines] == [
        (1, "record:create"),
        (2, "document:list"),
    ]
    head = await db.get_one(TraceHead, record.id)
    assert (head.number, head.hash) == (2, lines[-1].hash)
    assert (await db.get_one(TraceHead, SOMEONE)).number >= 1


async def test_a_rolled_back_request_leaves_no_line(db: AsyncSession) -> None:
    record = add_record(db)
    trace(db, record)
    await db.rollback()
    assert await db.scalar(select(Trace).where(Trace.record_id == record.id)) is None


async def test_two_people_writing_to_one_record_at_once_keep_one_chain(
    clean_database_url: str, vault: Vault
) -> None:
    engine = make_engine(clean_database_url)
    sessions = make_sessions(engine, vault)
    async with sessions.begin() as db:
        record = add_record(db)
        trace(db, record)

    async def look() -> None:
        async with sessions.begin() as db:
            trace(db, record, "document:open")

    await asyncio.gather(*(look() for _ in range(40)))
    async with sessions() as db:
        numbers = (
            await db.scalars(
                select(Trace.number).where(Trace.lane == record.id).order_by(Trace.number)
            )
        ).all()
    await engine.dispose()
    assert list(numbers) == list(range(1, 42))
