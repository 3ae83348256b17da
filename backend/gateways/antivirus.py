"""ClamAV, over its own protocol (clamd, INSTREAM): what comes is scanned before it is kept.

Where no scanner is configured, nothing is scanned; where one is and does not answer, nothing is
taken.
"""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from backend.domain.errors import Refused, Unavailable

CHUNK = 64_000
PORT = 3310
SECONDS = 10.0
LONGEST_ANSWER = 4_096


class Infected(Refused):
    """The scanner knows it for a virus."""

    message = (
        "Notre antivirus a trouvé un virus dans ce fichier : nous ne l’avons pas gardé. "
        "Faites vérifier votre appareil."
    )


class ScannerDown(Unavailable):
    """Without its word, nothing is taken."""

    message = (
        "Notre antivirus ne répond pas : nous ne pouvons pas prendre ce fichier pour le moment. "
        "Réessayez dans quelques minutes."
    )


class NoAntivirus:
    """None is configured."""

    async def scan(self, content: bytes) -> None:
        """Whatever it is."""


class ClamAv:
    """A clamd at `tcp://host:port` or `unix:///path`."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)

    async def scan(self, content: bytes) -> None:
        """Nothing when it is clean, else Infected, or ScannerDown."""
        try:
            async with asyncio.timeout(SECONDS):
                answer = await self._ask(content)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
            raise ScannerDown from error
        if answer.endswith(" FOUND"):
            raise Infected
        if answer != "stream: OK":
            raise ScannerDown

    async def _ask(self, content: bytes) -> str:
        reader, writer = await self._connect()
        try:
            writer.write(b"zINSTREAM\0")
            for start in range(0, len(content), CHUNK):
                piece = content[start : start + CHUNK]
                writer.write(len(piece).to_bytes(4) + piece)
                await writer.drain()
            writer.write(bytes(4))
            await writer.drain()
            return (await reader.readuntil(b"\0"))[:-1].decode("ascii", "replace")
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._parts.scheme == "unix":
            return await asyncio.open_unix_connection(self._parts.path, limit=LONGEST_ANSWER)
        host, port = self._parts.hostname, self._parts.port or PORT
        return await asyncio.open_connection(host, port, limit=LONGEST_ANSWER)


def open_antivirus(url: str) -> ClamAv | NoAntivirus:
    """The one that is configured."""
    return ClamAv(url) if url else NoAntivirus()
