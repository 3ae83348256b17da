"""Clients that never finish what they began: they are left, and nobody else waits for them."""

import asyncio
from contextlib import asynccontextmanager
from collections.abc import AsyncIterator
from time import monotonic

import httpx
import pytest

from backend.settings import Settings
from tests.proofs.conftest import Figure, Scale
from tests.proofs.faults.server import SECONDS, Server, serving

HEAD = b"GET /connexion HTTP/1.1\r\nhost: localhost\r\n"
FORM = (
    b"POST /connexion HTTP/1.1\r\nhost: localhost\r\ncontent-length: 900\r\n"
    b"content-type: application/x-www-form-urlencoded\r\n\r\n"
)
TOKEN = FORM.replace(b"/connexion", b"/oauth/token")
DRIP = 0.5
"""Seconds between two bytes of theirs."""


@asynccontextmanager
async def dripping(server: Server, beginning: bytes, number: int) -> AsyncIterator[list[float]]:
    """So many clients that send `beginning`, then a byte now and then; how long each was kept."""
    kept: list[float] = []

    async def drip() -> None:
        began = monotonic()
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        try:
            writer.write(beginning)
            gone = asyncio.create_task(reader.read())
            while not (await asyncio.wait({gone}, timeout=DRIP))[0]:
                writer.write(b"x")
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


@pytest.mark.parametrize(
    ("what", "beginning"),
    [("nothing", b""), ("a head", HEAD), ("a form", FORM), ("a token", TOKEN)],
)
async def test_they_are_left(
    inhabited: Settings, scale: Scale, figure: Figure, what: str, beginning: bytes
) -> None:
    number = scale.of(300, 1500)
    async with (
        serving(inhabited) as server,
        httpx.AsyncClient(base_url=server.url, timeout=SECONDS) as web,
        dripping(server, beginning, number) as kept,
    ):
        answers = []
        for _ in range(5):
            for path in ("/healthz", "/connexion"):
                answers.append((await web.get(path)).status_code)
            answers.append(
                (await web.get("/documents", headers={"cookie": server.cookie})).status_code
            )
            answers.append((await web.post("/oauth/token", data={"grant_type": "x"})).status_code)
        began = monotonic()
        async with asyncio.timeout(SECONDS):
            while len(kept) < number:
                await asyncio.sleep(0.1)
        figure(f"{what}: the slowest of {number} was left after, in seconds", f"{max(kept):.0f}")
        print(answers)
