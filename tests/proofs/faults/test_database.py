"""The database is down, mute, slow, held: an honest answer soon, and nothing half done."""

import asyncio
from collections.abc import Mapping
from time import monotonic

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from backend.demo.reports import DemoDeposit, write_message
from backend.storage.db import AsyncSession, make_engine
from backend.web import shedding
from backend.web.transaction import attempt
from tests.pages import text_of
from tests.proofs.conftest import Figure
from tests.proofs.faults.conftest import House

Reports = Mapping[str, DemoDeposit]
PATIENCE = 40
"""Seconds after which something hangs."""
MESSAGE = "laura-premier-bilan-v1"


async def show_that_it_is_down(house: House, message: bytes, figure: Figure, what: str) -> None:
    """503 and when to come back for both kinds; alive but not ready; and no receipt."""
    began = monotonic()
    async with asyncio.timeout(PATIENCE):
        page = await house.laura.get("/documents")
        ack = await house.laboratory.send(message)
        ready, live = [await house.client.get(path) for path in ("/readyz", "/healthz")]
    figure(f"database {what}: four answers in seconds", f"{monotonic() - began:.1f}")
    assert page.status_code == 503
    assert int(page.headers["retry-after"]) > 0
    assert "ne répond pas" in text_of(page)
    assert "MSA|AR" in ack
    assert (ready.status_code, live.status_code) == (503, 200)
    assert ready.json() == {"status": "database unavailable"}


async def show_that_it_works(house: House, message: bytes) -> None:
    """Without a restart; the message that was put off is taken now."""
    assert "MSA|AA" in await house.laboratory.send(message)
    assert (await house.laura.get("/documents")).status_code == 200
    assert (await house.client.get("/readyz")).status_code == 200
    assert await house.receipts() == 1


async def test_stopped(house: House, reports: Reports, figure: Figure) -> None:
    message = write_message(reports[MESSAGE])
    house.database.cut()
    await show_that_it_is_down(house, message, figure, "stopped")
    house.database.up = True
    await show_that_it_works(house, message)


async def test_mute(house: House, reports: Reports, figure: Figure) -> None:
    """It accepts and never answers: the worst kind."""
    message = write_message(reports[MESSAGE])
    house.database.mute()
    await show_that_it_is_down(house, message, figure, "mute")
    house.database.cut()
    house.database.speak()
    house.database.up = True
    await show_that_it_works(house, message)


async def test_without_limits_a_mute_one_would_hold_its_readers(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same question, the limits taken away."""
    monkeypatch.setattr(shedding, "LONGEST", 3600.0)
    house.database.mute()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(12):
            await house.laura.get("/documents")


async def test_slow(house: House, reports: Reports) -> None:
    """Every exchange takes 20 ms more: slower, and right."""
    house.database.delay = 0.02
    await show_that_it_works(house, write_message(reports[MESSAGE]))


async def test_every_connection_taken(house: House, figure: Figure) -> None:
    began = monotonic()
    engine = house.app.state.engine
    held = [await engine.connect() for _ in range(engine.pool.size())]
    page = await house.laura.get("/documents")
    figure("no connection left: an answer in seconds", f"{monotonic() - began:.1f}")
    for connection in held:
        await connection.close()
    assert page.status_code == 503
    assert (await house.laura.get("/documents")).status_code == 200


async def test_a_row_that_somebody_holds(house: House, reports: Reports) -> None:
    """The journal of this record is locked by another: the deposit gives up, and comes back."""
    first, second = (
        write_message(reports[f"laura-{name}-v1"]) for name in ("premier-bilan", "ecbu")
    )
    assert "MSA|AA" in await house.laboratory.send(first)
    async with house.app.state.engine.begin() as connection:
        await connection.execute(text("SELECT 1 FROM trace_head FOR UPDATE"))
        async with asyncio.timeout(PATIENCE):
            assert "MSA|AR" in await house.laboratory.send(second)
    assert await house.receipts() == 1
    assert "MSA|AA" in await house.laboratory.send(second)


async def test_two_that_wait_for_each_other(house: House) -> None:
    """The server stops one of them; it goes again, and both are done."""
    async with house.app.state.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE pair (id int PRIMARY KEY, turns int)"))
        await connection.execute(text("INSERT INTO pair VALUES (1, 0), (2, 0)"))
    tries = 0

    async def cross(one: int, other: int) -> None:
        async def work(db: AsyncSession) -> None:
            nonlocal tries
            tries += 1
            for number in (one, other):
                await db.execute(text(f"UPDATE pair SET turns = turns + 1 WHERE id = {number}"))
                await asyncio.sleep(0.3)

        await attempt(house.app.state.sessions, work)

    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(cross(1, 2), cross(2, 1))
    async with house.app.state.engine.connect() as connection:
        turns = (await connection.execute(text("SELECT turns FROM pair"))).scalars().all()
    assert turns == [2, 2]
    assert tries == 3


async def test_the_limits_are_in_force_on_the_server(house: House, world_url: str) -> None:
    """And backups, which take their time, have none."""
    async with house.app.state.engine.connect() as connection:
        with pytest.raises(OperationalError, match="statement timeout"):
            await connection.execute(text("SELECT pg_sleep(20)"))
    patient = make_engine(world_url)
    async with patient.connect() as connection:
        assert await connection.scalar(text("SHOW statement_timeout")) == "0"
    await patient.dispose()
