"""Works that wait share one transaction: who arrives while one commits goes with the next."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Groups(Generic[T, R]):
    """Hands works over in batches, `at_once` of them at a time; alone, a work never waits.

    `do` gives one answer for each work of a batch, in order: a result, or the exception that its
    own work deserves. `fits` tells whether a work may join a batch.
    """

    def __init__(
        self,
        do: Callable[[Sequence[T]], Awaitable[Sequence[R | Exception]]],
        fits: Callable[[Sequence[T], T], bool],
        *,
        most: int,
        at_once: int,
    ) -> None:
        self._do, self._fits, self._most = do, fits, most
        self._idle = at_once
        self._queue: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._running: set[asyncio.Task[None]] = set()

    async def ask(self, work: T) -> R:
        """The result of this work, once its batch is done."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._queue.append((work, future))
        if self._idle:
            self._idle -= 1
            task = asyncio.create_task(self._run())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return await future

    async def _run(self) -> None:
        try:
            while self._queue:
                works, futures = zip(*self._take(), strict=True)
                _settle(futures, await self._answers(works))
        finally:
            self._idle += 1

    def _take(self) -> list[tuple[T, asyncio.Future[R]]]:
        """The first in the queue, and what may go with it; the others keep their places."""
        taken = [self._queue.popleft()]
        left: list[tuple[T, asyncio.Future[R]]] = []
        while self._queue and len(taken) < self._most:
            next_one = self._queue.popleft()
            together = self._fits([work for work, _ in taken], next_one[0])
            (taken if together else left).append(next_one)
        self._queue.extendleft(reversed(left))
        return taken

    async def _answers(self, works: Sequence[T]) -> Sequence[R | Exception]:
        try:
            return await self._do(works)
        except Exception as error:  # noqa: BLE001 - it is raised again where the work was asked
            return [error for _ in works]


def _settle(futures: Sequence["asyncio.Future[R]"], answers: Sequence[R | Exception]) -> None:
    for future, answer in zip(futures, answers, strict=True):
        if future.cancelled():
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
