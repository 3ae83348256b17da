"""What a day brings: done once it has come, once only, whatever else fails."""

import asyncio

import pytest
from litestar import Litestar
from sqlalchemy import text

from backend.demo.people import LAURA, YANN
from backend.domain.calendar import civil_day
from backend.jobs import calendar
from backend.services import closure
from backend.storage.db import AsyncSession, Sessions, is_alone, utcnow
from tests.days import TODAY
from tests.patient.changing import change, record_of, run
from tests.services.test_closure import close


async def test_six_weeks_later_a_space_is_open_but_not_a_day_before(app: Litestar) -> None:
    record, today = await record_of(app, YANN), civil_day(utcnow())
    await run(app, f"UPDATE record SET opens_on = {TODAY} + 1 WHERE id = :id", id=record.id)
    await calendar.go_round(app.state.sessions)
    assert (await record_of(app, YANN)).state == "informe"
    await change(app, record, opens_on=today)
    await calendar.go_round(app.state.sessions)
    assert (await record_of(app, YANN)).state == "ouvert"


async def test_on_its_day_a_closed_space_is_erased_by_the_worker(app: Litestar) -> None:
    await close(app, LAURA, erase=True)
    record = await record_of(app, LAURA)
    await change(app, record, erase_on=civil_day(utcnow()))
    await calendar.go_round(app.state.sessions)
    query = text("SELECT state FROM record WHERE id = :id")
    for _ in range(100):
        async with app.state.engine.connect() as connection:
            if await connection.scalar(query, {"id": record.id}) == "efface":
                return
        await asyncio.sleep(0.05)
    raise AssertionError("it was not erased")


async def test_what_cannot_be_erased_is_promised_once_and_seen(app: Litestar) -> None:
    await close(app, LAURA, erase=True)
    record = await record_of(app, LAURA)
    await change(app, record, erase_on=civil_day(utcnow()))
    async with app.state.sessions.begin() as db:
        assert await closure.promise_erasures(db) == 1
        assert await closure.promise_erasures(db) == 0, "a round ends, whatever becomes of it"


async def test_two_workers_do_it_once(app: Litestar) -> None:
    done = list[int]()

    async def sweep(_: AsyncSession) -> int:
        if done:
            return 0
        await asyncio.sleep(0.2)
        done.append(1)
        return 1

    both = (calendar.go_round(app.state.sessions, {"slow": sweep}) for _ in range(2))
    await asyncio.gather(*both)
    assert done == [1]


async def test_one_that_fails_stops_no_other(
    app: Litestar, capsys: pytest.CaptureFixture[str]
) -> None:
    done = list[int]()

    async def fail(_: AsyncSession) -> int:
        raise ValueError

    async def sweep(_: AsyncSession) -> int:
        done.append(1)
        return 0

    await calendar.go_round(app.state.sessions, {"wrong": fail, "right": sweep})
    assert done == [1]
    assert "sweep_failed" in capsys.readouterr().out


async def test_it_stops_when_told(app: Litestar) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(calendar.keep(app.state.sessions, stop))
    stop.set()
    async with asyncio.timeout(5):
        await task


async def test_a_name_is_free_again_after_the_commit(app: Litestar) -> None:
    sessions: Sessions = app.state.sessions
    async with sessions.begin() as one, sessions.begin() as other:
        assert await is_alone(one, "sweep/a")
        assert not await is_alone(other, "sweep/a")
        assert await is_alone(other, "sweep/b")
    async with sessions.begin() as db:
        assert await is_alone(db, "sweep/a")
