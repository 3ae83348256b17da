"""A mail server that outlives its clients and remembers every letter."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.policy import default
from typing import NamedTuple

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.fixtures.alarm import hear_letter


class Letter(NamedTuple):
    """One delivery."""

    sender: str
    to: str
    message_id: str
    """Without its angle brackets and its domain."""
    text: str


class PostOffice:
    """All the letters, in order of arrival."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.port = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - named by aiosmtpd
        assert isinstance(envelope.content, bytes)
        hear_letter(envelope.content)
        message = message_from_bytes(envelope.content, policy=default)
        id_ = str(message["Message-ID"]).strip("<>").partition("@")[0]
        body = message.get_body(("plain",))
        assert body
        sender, text = str(envelope.mail_from), body.get_content()
        self.letters += [Letter(sender, str(to), id_, text) for to in envelope.rcpt_tos]
        return "250 OK"


@asynccontextmanager
async def open_post_office() -> AsyncIterator[PostOffice]:
    office, loop = PostOffice(), asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(office, hostname="reperes.example", loop=loop), "127.0.0.1", 0
    )
    office.port = server.sockets[0].getsockname()[1]
    yield office
    server.close()
