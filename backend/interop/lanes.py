"""A bounded number of deposits at once, a bounded number waiting, and a plain no beyond."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Busy(Exception):
    """The queue is full: come back later."""


class Lanes:
    """Counts who works and who waits, in this process."""

    def __init__(self, *, working: int, waiting: int) -> None:
        self._free = asyncio.Semaphore(working)
        self._waiting = 0
        self._most_waiting = waiting

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Wait for a lane, or Busy when too many wait already."""
        if self._free.locked() and self._waiting >= self._most_waiting:
            raise Busy
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()
