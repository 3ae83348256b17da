"""A small HTTP server for the demonstration’s emulators: on this machine, one request at a time."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from http import HTTPStatus

LOOPBACK = "127.0.0.1"
MOST_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked."""

    method: str
    path: str
    kind: str
    """Content-Type."""
    body: bytes
    origin: str = ""
    """Whose page asks, when a browser does."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered."""

    status: int
    kind: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Awaitable[Reply | None]]
"""None hangs up without a word."""


@asynccontextmanager
async def listen(
    handler: Handler, *, tls: ssl.SSLContext | None = None, port: int = 0, host: str = LOOPBACK
) -> AsyncIterator[str]:
    """The address on this machine of a server that asks `handler`, until left."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            reply = await handler(await _read(reader))
            if reply:
                writer.write(_head(reply) + reply.body)
                await writer.drain()
        except (OSError, EOFError, asyncio.LimitOverrunError, ValueError):
            return  # it hung up, or said nothing that can be read
        finally:
            writer.close()

    server = await asyncio.start_server(serve, host, port, ssl=tls)
    bound = server.sockets[0].getsockname()[1]
    try:
        yield f"{'https' if tls else 'http'}://{LOOPBACK}:{bound}"
    finally:
        server.close()


async def _read(reader: asyncio.StreamReader) -> Call:
    first, _, head = (await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")
    method, path, _ = first.decode("ascii").split(" ", 2)
    fields = message_from_bytes(head, policy=default)
    length = min(int(fields["Content-Length"] or 0), MOST_BYTES)
    body = await reader.readexactly(length)
    kind, origin = str(fields["Content-Type"] or ""), str(fields["Origin"] or "")
    return Call(method, path, kind, body, origin)


def _head(reply: Reply) -> bytes:
    more = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
    return (
        f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}\r\n"
        f"Content-Type: {reply.kind}\r\nContent-Length: {len(reply.body)}\r\n"
        f"{more}Connection: close\r\n\r\n"
    ).encode("ascii")
