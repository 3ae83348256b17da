"""A clamd for the tests: it speaks the protocol, and knows one virus, which is none (EICAR)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The harmless file that every scanner finds, in two pieces so that none finds this one."""
LARGEST = 25_000_000


@asynccontextmanager
async def scanning(says: bytes | None = None) -> AsyncIterator[str]:
    """Its address. `says` is answered whatever is scanned."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(10) == b"zINSTREAM\0"
        content = bytearray()
        while size := int.from_bytes(await reader.readexactly(4)):
            content += await reader.readexactly(size)
            assert len(content) <= LARGEST
        found = b"stream: Eicar-Test-Signature FOUND" if EICAR in content else b"stream: OK"
        writer.write((found if says is None else says) + b"\0")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
