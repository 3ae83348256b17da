"""Mail servers with a character, listening on this machine."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope

from backend.settings import Security, Smtp
from tests.fixtures.alarm import hear_letter

SENDER = "Repères <ne-pas-repondre@reperes.example>"


class Server:
    """Accepts everything, unless told what to answer; counts connections and keeps messages."""

    def __init__(self, *, mail: str = "", rcpt: str = "", data: str = "") -> None:
        self.answers = {"mail": mail, "rcpt": rcpt, "data": data}
        self.received: list[Envelope] = []
        self.connections: list[SMTP] = []
        self.delay = 0.0

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        envelope.mail_from = address
        return self.answers["mail"] or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if not self.answers["rcpt"]:
            envelope.rcpt_tos.append(address)
        return self.answers["rcpt"] or "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        hear_letter(envelope.content)
        await asyncio.sleep(self.delay)
        if not self.answers["data"]:
            self.received.append(envelope)
        return self.answers["data"] or "250 OK"

    def hang_up(self) -> None:
        """Close every connection, as a server does when nothing has come for a while."""
        for connection in self.connections:
            if connection.transport:
                connection.transport.close()


@asynccontextmanager
async def listening(
    server: Server,
    security: Security = Security.NONE,
    authority: trustme.CA | None = None,
    *,
    name: str = "localhost",
    password: str = "",
) -> AsyncIterator[Smtp]:
    """Settings that lead to this server."""
    context = _context(authority, name) if authority else None
    loop = asyncio.get_running_loop()

    def connect() -> SMTP:
        connection = SMTP(
            server,
            hostname="mx.example",
            loop=loop,
            tls_context=context if security is Security.STARTTLS else None,
            require_starttls=security is Security.STARTTLS,
            authenticator=_accepting(password) if password else None,
            auth_required=bool(password),
        )
        server.connections.append(connection)
        return connection

    implicit = context if security is Security.TLS else None
    socket = await loop.create_server(connect, "127.0.0.1", 0, ssl=implicit)
    try:
        port = socket.sockets[0].getsockname()[1]
        user = "reperes" if password else ""
        yield Smtp("localhost", port, security, SENDER, user, password)
    finally:
        socket.close()
        server.hang_up()
        await asyncio.sleep(0.01)


def _context(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def _accepting(password: str) -> Callable[..., AuthResult]:
    def check(
        _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any
    ) -> AuthResult:
        return AuthResult(success=data.password == password.encode(), handled=False)

    return check
