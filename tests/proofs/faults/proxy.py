"""A socket between the service and PostgreSQL that can be slow, mute, or gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from sqlalchemy.engine import make_url

SOCKET = ".s.PGSQL.5432"
CHUNK = 65_536


class Proxy:
    """Passes bytes both ways while `up` and not `mute`, each chunk after `delay` seconds."""

    def __init__(self, target: Path) -> None:
        self.up, self.delay = True, 0.0
        self._speaks = asyncio.Event()
        self._speaks.set()
        self._target = target
        self._writers: set[asyncio.StreamWriter] = set()

    def mute(self) -> None:
        """Connections stay and nothing passes: a server that hangs, a cable that was pulled."""
        self._speaks.clear()

    def speak(self) -> None:
        self._speaks.set()

    def cut(self) -> None:
        """Gone: every connection ends, and no other begins."""
        self.up = False
        for writer in self._writers:
            writer.transport.abort()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.up:
            writer.transport.abort()
            return
        theirs, to_them = await asyncio.open_unix_connection(self._target)
        self._writers |= {writer, to_them}
        with suppress(ConnectionError):
            await asyncio.gather(self._pass(reader, to_them), self._pass(theirs, writer))
        self._writers -= {writer, to_them}
        writer.close()
        to_them.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            await self._speaks.wait()
            if self.delay:
                await asyncio.sleep(self.delay)
            writer.write(data)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def between(url: str, folder: Path) -> AsyncIterator[tuple[Proxy, str]]:
    """The proxy, and the address by which the database is reached through it."""
    address = make_url(url)
    proxy = Proxy(Path(str(address.query["host"])) / SOCKET)
    server = await asyncio.start_unix_server(proxy.accept, folder / SOCKET)
    through = address.update_query_dict({"host": str(folder)})
    try:
        yield proxy, through.render_as_string(hide_password=False)
    finally:
        proxy.speak()
        proxy.cut()
        server.close()
