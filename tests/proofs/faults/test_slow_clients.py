"""Clients that never finish what they began: they are left, and nobody else waits for them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from time import monotonic
from typing import Any

import httpx
import pytest
import uvicorn
from litestar import Litestar

from backend.app import create_app
from backend.cli import heads
from backend.cli.heads import PromptHeads
from backend.settings import Settings
from backend.web import arriving
from backend.web.arriving import Arriving
from tests.fixtures.application import running
from tests.proofs.conftest import Figure, Scale
from tests.proofs.faults.server import BEARER, SECONDS, Server, serving

HEAD = b"GET /connexion HTTP/1.1\r\nhost: localhost\r\n"
FORM = (
    b"POST /connexion HTTP/1.1\r\nhost: localhost\r\ncontent-length: 900\r\n"
    b"content-type: application/x-www-form-urlencoded\r\n\r\n"
)
TOKEN = FORM.replace(b"/connexion", b"/oauth/token")
KINDS = {"nothing": b"", "a head": HEAD, "a form": FORM, "a machine's form": TOKEN}
DRIP = 0.5
"""Seconds between two bytes of theirs."""
LANES = 40
"""More than a process has for machines."""


@asynccontextmanager
async def dripping(port: int, beginning: bytes, number: int) -> AsyncIterator[list[float]]:
    """So many clients that send `beginning`, then a byte now and then; how long each was kept."""
    kept: list[float] = []

    async def drip() -> None:
        began = monotonic()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(beginning)
            gone = asyncio.create_task(reader.read())
            while not (await asyncio.wait({gone}, timeout=DRIP))[0]:
                writer.write(b"x" if beginning else b"")
            gone.result()
        except ConnectionError:
            pass
        finally:
            kept.append(monotonic() - began)
            writer.close()

    tasks = [asyncio.create_task(drip()) for _ in range(number)]
    await asyncio.sleep(1)
    try:
        yield kept
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def ask_for_a_token(web: httpx.AsyncClient) -> int:
    form = {"grant_type": "client_credentials"}
    secret = (BEARER.client_id, BEARER.client_secret)
    return (await web.post("/oauth/token", data=form, auth=secret)).status_code


async def ask_everything(server: Server) -> None:
    """What people and laboratories ask meanwhile is answered as usual."""
    async with httpx.AsyncClient(base_url=server.url, timeout=SECONDS) as web:
        for path in ("/healthz", "/readyz", "/connexion"):
            assert (await web.get(path)).status_code == 200
        lists = await web.get("/documents", headers={"cookie": server.cookie})
        assert lists.status_code == 200
        assert await ask_for_a_token(web) == 200


async def test_they_are_left_and_others_do_not_wait(
    inhabited: Settings, scale: Scale, figure: Figure
) -> None:
    number = scale.of(150, 450)
    async with serving(inhabited) as server, AsyncExitStack() as stack:
        kept = {
            what: await stack.enter_async_context(dripping(server.port, beginning, number))
            for what, beginning in KINDS.items()
        }
        async with asyncio.timeout(SECONDS):
            await ask_everything(server)
            while any(len(times) < number for times in kept.values()):  # noqa: ASYNC110 - lists
                await asyncio.sleep(DRIP)
            await ask_everything(server)
    for what, times in kept.items():
        figure(f"{number} clients that send {what}: seconds until left", f"{max(times):.0f}")


@asynccontextmanager
async def served(app: Litestar, http: Any) -> AsyncIterator[int]:
    """The port of this application, behind this reader of requests."""
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, lifespan="off", log_config=None, access_log=False, http=http)
    )
    async with running(app):
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
            assert not task.done(), "the server did not start"
        yield server.servers[0].sockets[0].getsockname()[1]
        server.should_exit = True
        await asyncio.wait_for(task, SECONDS)


async def holds_machines_back(settings: Settings) -> bool:
    """Slow strangers at the token's door: must a laboratory wait for them?"""
    async with (
        served(create_app(settings), PromptHeads) as port,
        dripping(port, TOKEN, LANES),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as web,
    ):
        try:
            async with asyncio.timeout(6):
                return await ask_for_a_token(web) != 200
        except TimeoutError:
            return True


async def test_slow_bodies_take_no_lane(settings: Settings) -> None:
    assert not await holds_machines_back(settings)


async def test_a_service_that_gave_them_lanes_would_be_held(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: bodies are read where they are used."""

    async def at_once(
        _self: Arriving, scope: Any, receive: Any, send: Any, app: Callable[..., Awaitable[None]]
    ) -> None:
        await app(scope, receive, send)

    monkeypatch.setattr(Arriving, "handle", at_once)
    assert await holds_machines_back(settings)


@pytest.mark.parametrize(("http", "kept"), [(PromptHeads, 0), ("httptools", 10)])
async def test_without_a_limit_heads_would_be_waited_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, http: Any, kept: int
) -> None:
    """The server alone keeps them as long as they like; a body has its own limit."""
    monkeypatch.setattr(heads, "SECONDS", 1.0)
    monkeypatch.setattr(arriving, "SECONDS", 1.0)
    async with (
        served(create_app(settings), http) as port,
        dripping(port, b"", 10) as silent,
        dripping(port, HEAD, 10) as half_heads,
        dripping(port, FORM, 10) as half_forms,
    ):
        await asyncio.sleep(2)
        assert [10 - len(left) for left in (silent, half_heads, half_forms)] == [kept, kept, 0]


async def test_one_connection_too_many_is_told_to_come_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "MOST", 5)
    async with served(create_app(settings), PromptHeads) as port:
        async with dripping(port, b"", 5):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            async with asyncio.timeout(SECONDS):
                answer = await reader.read()
            writer.close()
            assert b" 503 " in answer.splitlines()[0]
            assert b"retry-after: " in answer
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as web:
            assert (await web.get("/healthz")).status_code == 200
