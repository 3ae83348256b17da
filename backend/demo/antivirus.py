"""A clamd for the demonstration: it knows one virus, which is none (EICAR)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backend.demo.listening import LOOPBACK

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The harmless file that every scanner finds (eicar.org), in two pieces so that none finds ours."""
COMMAND = b"zINSTREAM\0"
LARGEST = 25_000_000
"""Bytes, as clamd’s own StreamMaxLength."""


@asynccontextmanager
async def open_scanner(says: bytes | None = None) -> AsyncIterator[str]:
    """Its address, until left. `says` is answered whatever is scanned."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = await _scan(reader)
            writer.write((answer if says is None else says) + b"\0")
            await writer.drain()
        except (OSError, EOFError):
            return  # it hung up
        finally:
            writer.close()

    server = await asyncio.start_server(serve, LOOPBACK, 0)
    try:
        yield f"tcp://{LOOPBACK}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _scan(reader: asyncio.StreamReader) -> bytes:
    if await reader.readexactly(len(COMMAND)) != COMMAND:
        return b"UNKNOWN COMMAND"
    content = bytearray()
    while size := int.from_bytes(await reader.readexactly(4)):
        if len(content) + size > LARGEST:
            return b"INSTREAM size limit exceeded. ERROR"
        content += await reader.readexactly(size)
    return b"stream: Eicar-Test-Signature FOUND" if EICAR in content else b"stream: OK"
