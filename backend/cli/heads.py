"""Connections at the door: so many, and each says what it wants in time or is closed."""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from backend.web.live import LEAVE

SECONDS = 10.0
"""For the head of a request, from the connection or from its first byte."""
MOST = 2000
"""Open connections of one process; the next ones are told to come back."""

LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\n"
    b"connection: close\r\ncontent-length: 0\r\n\r\n"
)


class PromptHeads(HttpToolsProtocol):
    """uvicorn waits for a head as long as it takes; this one does not."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > MOST:
            self._leave(FULL)
        else:
            self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begin()

    def on_headers_complete(self) -> None:
        self._end()
        super().on_headers_complete()

    def shutdown(self) -> None:
        """The server stops: what is answered is waited for, but for what would never end."""
        super().shutdown()
        answering: Any = self.cycle
        if answering and not answering.response_complete:
            answering.scope["state"].get(LEAVE, _nothing)()

    def _begin(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(SECONDS, self._leave, LATE)

    def _end(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None

    def _leave(self, words: bytes) -> None:
        """Pipelined requests that are being answered are waited for: their answers come first."""
        answering: Any = self.cycle
        if answering and not cast(bool, answering.response_complete):
            self._deadline = self.loop.call_later(SECONDS, self._leave, words)
            return
        self.transport.write(words)
        self.transport.close()


def _nothing() -> None:
    """Most answers end by themselves."""
