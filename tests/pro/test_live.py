"""« Suivi des envois » that stays open: told of what is theirs, while they are who they were."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import pytest
import uvicorn
from litestar import Litestar
from sqlalchemy import text

from backend.cli.serving import STOP_SECONDS, config_of
from backend.demo.mssante import Network
from backend.demo.reports import DemoDeposit
from backend.settings import Settings
from backend.web.live import EACH
from tests.pages import text_of
from tests.ports import quiet_port
from tests.pro.psc import Desk
from tests.pro.streams import LIVE, Stream, streams
from tests.pro.test_dispatches import deposit

Reports = Mapping[str, DemoDeposit]
ASKED = "/pro/envois/nouveautes"
LISTENING = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN reperes_pages%'"


@pytest.fixture
async def network(office: Litestar) -> Network:
    """Nothing was sent yet."""
    async with office.state.engine.begin() as connection:
        for table in ("dispatch_event", "dispatch"):
            await connection.execute(text(f"DELETE FROM {table}"))
    found: Network = office.state.near.network
    found.boxes, found.behaviours, found.taken = {}, {}, []
    return found


async def at_work(app: Litestar, who: str = "morel") -> Desk:
    desk = Desk(app)
    await desk.works(who)
    return desk


async def run(app: Litestar, statement: str, **values: object) -> Any:
    async with app.state.engine.begin() as connection:
        found = await connection.execute(text(statement), values)
        return found.scalar() if found.returns_rows else None


async def test_a_commit_elsewhere_is_told_to_its_laboratory_and_to_no_other(
    office: Litestar, network: Network, reports: Reports
) -> None:
    morel, guillou = await at_work(office), await at_work(office, "guillou")
    async with streams(office, morel, guillou) as (here, there):
        path = await deposit(office, reports)
        told = ""
        while "Lu<" not in told:
            told = await here.hears()
            assert path.rpartition("/")[2] in told
        assert "Laura Bernard" in told
        assert 'data-count="lus">1<' in told
        assert "csrf" not in told
        assert "id: 1" in told
        head = told[: told.index("data:")]
        assert "Laura" not in head
        with pytest.raises(TimeoutError):
            await there.hears(seconds=0.5)
        assert office.state.engine.pool.checkedout() == 0
        # What was missed meanwhile is told to who comes back, by either way.
        since = int(time.time() * 1000) - 1000
        async with streams(office, morel, since=since) as (back,):
            assert "Laura Bernard" in await back.hears()
    for since in (0, -1, 10**30):
        asked = await morel.client.get(f"{ASKED}?depuis={since}")
        assert (asked.status_code, "Laura Bernard" in text_of(asked)) == (200, True)
    assert (await guillou.client.get(f"{ASKED}?depuis=0")).status_code == 204


async def test_one_connection_listens_for_all_and_none_when_nobody_looks(
    office: Litestar, network: Network
) -> None:
    morel, diallo = await at_work(office), await at_work(office, "diallo")
    async with streams(office, morel, morel, diallo):
        assert await run(office, LISTENING) == 1
    async with asyncio.timeout(20):
        while await run(office, LISTENING):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    "ending",
    [
        "DELETE FROM pro_session",
        "UPDATE pro_session SET structure_id = NULL",
        "UPDATE membership SET ended_at = now()",
    ],
    ids=["closed", "elsewhere", "detached"],
)
async def test_it_ends_at_once_with_what_allowed_it(
    office: Litestar, network: Network, ending: str
) -> None:
    morel = await at_work(office)
    async with streams(office, morel) as (stream,):
        await run(office, ending)
        assert "event: over" in await stream.hears(seconds=10)
        await stream.ends()


async def test_an_open_page_does_not_keep_a_session_alive(
    office: Litestar, network: Network, reports: Reports
) -> None:
    morel = await at_work(office)
    await run(office, "UPDATE pro_session SET seen_at = now() - interval '20 minutes'")
    before = await run(office, "SELECT seen_at FROM pro_session")
    async with streams(office, morel) as (stream,):
        await morel.client.get(ASKED)
        assert await run(office, "SELECT seen_at FROM pro_session") == before
        await run(office, "UPDATE pro_session SET seen_at = now() - interval '31 minutes'")
        await deposit(office, reports)
        assert "event: over" in await stream.hears()
    answer = await morel.client.get(LIVE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/pro")


async def test_who_does_not_send_is_told_nothing_and_a_session_has_so_many(
    office: Litestar, network: Network
) -> None:
    caradec, morel = await at_work(office, "caradec"), await at_work(office)
    for path in (LIVE, ASKED):
        assert (await caradec.client.get(path)).status_code == 403
    async with streams(office, *[morel] * EACH):
        refused = await Stream(office, morel, 0).opens()
        await refused.leaves()
        assert refused.status == 503
        assert (await morel.get("/pro/envois")).status_code == 200
    async with streams(office, morel) as (stream,):
        assert stream.status == 200


async def test_a_server_that_stops_does_not_wait_for_open_pages(
    office: Litestar, network: Network, settings: Settings
) -> None:
    morel, port = await at_work(office), quiet_port()
    config = config_of(settings, office, lifespan="off")
    config.port = port
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    cookies = "; ".join(f"{one.name}={one.value}" for one in morel.client.cookies.jar)
    head = f"GET {LIVE} HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nCookie: {cookies}\r\n\r\n"
    writer.write(head.encode())
    assert b"text/event-stream" in await reader.readuntil(b"retry:")
    await reader.readuntil(b": \r\n\r\n")
    began, server.should_exit = time.monotonic(), True
    assert (await reader.read()).endswith(b"0\r\n\r\n"), "the answer is whole"
    writer.close()
    await serving
    assert time.monotonic() - began < STOP_SECONDS / 2


async def test_what_a_browser_remembers_may_be_anything(office: Litestar, network: Network) -> None:
    morel = await at_work(office)
    for said in ("9" * 5_000, "-1", "hier"):
        stream = await Stream(office, morel, 0, last=said).opens()
        await stream.leaves()
        assert stream.status == 200, said[:9]


async def test_pages_opened_together_are_counted_too(office: Litestar, network: Network) -> None:
    morel = await at_work(office)
    burst = [Stream(office, morel, 0) for _ in range(4 * EACH)]
    watchers, most = office.state.watchers, 0
    for _ in range(100):
        await asyncio.sleep(0.02)
        most = max([most, *watchers._each.values()])
    for one in burst:
        await one.leaves()
    assert most == EACH
