"""The official checks of a CDA document, made in one child process that is kept warm.

A document never waits long for them: a validator that is late, that fell or that is still getting
ready gives no verdict, and the operator decided what becomes of the deposit then.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import structlog

from backend.domain.errors import Refused
from backend.domain.official import NOT_CHECKED, Verdict
from backend.gateways import confined
from backend.gateways.cda_process.wire import (
    LARGEST_ANSWER,
    LENGTH_BYTES,
    Answer,
    Checked,
    Ready,
)
from backend.settings import Official

log = structlog.get_logger()

LAUNCH = confined.orders("backend.gateways.cda_process")
GETTING_READY = 180.0
"""Seconds to make every stylesheet, on a machine that is busy."""
TURN, WORK = 4.0, 6.0
"""Seconds that a document waits for its turn, for a child that is ready, then for its verdict."""
NOT_CDA = "Le document n’est pas un CDA R2 (ClinicalDocument)."
_answers: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)
_ready: msgspec.msgpack.Decoder[Ready] = msgspec.msgpack.Decoder(Ready)
LOST = (TimeoutError, OSError, EOFError, msgspec.MsgspecError)
"""The child is late, ended, or said something that makes no sense."""


class NoOfficialChecks:
    """No folder of official files is named: nothing is checked, nothing is said."""

    async def check(
        self,
        content: bytes,  # noqa: ARG002 - the shape of the other
        *,
        within: float | None = None,  # noqa: ARG002 - the same
    ) -> Verdict | None:
        return None

    def refuses(self, verdict: Verdict) -> bool:  # noqa: ARG002 - the same
        return False


class OfficialChecks:
    """One child, one document at a time. Enter it before use: it gets ready meanwhile."""

    def __init__(
        self, chosen: Official, *, getting_ready: float = GETTING_READY, work: float = WORK
    ) -> None:
        self._chosen, self._getting_ready, self._work = chosen, getting_ready, work
        self._turn = asyncio.Lock()
        self._starting: asyncio.Task[Child] | None = None
        self._asked: set[asyncio.Task[Answer | None]] = set()

    async def __aenter__(self) -> Self:
        self._start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for asked in self._asked:
            asked.cancel()
        await asyncio.gather(*self._asked, return_exceptions=True)
        await self._drop()

    def refuses(self, verdict: Verdict) -> bool:
        """Whether the operator wants such a document refused."""
        broken, unchecked = bool(verdict.errors), bool(verdict.missing)
        return (broken and self._chosen.refuses) or (unchecked and self._chosen.refuses_unchecked)

    async def ready(self) -> Ready | None:
        """What can be checked, once it is known; None when the validator does not start."""
        with contextlib.suppress(*LOST):
            return (await asyncio.shield(self._start())).ready
        return None

    async def check(self, content: bytes, *, within: float | None = None) -> Verdict | None:
        """The verdict, or NOT_CHECKED; Refused for what is no CDA document.

        `within`: seconds in all, for a page that must be answered. A child whose answer is no
        longer waited for goes on, and serves the next document.
        """
        try:
            async with asyncio.timeout(within):
                child = await self._child_in_turn()
                asked = asyncio.create_task(self._ask(child, content))
                self._asked.add(asked)
                asked.add_done_callback(self._asked.discard)
                answer = await asyncio.shield(asked)
        except LOST as trouble:
            return self._unavailable(type(trouble).__name__)
        if answer is None:
            return NOT_CHECKED
        if not isinstance(answer, Checked):
            raise Refused(NOT_CDA)
        return answer.verdict

    async def _child_in_turn(self) -> "Child":
        """Ready, and nobody else’s until `_ask` ends; one of LOST when it is not in time."""
        async with asyncio.timeout(TURN):
            await self._turn.acquire()
        starting = self._start()
        try:
            async with asyncio.timeout(TURN):
                return await asyncio.shield(starting)
        except BaseException:
            if starting.done() and (starting.cancelled() or starting.exception()):
                await self._drop()  # the next document tries again
            self._turn.release()
            raise

    async def _ask(self, child: "Child", content: bytes) -> Answer | None:
        """What it says; None, and another one, when it is late or fell. Then the turn is over."""
        try:
            async with asyncio.timeout(self._work):
                return await child.ask(content)
        except LOST as trouble:
            await self._drop()
            self._start()
            self._unavailable(type(trouble).__name__)
            return None
        finally:
            self._turn.release()

    def _unavailable(self, reason: str) -> Verdict:
        log.warning("official_check_unavailable", error=reason)
        return NOT_CHECKED

    def _start(self) -> "asyncio.Task[Child]":
        if self._starting is None:
            self._starting = asyncio.create_task(_started(self._chosen.folder, self._getting_ready))
        return self._starting

    async def _drop(self) -> None:
        starting, self._starting = self._starting, None
        if starting is None:
            return
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError, *LOST):
            await (await starting).end()


@asynccontextmanager
async def open_official(
    chosen: Official | None,
) -> AsyncIterator[OfficialChecks | NoOfficialChecks]:
    """Those that the operator configured, if any."""
    if chosen is None:
        yield NoOfficialChecks()
        return
    async with OfficialChecks(chosen) as checks:
        yield checks


class Child:
    """The process, and what it said that it can check."""

    def __init__(self, process: asyncio.subprocess.Process, ready: Ready) -> None:
        self.process, self.ready = process, ready

    async def ask(self, content: bytes) -> Answer:
        await confined.send(self.process, len(content).to_bytes(LENGTH_BYTES), content)
        return _answers.decode(await _hear(self.process))

    async def end(self) -> None:
        await confined.end(self.process)


async def _started(folder: Path, seconds: float) -> Child:
    """A child that is ready; it ends when it is not in time."""
    process = await confined.start(LAUNCH, str(folder))
    try:
        async with asyncio.timeout(seconds):
            return Child(process, _ready.decode(await _hear(process)))
    except BaseException:
        await confined.end(process)
        raise


async def _hear(process: asyncio.subprocess.Process) -> bytes:
    return await confined.hear(process, LENGTH_BYTES, LARGEST_ANSWER)
