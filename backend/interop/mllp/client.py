"""A sender’s end of a line, as a laboratory’s software has one."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from msgspec import Struct

from backend.domain.formats.mllp import Blocks, wrap
from backend.interop.client import DepositFailed

ANSWER_BYTES = 1_000_000
SECONDS = 60.0


class Line(Struct, frozen=True):
    """Messages go, acknowledgements come back, in the same order."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    blocks: Blocks

    async def send(self, message: bytes) -> bytes:
        """The acknowledgement of one message."""
        self.writer.write(wrap(message))
        return await self.receive()

    async def receive(self) -> bytes:
        """The next acknowledgement; DepositFailed when there will be none."""
        async with asyncio.timeout(SECONDS):
            while not self.blocks.ready:
                data = await self.reader.read(65_536)
                self.blocks.feed(data)
                if not data or self.blocks.fault:
                    raise DepositFailed("the line was cut without an answer")
        return self.blocks.ready.popleft()


@asynccontextmanager
async def open_line(host: str, port: int, context: ssl.SSLContext) -> AsyncIterator[Line]:
    """To a server that is who it says; closed at the end."""
    reader, writer = await asyncio.open_connection(host, port, ssl=context)
    try:
        yield Line(reader, writer, Blocks(ANSWER_BYTES))
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
