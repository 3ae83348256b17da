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
"""Seconds that a document waits for its turn, then for its verdict."""
NOT_CDA = "Le document n’est pas un CDA R2 (ClinicalDocument)."
_answers: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)
_ready: msgspec.msgpack.Decoder[Ready] = msgspec.msgpack.Decoder(Ready)
LOST = (OSError, EOFError, msgspec.MsgspecError)
"""The child ended, or said something that makes no sense."""


class NoOfficialChecks:
    """No folder of official files is named: nothing is checked, nothing is said."""

    async def check(self, content: bytes) -> Verdict | None:  # noqa: ARG002 - the shape of the other
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

    async def __aenter__(self) -> Self:
        self._start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._drop()

    def refuses(self, verdict: Verdict) -> bool:
        """Whether the operator wants such a document refused."""
        broken, unchecked = bool(verdict.errors), bool(verdict.missing)
        return (broken and self._chosen.refuses) or (unchecked and self._chosen.refuses_unchecked)

    async def ready(self) -> Ready | None:
        """What can be checked, once it is known; None when the validator does not start."""
        with contextlib.suppress(TimeoutError, *LOST):
            return (await asyncio.shield(self._start())).ready
        return None

    async def check(self, content: bytes) -> Verdict | None:
        """The verdict, or NOT_CHECKED; Refused for what is no CDA document."""
        try:
            async with asyncio.timeout(TURN):
                await self._turn.acquire()
        except TimeoutError:
            return self._unavailable("busy")
        try:
            return await self._check(content)
        finally:
            self._turn.release()

    async def _check(self, content: bytes) -> Verdict:
        starting = self._start()
        try:
            async with asyncio.timeout(TURN):
                child = await asyncio.shield(starting)
        except (TimeoutError, *LOST) as trouble:
            if starting.done():
                await self._drop()  # the next document tries again
            return self._unavailable(type(trouble).__name__)
        try:
            async with asyncio.timeout(self._work):
                answer = await child.ask(content)
        except (TimeoutError, *LOST) as trouble:
            await self._drop()
            self._start()
            return self._unavailable(type(trouble).__name__)
        except asyncio.CancelledError:
            await self._drop()  # half an answer is on its way
            raise
        if not isinstance(answer, Checked):
            raise Refused(NOT_CDA)
        return answer.verdict

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
        with contextlib.suppress(asyncio.CancelledError, TimeoutError, *LOST):
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
