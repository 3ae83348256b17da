"""What is promised is done: once, later if it must be, and visibly when it cannot be."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from backend.domain.errors import Refused
from backend.domain.jobs import DrawPages, Job, SendDispatch
from backend.jobs import worker
from backend.jobs.worker import HORIZON, Cancelled, Handler, do_one, work
from backend.services.dispatches.promising import key_of_job
from backend.storage.db import AsyncSession, Sessions, make_engine, make_sessions, utcnow
from backend.storage.dispatches import Dispatch
from backend.storage.outbox import OutboxRow, OutboxState, enqueue
from backend.storage.vault import Vault

JOB = DrawPages(version_id=uuid4())
SECONDS = 20


@pytest.fixture
async def sessions(clean_database_url: str, vault: Vault) -> AsyncIterator[Sessions]:
    engine = make_engine(clean_database_url)
    yield make_sessions(engine, vault)
    await engine.dispose()


async def promise(sessions: Sessions, *keys: str) -> None:
    async with sessions.begin() as db:
        for key in keys:
            await enqueue(db, JOB, key=key)


async def rows(sessions: Sessions) -> list[OutboxRow]:
    async with sessions() as db:
        return list(await db.scalars(select(OutboxRow).order_by(OutboxRow.dedupe_key)))


def doing(done: list[str], error: Exception | None = None) -> dict[type[Job], Handler]:
    """Handlers that note what they did, or fail."""

    async def handle(_db: AsyncSession, _job: Job, key: str) -> None:
        if error:
            raise error
        done.append(key)

    return {DrawPages: handle}


async def test_a_promise_exists_if_and_only_if_the_change_does(sessions: Sessions) -> None:
    async with sessions() as db:
        await enqueue(db, JOB, key="never")
        await db.rollback()
    done: list[str] = []
    assert await do_one(sessions, doing(done)) is False
    await promise(sessions, "kept")
    assert await do_one(sessions, doing(done)) is True
    assert done == ["kept"]


async def test_the_same_promise_twice_is_one(sessions: Sessions) -> None:
    await promise(sessions, "letter/1", "letter/1")
    assert len(await rows(sessions)) == 1


async def test_a_failed_job_is_kept_for_later_and_waits_longer_each_time(
    sessions: Sessions,
) -> None:
    await promise(sessions, "letter")
    waits = []
    for _ in range(3):
        assert await do_one(sessions, doing([], TimeoutError()))
        (row,) = await rows(sessions)
        assert (row.state, row.error) == (OutboxState.DUE, "TimeoutError")
        waits.append(row.due_at - utcnow())
        assert await do_one(sessions, doing([])) is False
        await hurry(sessions)
    assert waits[0] < waits[1] < waits[2]


async def hurry(sessions: Sessions, **changes: object) -> None:
    """Time passes."""
    async with sessions.begin() as db:
        for row in await db.scalars(select(OutboxRow)):
            row.due_at = utcnow() - timedelta(seconds=1)
            for name, value in changes.items():
                setattr(row, name, value)


async def test_a_worker_that_dies_leaves_its_job_to_another(sessions: Sessions) -> None:
    await promise(sessions, "letter")

    class Killed(BaseException):
        """What no worker catches."""

    async def killed(_db: AsyncSession, _job: Job, _key: str) -> None:
        raise Killed

    with pytest.raises(Killed):
        await do_one(sessions, {DrawPages: killed})
    done: list[str] = []
    assert await do_one(sessions, doing(done)) is False, "the lease still runs"
    await hurry(sessions)
    assert await do_one(sessions, doing(done)) is True
    assert done == ["letter"]


async def test_what_cannot_be_done_for_two_days_is_given_up_visibly(sessions: Sessions) -> None:
    await promise(sessions, "letter")
    await hurry(sessions, created_at=utcnow() - HORIZON - timedelta(minutes=1))
    await do_one(sessions, doing([], TimeoutError()))
    (row,) = await rows(sessions)
    assert row.state is OutboxState.FAILED


@pytest.mark.parametrize(
    ("error", "state"),
    [(Refused("non"), OutboxState.FAILED), (Cancelled(), OutboxState.CANCELLED)],
)
async def test_a_final_no_is_final(
    sessions: Sessions, error: Exception, state: OutboxState
) -> None:
    await promise(sessions, "letter")
    await do_one(sessions, doing([], error))
    (row,) = await rows(sessions)
    assert (row.state, row.attempts) == (state, 1)
    await hurry(sessions)
    assert await do_one(sessions, doing([])) is False


async def test_a_promise_that_nobody_understands_does_not_stop_the_others(
    sessions: Sessions,
) -> None:
    await promise(sessions, "a", "b")
    async with sessions.begin() as db:
        row = (await db.scalars(select(OutboxRow).where(OutboxRow.dedupe_key == "a"))).one()
        row.job = b'{"type":"from-the-future"}'
    done: list[str] = []
    assert await do_one(sessions, doing(done))
    assert await do_one(sessions, doing(done))
    assert done == ["b"]


async def test_three_workers_do_each_job_once(clean_database_url: str, vault: Vault) -> None:
    engine = make_engine(clean_database_url)
    sessions, stop = make_sessions(engine, vault), asyncio.Event()
    keys = [f"job/{number}" for number in range(300)]
    await promise(sessions, *keys)
    noted: list[str] = []
    workers = [
        asyncio.create_task(work(sessions, engine, doing(noted), stop, lanes=2)) for _ in range(3)
    ]
    await until(lambda: len(noted) >= len(keys))
    stop.set()
    await asyncio.wait(workers, timeout=SECONDS)
    assert all(worker.done() for worker in workers)
    assert sorted(noted) == sorted(keys)
    assert {(row.state, row.attempts) for row in await rows(sessions)} == {(OutboxState.DONE, 1)}
    await engine.dispose()


@pytest.fixture
def nothing_but_notices_wakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """An idle worker looks by itself once a day only."""
    monkeypatch.setattr(worker, "IDLE", 24 * 3600.0)


@pytest.mark.usefixtures("nothing_but_notices_wakes")
async def test_a_commit_wakes_an_idle_worker(clean_database_url: str, vault: Vault) -> None:
    async with working(clean_database_url, vault) as (sessions, noted):
        async with sessions.begin() as db:
            await enqueue(db, JOB, key="woken")
            await asyncio.sleep(0.2)
            assert noted == [], "nothing is done before the commit"
        await until(lambda: noted == ["woken"])


@pytest.mark.usefixtures("nothing_but_notices_wakes")
async def test_what_is_promised_while_a_worker_finds_nothing_is_not_left_waiting(
    clean_database_url: str, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_vain = asyncio.Event()

    async def look_slowly(
        sessions: Sessions, handlers: Mapping[type[Job], Handler], *, slow: bool
    ) -> bool:
        found = await do_one(sessions, handlers, slow=slow)
        if not found and not slow and not in_vain.is_set():
            in_vain.set()
            await promise(sessions, "in between")
            await asyncio.sleep(0.5)  # the notice is there before this look is over
        return found

    async with working(clean_database_url, vault) as (sessions, noted):
        monkeypatch.setattr(worker, "do_one", look_slowly)
        await promise(sessions, "first")
        await until(lambda: noted == ["first", "in between"])
    assert in_vain.is_set()


@pytest.mark.usefixtures("nothing_but_notices_wakes")
async def test_an_operator_of_mssante_that_is_silent_holds_nothing_else(
    clean_database_url: str, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "STOP_SECONDS", 0.2)
    hanging: list[str] = []

    async def hang(_db: AsyncSession, _job: Job, key: str) -> None:
        hanging.append(key)
        await asyncio.Event().wait()

    async with working(clean_database_url, vault, {SendDispatch: hang}) as (sessions, noted):
        async with sessions.begin() as db:
            for mail in (Dispatch(id=uuid4(), round=1) for _ in range(60)):
                job = SendDispatch(dispatch_id=mail.id, round=mail.round)
                await enqueue(db, job, key=key_of_job(mail))
        await until(lambda: len(hanging) == 1)
        await promise(sessions, "code/1")
        await until(lambda: noted == ["code/1"])
        assert len(hanging) == 1


async def test_whoever_works_alone_takes_both(sessions: Sessions) -> None:
    done: list[str] = []
    await promise(sessions, "dispatch/1", "code/1")
    while await do_one(sessions, doing(done)):
        pass
    assert sorted(done) == ["code/1", "dispatch/1"]
    await promise(sessions, "dispatch/2", "code/2", "dispatches/3")
    while await do_one(sessions, doing(done), slow=True):
        pass
    assert done[2:] == ["dispatch/2"]


async def test_a_worker_that_is_stopped_finishes_what_it_began(
    clean_database_url: str, vault: Vault
) -> None:
    begun, end = asyncio.Event(), asyncio.Event()

    async def slow(_db: AsyncSession, _job: Job, _key: str) -> None:
        begun.set()
        await end.wait()

    engine = make_engine(clean_database_url)
    sessions, stop = make_sessions(engine, vault), asyncio.Event()
    await promise(sessions, "begun")
    task = asyncio.create_task(work(sessions, engine, {DrawPages: slow}, stop))
    await begun.wait()
    stop.set()
    await promise(sessions, "too late")
    end.set()
    await asyncio.wait({task}, timeout=SECONDS)
    assert task.done()
    assert [(row.dedupe_key, row.state) for row in await rows(sessions)] == [
        ("begun", OutboxState.DONE),
        ("too late", OutboxState.DUE),
    ]
    await engine.dispose()


async def test_what_a_stopped_worker_cannot_finish_is_due_at_once(
    clean_database_url: str, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "STOP_SECONDS", 0.2)
    begun = asyncio.Event()

    async def endless(_db: AsyncSession, _job: Job, _key: str) -> None:
        begun.set()
        await asyncio.Event().wait()

    engine = make_engine(clean_database_url)
    sessions, stop = make_sessions(engine, vault), asyncio.Event()
    await promise(sessions, "begun")
    task = asyncio.create_task(work(sessions, engine, {DrawPages: endless}, stop))
    await begun.wait()
    stop.set()
    await asyncio.wait({task}, timeout=SECONDS)
    assert task.done()
    done: list[str] = []
    assert await do_one(sessions, doing(done)) is True, "its lease was given back"
    assert done == ["begun"]
    await engine.dispose()


@asynccontextmanager
async def working(
    url: str, vault: Vault, others: Mapping[type[Job], Handler] | None = None
) -> AsyncIterator[tuple[Sessions, list[str]]]:
    """One worker that listens, and what it has done."""
    engine = make_engine(url)
    sessions, stop, noted = make_sessions(engine, vault), asyncio.Event(), list[str]()
    handlers = {**doing(noted), **(others or {})}
    task = asyncio.create_task(work(sessions, engine, handlers, stop, lanes=1))
    try:
        async with asyncio.timeout(SECONDS):
            while not await listening(sessions):  # noqa: ASYNC110 - another process's state
                await asyncio.sleep(0.02)
        yield sessions, noted
    finally:
        stop.set()
        await asyncio.wait({task}, timeout=SECONDS)
        await engine.dispose()
    assert task.done()


async def listening(sessions: Sessions) -> bool:
    """Is somebody waiting for notices in this database?

    Asked in a transaction of its own each time: inside one, PostgreSQL gives the
    activity that it showed first, for ever.
    """
    async with sessions() as db:
        return bool(
            await db.scalar(
                text(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE query ~ '^LISTEN' AND datname = current_database()"
                )
            )
        )


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not true():  # noqa: ASYNC110 - any condition, whoever makes it true
            await asyncio.sleep(0.02)
