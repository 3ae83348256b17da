"""One line: messages answered one after the other, in order, until it ends."""

import asyncio
from contextlib import AsyncExitStack, suppress
from time import perf_counter
from uuid import uuid4

import structlog
from msgspec import Struct
from structlog.contextvars import bound_contextvars

from backend.domain.formats.mllp import Blocks, wrap
from backend.interop.hl7v2 import LATER
from backend.interop.mllp.answering import Answering, Reply, refusal
from backend.interop.mllp.tls import Peer
from backend.web.lanes import Busy, Lanes

log = structlog.get_logger()

CHUNK = 65_536
TOO_SLOW = "Message incomplet : sa fin n’est pas arrivée à temps. Renvoyez-le."


class Limits(Struct, frozen=True):
    """What one sender may ask of us, so that the others are served."""

    message_seconds: float = 60.0
    """From the first byte of a message to its last."""
    idle_seconds: float = 600.0
    """Between two messages."""
    handshake_seconds: float = 10.0
    write_seconds: float = 20.0
    """For an answer to be taken."""
    goodbye_seconds: float = 2.0
    """For a refusal to be read before its line is cut."""
    stop_seconds: float = 20.0
    """For what was begun to be finished when we stop."""
    lines: int = 200
    lines_each: int = 8
    """Of one certificate."""
    handshakes: int = 64
    handshakes_each: int = 8
    """From one address."""
    long_bytes: int = 262_144
    """Beyond it a message takes a lane: only so many long ones are in memory."""


class Conversation:
    """Reads, asks, answers; ends by itself, or soon after `stop`."""

    def __init__(
        self,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        peer: Peer,
        answering: Answering,
        *,
        long_lanes: Lanes,
        limits: Limits,
        most: int,
    ) -> None:
        self._reader, self._writer = streams
        self._peer, self._answering = peer, answering
        self._long_lanes, self._limits = long_lanes, limits
        self._blocks = Blocks(most)
        self._lane, self._holds_a_lane = AsyncExitStack(), False
        self._deadline = 0.0
        """When the message that has begun must be whole; 0 when none has."""
        self._timer: asyncio.Timeout | None = None
        self._stopping = False

    async def run(self) -> None:
        """Until the other end leaves, is refused, or is silent for too long."""
        try:
            async with self._lane:
                while await self._step():
                    pass
        except (OSError, TimeoutError) as error:  # ssl.SSLError is one
            log.info("mllp_line_lost", error=type(error).__name__)
        finally:
            await self._close()

    def stop(self) -> None:
        """Answer what has come, finish what has begun, and leave."""
        self._stopping = True
        if self._timer and not self._blocks.begun:
            self._timer.reschedule(asyncio.get_running_loop().time())

    async def _step(self) -> bool:
        blocks = self._blocks
        if blocks.ready:
            return await self._answer(blocks.ready.popleft())
        if blocks.fault:
            log.info("mllp_refused", error=blocks.fault.name.lower())
            sentence = f"Trame MLLP illisible : {blocks.fault}"
            return await self._leave(refusal(bytes(blocks.partial), "AE", sentence))
        try:
            data = await self._hear()
        except TimeoutError:
            if not blocks.begun:
                return False
            log.info("mllp_refused", error="too_slow")
            return await self._leave(refusal(bytes(blocks.partial), "AR", TOO_SLOW))
        blocks.feed(data)
        return bool(data) and await self._fits()

    async def _hear(self) -> bytes:
        """What comes next, empty at the end of the line; TimeoutError."""
        now = asyncio.get_running_loop().time()
        if not self._blocks.begun:
            self._deadline, patience = 0.0, 0.0 if self._stopping else self._limits.idle_seconds
        else:
            self._deadline = self._deadline or now + self._limits.message_seconds
            patience = max(0.0, self._deadline - now)
        try:
            async with asyncio.timeout(patience) as self._timer:
                return await self._reader.read(CHUNK)
        finally:
            self._timer = None

    async def _fits(self) -> bool:
        """A long message needs a lane; its sender is told when there is none."""
        if len(self._blocks.partial) <= self._limits.long_bytes or self._holds_a_lane:
            return True
        try:
            await self._lane.enter_async_context(self._long_lanes.enter())
        except Busy:
            return await self._leave(refusal(bytes(self._blocks.partial), "AR", LATER))
        self._holds_a_lane = True
        return True

    async def _answer(self, message: bytes) -> bool:
        began = perf_counter()
        with bound_contextvars(request_id=uuid4().hex):
            reply = await self._answering.reply(self._peer, message)
            await self._say(reply)
            spent = round((perf_counter() - began) * 1000)
            log.info("message", door="mllp", status=reply.code, ms=spent)
        self._deadline = 0.0
        await self._lane.aclose()
        self._holds_a_lane = False
        return reply.stays or await self._leave()

    async def _say(self, reply: Reply) -> None:
        self._writer.write(wrap(reply.content))
        async with asyncio.timeout(self._limits.write_seconds):
            await self._writer.drain()

    async def _leave(self, reply: Reply | None = None) -> bool:
        """Say it, and listen a moment to nothing: a line cut at once loses our last words."""
        if reply:
            await self._say(reply)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.goodbye_seconds):
                while await self._reader.read(CHUNK):
                    pass
        return False

    async def _close(self) -> None:
        self._writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(self._limits.goodbye_seconds):
                await self._writer.wait_closed()
        self._writer.transport.abort()
