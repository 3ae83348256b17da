"""Child processes kept warm and thrown away: at most so many at work, each on one file."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from backend.domain.errors import Unavailable
from backend.gateways import confined
from backend.gateways.pdf_process.wire import LENGTH_BYTES, Answer, Flaw, Flawed, Kind, Task

LAUNCH = confined.orders("backend.gateways.pdf_process")

LIFE = 500
"""Jobs after which a child is replaced: what a file left behind in it does not stay for long."""

PATIENCE = 15.0
"""Seconds a caller waits for a free child."""

LARGEST_ANSWER = 100_000_000
_decoder: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


class Lane:
    """A fixed number of places; each holds a child, or None when the next job must start one."""

    def __init__(self, task: Task, places: int) -> None:
        self._task = task
        self._places = places
        self.free: asyncio.LifoQueue[Child | None] = asyncio.LifoQueue()

    async def open(self) -> None:
        for child in await asyncio.gather(*(_start(self._task) for _ in range(self._places))):
            self.free.put_nowait(child)

    def open_later(self) -> None:
        """Each child starts with its first job."""
        for _ in range(self._places):
            self.free.put_nowait(None)

    async def close(self) -> None:
        while not self.free.empty():
            child = self.free.get_nowait()
            if child:
                await child.end()

    async def ask(self, content: bytes, seconds: float, kind: Kind = Kind.PDF) -> Answer:
        """The answer of a child; Flawed if the file exhausts it, Unavailable if none is free.

        A child that dies gives the file a second chance, with a new one: it may have been killed
        for another’s fault.
        """
        try:
            return await self._ask_once(content, seconds, kind)
        except _Died:
            pass
        try:
            return await self._ask_once(content, seconds, kind)
        except _Died:
            return Flawed(Flaw.TOO_HEAVY)

    async def _ask_once(self, content: bytes, seconds: float, kind: Kind) -> Answer:
        try:
            async with self._child() as child, asyncio.timeout(seconds):
                return await child.ask(content, kind)
        except TimeoutError:
            return Flawed(Flaw.TOO_HEAVY)
        except (OSError, EOFError, msgspec.MsgspecError) as error:
            raise _Died from error

    @asynccontextmanager
    async def _child(self) -> AsyncIterator["Child"]:
        """A free child, kept if all went well, ended otherwise."""
        try:
            async with asyncio.timeout(PATIENCE):
                child = await self.free.get()
        except TimeoutError as error:
            raise Unavailable from error
        kept = None
        try:
            child = child or await _start(self._task)
            yield child
            kept = child if child.jobs < LIFE else None
        finally:
            self.free.put_nowait(kept)
            if child and not kept:
                await child.end()


class _Died(Exception):
    """The child ended, or said something that makes no sense."""


class Child:
    """One process and how many jobs it has begun."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.jobs = 0

    async def ask(self, content: bytes, kind: Kind) -> Answer:
        self.jobs += 1
        length = len(content).to_bytes(LENGTH_BYTES)
        await confined.send(self.process, bytes([kind]), length, content)
        return _decoder.decode(await confined.hear(self.process, LENGTH_BYTES, LARGEST_ANSWER))

    async def end(self) -> None:
        await confined.end(self.process)


async def _start(task: Task) -> Child:
    try:
        return Child(await confined.start(LAUNCH, task))
    except OSError as error:
        raise Unavailable from error
