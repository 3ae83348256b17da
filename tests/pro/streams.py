"""A page that stays open, over ASGI: what it is told, as it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from litestar import Litestar

from tests.pro.psc import Desk

SECONDS = 20
FIRST = 2
"""When to come back after an interruption, and what was found at first."""
LIVE = "/pro/envois/direct"


class Stream:
    """One request that is still being answered."""

    def __init__(self, app: Litestar, desk: Desk, since: int, *, last: str = "") -> None:
        """`last` is the event that the browser says it has."""
        cookies = "; ".join(f"{one.name}={one.value}" for one in desk.client.cookies.jar)
        self.scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": LIVE,
            "raw_path": LIVE.encode(),
            "root_path": "",
            "query_string": f"depuis={since}".encode(),
            "headers": [
                (b"host", b"127.0.0.1:8000"),
                (b"cookie", cookies.encode()),
                (b"last-event-id", last.encode()),
            ],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8000),
            "state": {},
        }
        self.status = self._heard = 0
        self._said: asyncio.Queue[str] = asyncio.Queue()
        self._left = asyncio.Event()
        self._asked = False
        self.task = asyncio.create_task(cast(Any, app)(self.scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        if body := message["body"]:
            self._heard += 1
            await self._said.put(body.decode())
        if not message.get("more_body"):
            self._left.set()  # as a server does once an answer is whole

    async def hears(self, *, seconds: float = SECONDS) -> str:
        """The next event that is more than a heartbeat."""
        async with asyncio.timeout(seconds):
            while True:
                said = await self._said.get()
                if "data:" in said:
                    return said

    async def opens(self) -> "Stream":
        """Once it has looked for the first time; or answered something else."""
        async with asyncio.timeout(SECONDS):
            while self._heard < FIRST and self.status in {0, 200}:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return self

    async def ends(self) -> None:
        """By itself."""
        async with asyncio.timeout(SECONDS):
            await self.task

    async def leaves(self) -> None:
        """The browser goes away."""
        self._left.set()
        await self.ends()


@asynccontextmanager
async def streams(app: Litestar, *desks: Desk, since: int = 10**15) -> AsyncIterator[list[Stream]]:
    """One for each desk, open; left at the end."""
    opened = [Stream(app, desk, since) for desk in desks]
    try:
        yield [await one.opens() for one in opened]
    finally:
        for one in opened:
            await one.leaves()
