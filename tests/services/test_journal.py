"""The journal notices whatever is done to it behind its back."""

import random
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.services.journal import Broken, Fault, Verification, checkpoint, verify
from backend.services.journal.verdict import TOLD, Tally
from backend.storage.traces import Anchor, TraceHead, record_trace
from backend.storage.vault import Tampered, Vault

LANES = tuple(uuid4() for _ in range(4))
LINES = 6
HERE, THERE = LANES[1], LANES[2]
GUARDED = ("trace", "trace_head", "checkpoint", "anchor")


async def write(db: AsyncSession, lane: UUID, lines: int) -> None:
    for _ in range(lines):
        record_trace(
            db,
            actor_kind="Robot",
            actor_id=UUID(int=7),
            action="document:open",
            allowed=True,
            record_id=lane,
            thing_id=uuid4(),
            reason="test",
        )
    await db.commit()


@pytest.fixture
async def journal(db: AsyncSession) -> AsyncSession:
    """Four people, six lines each, and nothing to stop somebody who has all the rights."""
    for lane in LANES:
        await write(db, lane, LINES)
    for table in GUARDED:
        await db.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    return db


async def break_in(db: AsyncSession, *statements: str) -> Verification:
    """What the journal says after these statements."""
    for statement in statements:
        await db.execute(text(statement).bindparams(**names_in(statement)))
    return await verify(db)


def names_in(statement: str) -> dict[str, UUID]:
    places = {"here": HERE, "there": THERE, "new": uuid4()}
    return {name: id_ for name, id_ in places.items() if f":{name}" in statement}


async def test_a_journal_left_alone_is_whole(journal: AsyncSession) -> None:
    assert await verify(journal) == Verification(4, 24, 0, 0, ())
    done = await checkpoint(journal)
    assert (done.number, done.lanes, done.lines) == (1, 4, 24)
    await write(journal, HERE, 2)
    await write(journal, uuid4(), 1)
    done = await checkpoint(journal)
    assert (done.number, done.lanes, done.lines) == (2, 5, 27)
    assert await verify(journal) == Verification(5, 27, 2, 0, ())


EDITS = {
    "id": ":new",
    "lane": ":new",
    "number": "number + 100",
    "at": "at + interval '1 microsecond'",
    "actor_kind": "'Agent'",
    "actor_id": ":new",
    "action": "'document:list'",
    "allowed": "NOT allowed",
    "record_id": "NULL",
    "thing_id": ":new",
    "reason": "''",
    "hash": "sha256(hash)",
}


@pytest.mark.parametrize("column", EDITS)
async def test_an_edited_line_is_noticed(journal: AsyncSession, column: str) -> None:
    edit = f"UPDATE trace SET {column} = {EDITS[column]} WHERE lane = :here AND number = 3"
    verdict = await break_in(journal, edit)
    assert not verdict.ok
    assert verdict.broken[0].fault in {Fault.LINE_ALTERED, Fault.LINE_MISSING}


BREAKS = {
    "first line": (Fault.LINE_MISSING, 1, ["DELETE FROM trace WHERE lane = :here AND number = 1"]),
    "middle line": (Fault.LINE_MISSING, 4, ["DELETE FROM trace WHERE lane = :here AND number = 4"]),
    "tail": (Fault.LANE_CUT, 4, ["DELETE FROM trace WHERE lane = :here AND number > 4"]),
    "all lines": (Fault.LANE_CUT, 6, ["DELETE FROM trace WHERE lane = :here"]),
    "head": (Fault.HEAD_MISSING, 6, ["DELETE FROM trace_head WHERE lane = :here"]),
    "tail and head": (
        Fault.HEAD_ALTERED,
        5,
        [
            "DELETE FROM trace WHERE lane = :here AND number = 6",
            """UPDATE trace_head SET number = 5, hash =
               (SELECT hash FROM trace WHERE lane = :here AND number = 5) WHERE lane = :here""",
        ],
    ),
    "line moved": (
        Fault.LINE_ALTERED,
        7,
        ["UPDATE trace SET lane = :here, number = 7 WHERE lane = :there AND number = 6"],
    ),
    "lines swapped": (
        Fault.LINE_ALTERED,
        2,
        [
            "UPDATE trace SET number = 100 WHERE lane = :here AND number = 2",
            "UPDATE trace SET number = 2 WHERE lane = :here AND number = 3",
            "UPDATE trace SET number = 3 WHERE lane = :here AND number = 100",
        ],
    ),
    "line added": (
        Fault.LINE_ALTERED,
        7,
        [
            """INSERT INTO trace SELECT :new, lane, 7, at, actor_kind, actor_id, action, allowed,
               record_id, thing_id, reason, hash FROM trace WHERE lane = :here AND number = 6"""
        ],
    ),
}


@pytest.mark.parametrize("name", BREAKS)
async def test_a_lane_that_was_tampered_with_is_named(journal: AsyncSession, name: str) -> None:
    fault, number, statements = BREAKS[name]
    verdict = await break_in(journal, *statements)
    assert Broken(fault, number, HERE) in verdict.broken


async def test_a_lane_removed_whole_is_noticed(journal: AsyncSession) -> None:
    await checkpoint(journal)
    verdict = await break_in(
        journal, "DELETE FROM trace WHERE lane = :here", "DELETE FROM trace_head WHERE lane = :here"
    )
    assert verdict.broken == (Broken(Fault.LANE_CUT, LINES, HERE),)


