"""A body is awaited so long, and then no more."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar, Request, post

from backend.web import arriving
from backend.web.arriving import WHOLE, Arriving


@post("/", status_code=200)
async def count(request: Request[Any, Any, Any]) -> int:
    """How many bytes came."""
    return len(await request.body())


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    app = Litestar([count], middleware=[Arriving()], openapi_config=None, logging_config=None)
    async with AsyncClient(
        transport=ASGITransport(cast(Any, app)), base_url="http://test"
    ) as client:
        yield client


@pytest.mark.parametrize("size", [0, 1, WHOLE - 1, WHOLE, WHOLE + 1, 3 * WHOLE])
async def test_what_comes_is_given_whole(client: AsyncClient, size: int) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, size, 50_000):
            yield bytes(min(50_000, size - at))

    assert (await client.post("/", content=pieces())).json() == size


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving, "SECONDS", 0.1)


@pytest.mark.usefixtures("hurry")
async def test_what_does_not_come_is_not_awaited(client: AsyncClient) -> None:
    async def never() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.sleep(60)

    async with asyncio.timeout(10):
        assert (await client.post("/", content=never())).status_code == 408
