"""The other end of the nursery: victims started, awaited, killed."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from tests.fixtures.alarm import hear_log

ROOT = Path(__file__).parents[3]
SECONDS = 60
"""Longer than anything here takes: a victim that hangs is an error of its own."""


class Victim:
    """One process, from its fork to its end."""

    def __init__(self, name: str) -> None:
        loop = asyncio.get_running_loop()
        self.name = name
        self.pid: asyncio.Future[int] = loop.create_future()
        self.port: asyncio.Future[int] = loop.create_future()
        self.ended: asyncio.Future[int] = loop.create_future()

    async def open(self) -> str:
        """Its address, once it answers; an empty one when it died before."""
        async with asyncio.timeout(SECONDS):
            await asyncio.wait({self.port, self.ended}, return_when=asyncio.FIRST_COMPLETED)
        return f"http://127.0.0.1:{self.port.result()}" if self.port.done() else ""

    async def end(self) -> int:
        """Its exit status, once it has one: -9 when it was killed."""
        async with asyncio.timeout(SECONDS):
            return await asyncio.shield(self.ended)

    async def kill(self) -> int:
        """SIGKILL, now."""
        pid = await asyncio.wait_for(asyncio.shield(self.pid), SECONDS)
        if not self.ended.done():
            os.kill(pid, signal.SIGKILL)
        return await self.end()


class Nursery:
    """Where victims come from."""

    def __init__(self, process: Process, log: Path) -> None:
        self.log = log
        self._process = process
        self._named: dict[str, Victim] = {}
        self._running: dict[int, Victim] = {}

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path) -> AsyncIterator[Self]:
        """Until left; its victims go with it."""
        command = (sys.executable, "-m", "tests.proofs.crash.victim")
        log = folder / "victims.log"
        with log.open("a") as errors:
            process = await asyncio.create_subprocess_exec(
                *command, cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=errors
            )
        nursery = cls(process, log)
        listening = asyncio.create_task(nursery._listen())
        try:
            yield nursery
        finally:
            assert process.stdin
            process.stdin.close()
            await asyncio.wait_for(process.wait(), SECONDS)
            await listening
            hear_log(log.read_bytes())

    async def bear(self, mode: str, env: Mapping[str, str], *arguments: str) -> Victim:
        """A victim of this kind (`serve`, `drain` or `command`)."""
        victim = Victim(uuid4().hex)
        self._named[victim.name] = victim
        order = {"name": victim.name, "mode": mode, "env": dict(env), "arguments": arguments}
        assert self._process.stdin
        self._process.stdin.write(json.dumps({**order, "log": str(self.log)}).encode() + b"\n")
        await self._process.stdin.drain()
        return victim

    def last_words(self) -> str:
        """The end of what victims said."""
        return self.log.read_text()[-2_000:]

    async def _listen(self) -> None:
        assert self._process.stdout
        async for line in self._process.stdout:
            self._hear(json.loads(line))

    def _hear(self, event: dict[str, Any]) -> None:
        match event:
            case {"event": "started", "pid": pid, "name": name}:
                self._running[pid] = self._named.pop(name)
                self._running[pid].pid.set_result(pid)
            case {"event": "ready", "pid": pid, "port": port}:
                self._running[pid].port.set_result(port)
            case {"event": "ended", "pid": pid, "status": status}:
                self._running.pop(pid).ended.set_result(status)