async def test_a_lane_put_back_to_an_older_state_is_noticed(journal: AsyncSession) -> None:
    old = await journal.get_one(TraceHead, HERE)
    was = (old.number, old.hash, old.mac)
    await write(journal, HERE, 2)
    await checkpoint(journal)
    head = await journal.get_one(TraceHead, HERE, populate_existing=True)
    head.number, head.hash, head.mac = was
    await journal.flush()
    verdict = await break_in(journal, f"DELETE FROM trace WHERE lane = :here AND number > {LINES}")
    assert verdict.broken == (Broken(Fault.LANE_CUT, LINES + 2, HERE),)
    with pytest.raises(Tampered):
        await checkpoint(journal)


CHECKPOINT_BREAKS = {
    "edited": (Fault.CHECKPOINT_ALTERED, 2, ["UPDATE checkpoint SET lines = 1 WHERE number = 2"]),
    "dated": (Fault.CHECKPOINT_ALTERED, 1, ["UPDATE checkpoint SET at = now() WHERE number = 1"]),
    "removed": (Fault.CHECKPOINT_MISSING, 2, ["DELETE FROM checkpoint WHERE number = 2"]),
    "last removed": (Fault.CHECKPOINT_MISSING, 3, ["DELETE FROM checkpoint WHERE number = 3"]),
    "anchor removed": (
        Fault.CHECKPOINT_ALTERED,
        1,
        ["DELETE FROM anchor WHERE lane = :here AND checkpoint = 1"],
    ),
    "anchor edited": (
        Fault.CHECKPOINT_ALTERED,
        1,
        ["UPDATE anchor SET number = 5 WHERE lane = :here AND checkpoint = 1"],
    ),
}


@pytest.mark.parametrize("name", CHECKPOINT_BREAKS)
async def test_checkpoints_are_chained_too(journal: AsyncSession, name: str) -> None:
    for lane in LANES[:3]:
        await checkpoint(journal)
        await write(journal, lane, 1)
    fault, number, statements = CHECKPOINT_BREAKS[name]
    verdict = await break_in(journal, *statements)
    assert Broken(fault, number) in verdict.broken


async def test_a_checkpoint_anchors_only_the_lanes_that_moved(journal: AsyncSession) -> None:
    await checkpoint(journal)
    await write(journal, HERE, 1)
    await checkpoint(journal)
    moved = await journal.scalars(select(Anchor.lane).where(Anchor.checkpoint == 2))
    assert list(moved) == [HERE]


async def test_whatever_is_tried_at_random_is_noticed(journal: AsyncSession) -> None:
    await checkpoint(journal)
    dice = random.Random(3)
    for _ in range(150):
        attempt = await journal.begin_nested()
        await tamper(journal, dice)
        assert not (await verify(journal)).ok
        await attempt.rollback()
    assert (await verify(journal)).ok


async def tamper(db: AsyncSession, dice: random.Random) -> None:
    """Edit, delete, swap, truncate, or remove a lane."""
    lane, other = dice.sample(LANES, 2)
    number = dice.randint(1, LINES)
    column = dice.choice([name for name in EDITS if name not in {"lane", "id"}])
    edit = EDITS[column].replace(":new", f"'{uuid4()}'")
    statements = {
        "edit": [f"UPDATE trace SET {column} = {edit} WHERE lane = :l AND number = :n"],
        "delete": ["DELETE FROM trace WHERE lane = :l AND number = :n"],
        "swap": [
            "UPDATE trace SET number = 100 WHERE lane = :l AND number = :n",
            "UPDATE trace SET lane = :l WHERE lane = :o AND number = :n",
            "UPDATE trace SET lane = :o, number = :n WHERE lane = :l AND number = 100",
        ],
        "truncate": ["DELETE FROM trace WHERE lane = :l AND number >= :n"],
        "remove": ["DELETE FROM trace WHERE lane = :l", "DELETE FROM trace_head WHERE lane = :l"],
    }
    for statement in statements[dice.choice(list(statements))]:
        values = {"l": lane, "o": other, "n": number}
        used = {name: value for name, value in values.items() if f":{name}" in statement}
        await db.execute(text(statement).bindparams(**used))


@pytest.mark.parametrize("table", GUARDED)
@pytest.mark.parametrize("act", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET hash = hash"])
async def test_the_database_itself_refuses(db: AsyncSession, table: str, act: str) -> None:
    if table == "trace_head" and act.startswith("UPDATE"):
        await db.execute(text(act.format(table)))  # a head moves with its lane
        return
    with pytest.raises(DBAPIError, match="append-only"):
        await db.execute(text(act.format(table)))


async def test_faults_beyond_the_first_hundred_are_only_counted() -> None:
    tally = Tally()
    for number in range(3 * TOLD):
        tally.add(Fault.LINE_ALTERED, number)
    verdict = tally.verification()
    assert (verdict.ok, verdict.faults, len(verdict.broken)) == (False, 3 * TOLD, TOLD)


async def test_a_journal_under_another_key_is_not_ours(journal: AsyncSession) -> None:
    journal.info["vault"] = Vault(bytes(32))
    verdict = await verify(journal)
    assert verdict.faults == len(LANES)
    assert await journal.scalar(select(func.count()).select_from(TraceHead)) == len(LANES)
