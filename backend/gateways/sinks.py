"""The demonstration's post office: a real SMTP server and SMS webhook that deliver to one box."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from hmac import compare_digest
from secrets import token_urlsafe

from aiosmtpd.smtp import SMTP, Envelope, Session

from backend.settings import Security, Smtp

LOOPBACK = "127.0.0.1"
SENDER = "Repères <ne-pas-repondre@reperes.example>"
MOST_MESSAGES = 500
MOST_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class Received:
    """One message as its reader sees it; `channel` is email or sms."""

    channel: str
    to: str
    subject: str
    text: str
    sent_at: datetime


class Inbox:
    """The last 500 messages, in memory: a demonstration forgets when it stops."""

    def __init__(self) -> None:
        self._messages: deque[Received] = deque(maxlen=MOST_MESSAGES)

    def add(self, channel: str, to: str, subject: str, text: str) -> None:
        self._messages.appendleft(Received(channel, to, subject, text, datetime.now(UTC)))

    def messages(self) -> list[Received]:
        """The newest first."""
        return list(self._messages)

    def clear(self) -> None:
        """Forget them all."""
        self._messages.clear()


@dataclass(frozen=True, slots=True)
class Sinks:
    """Where the demonstration sends, and where it reads what was sent."""

    inbox: Inbox
    smtp: Smtp
    sms_url: str
    sms_token: str


@asynccontextmanager
async def open_sinks() -> AsyncIterator[Sinks]:
    """Listen on two free ports of this machine only, until left."""
    inbox, token, loop = Inbox(), token_urlsafe(16), asyncio.get_running_loop()
    mail = await loop.create_server(
        lambda: SMTP(_Letters(inbox), hostname="reperes.example", loop=loop), LOOPBACK, 0
    )
    texts = await asyncio.start_server(_Texts(inbox, token), LOOPBACK, 0)
    try:
        smtp = Smtp(LOOPBACK, _port(mail), Security.NONE, SENDER, "", "")
        yield Sinks(inbox, smtp, f"http://{LOOPBACK}:{_port(texts)}/sms", token)
    finally:
        mail.close()
        texts.close()


class _Letters:
    """What aiosmtpd calls when a message is complete."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        body = message.get_body(("plain",))
        text = body.get_content().replace("\r\n", "\n") if body else ""
        for to in envelope.rcpt_tos:
            self._inbox.add("email", to, str(message["Subject"] or ""), text)
        return "250 OK"


class _Texts:
    """The webhook: one HTTP request a connection, from our own client only."""

    def __init__(self, inbox: Inbox, token: str) -> None:
        self._inbox = inbox
        self._token = token

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            status = await self._receive(reader)
            writer.write(f"HTTP/1.1 {status}\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        except OSError:  # it hung up: the client tries again
            return
        finally:
            writer.close()

    async def _receive(self, reader: asyncio.StreamReader) -> str:
        try:
            _request, _, head = (await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")
            fields = message_from_bytes(head, policy=default)
            if not compare_digest(fields["Authorization"] or "", f"Bearer {self._token}"):
                return "401 Unauthorized"
            length = min(int(fields["Content-Length"]), MOST_BYTES)
            body = json.loads(await reader.readexactly(length))
            self._inbox.add("sms", str(body["to"]), "", str(body["text"]))
        except (EOFError, asyncio.LimitOverrunError, ValueError, TypeError, KeyError):
            return "400 Bad Request"
        return "204 No Content"


def _port(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port
