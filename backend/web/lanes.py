"""A bounded number at work, a bounded number waiting for a bounded time, and a plain no beyond."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backend.domain.errors import Unavailable


class Busy(Unavailable):
    """Too many already, or too long a wait: come back later. Nothing was begun."""

    message = "Beaucoup de monde en ce moment. Réessayez dans quelques secondes."


class Lanes:
    """Counts who works and who waits, in this process."""

    def __init__(self, *, working: int, waiting: int, seconds: float) -> None:
        self._free = asyncio.Semaphore(working)
        self._waiting = 0
        self._most_waiting, self._seconds = waiting, seconds

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Wait for a lane, or Busy."""
        if self._free.locked() and self._waiting >= self._most_waiting:
            raise Busy
        self._waiting += 1
        try:
            async with asyncio.timeout(self._seconds):
                await self._free.acquire()
        except TimeoutError:
            raise Busy from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()
