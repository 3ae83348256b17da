"""What allows leaves a trace; what refuses leaves one too."""

from collections.abc import AsyncIterator
from enum import StrEnum
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.access import Action, Denied, authorise, note, record_refusal
from backend.access.actors import Agent, Patient, Robot, Visitor
from backend.domain.errors import Forbidden
from backend.services.journal import verify
from backend.storage.accounts import Account
from backend.storage.db import Sessions, UntracedChange, make_engine, make_sessions, utcnow
from backend.storage.records import Guardianship, Record, RecordState
from backend.storage.traces import Trace
from backend.storage.vault import Vault

DEMO = Robot("demo")


def new() -> Record:
    return Record(id=uuid4(), state=RecordState.OPEN, wrapped_key=b"", created_at=utcnow())


async def lines(db: AsyncSession) -> list[tuple[str, bool, UUID | None, UUID | None]]:
    query = select(Trace.action, Trace.allowed, Trace.record_id, Trace.thing_id)
    rows = await db.execute(query.order_by(Trace.lane, Trace.number))
    return [(action, allowed, record, thing) for action, allowed, record, thing in rows]


async def test_the_word_that_allows_is_the_word_of_the_journal(db: AsyncSession) -> None:
    record = new()
    authorise(db, DEMO, Action.CREATE_RECORD, record)
    db.add(record)
    await db.commit()
    assert await lines(db) == [("record:create", True, record.id, record.id)]
    assert (await verify(db)).ok


async def test_what_the_rules_do_not_say_is_denied_and_writes_nothing(db: AsyncSession) -> None:
    record = new()
    with pytest.raises(Denied) as denied:
        authorise(db, Agent(uuid4()), Action.CREATE_RECORD, record)
    assert isinstance(denied.value, Forbidden)
    assert (denied.value.action, denied.value.record_id) == (Action.CREATE_RECORD, record.id)
    await db.commit()
    assert await lines(db) == []


async def test_a_refusal_allows_no_change(db: AsyncSession) -> None:
    record = new()
    with pytest.raises(Denied):
        authorise(db, Visitor(), Action.CREATE_RECORD, record)
    db.add(record)
    with pytest.raises(UntracedChange):
        await db.commit()
    await db.rollback()


async def test_a_list_is_one_line_and_allows_no_change(db: AsyncSession) -> None:
    record = new()
    authorise(db, DEMO, Action.CREATE_RECORD, record)
    db.add(record)
    await db.commit()
    person = Patient(uuid4(), record.id, record.id, uuid4())
    note(db, person, Action.LIST_DOCUMENTS, record.id)
    await db.commit()
    assert (await lines(db))[1:] == [("document:list", True, record.id, None)]

    note(db, person, Action.LIST_DOCUMENTS, record.id)
    record.mask_all = True
    with pytest.raises(UntracedChange):
        await db.commit()
    await db.rollback()


async def test_nor_may_a_list_be_noted_by_those_who_read_nothing(db: AsyncSession) -> None:
    with pytest.raises(Denied):
        note(db, Agent(uuid4()), Action.LIST_DOCUMENTS, uuid4())


class Cause(StrEnum):
    """A reason, as services name theirs."""

    RULE = "rule"


@pytest.fixture
async def sessions(clean_database_url: str, vault: Vault) -> AsyncIterator[Sessions]:
    engine = make_engine(clean_database_url)
    yield make_sessions(engine, vault)
    await engine.dispose()


async def test_a_refusal_is_written_although_the_request_was_rolled_back(
    sessions: Sessions,
) -> None:
    record_id, thing_id = uuid4(), uuid4()
    await record_refusal(
        sessions,
        Visitor(half=uuid4()),
        Action.OPEN_DOCUMENT,
        record_id=record_id,
        thing_id=thing_id,
        reason=Cause.RULE,
    )
    async with sessions() as db:
        assert await lines(db) == [("document:open", False, record_id, thing_id)]
        assert (await db.scalars(select(Trace))).one().reason == "rule"
        assert (await verify(db)).ok


def test_a_row_of_a_record_belongs_to_it_and_a_record_to_itself() -> None:
    record, account = new(), Account(id=uuid4(), record_id=uuid4())
    assert record.record_key == record.id
    assert account.record_key == account.record_id
    assert Guardianship(record_id=record.id).record_key == record.id
