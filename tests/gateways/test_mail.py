"""Letters over real SMTP: to one address, once, encrypted, or with a reason why not."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
import trustme

from backend.domain.errors import Unavailable
from backend.gateways import mail as mail_gateway
from backend.gateways.delivery import PermanentFailure
from backend.gateways.mail import Mail, SmtpMailer
from backend.settings import Security, Smtp
from tests.gateways.mail_servers import Server, listening

LAURA = "laura.bernard@courriel.example"
LETTER = Mail(
    LAURA,
    "Votre code\u00a0: l’été",
    "Bonjour,\n\n.Votre code est 123456.\nÀ bientôt\n",
    "5f3a",
)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@asynccontextmanager
async def mailer(smtp: Smtp, authority: trustme.CA | None = None) -> AsyncIterator[SmtpMailer]:
    """A mailer that trusts this authority and no other."""
    context = ssl.create_default_context(cafile=None)
    if authority:
        authority.configure_trust(context)
    opened = SmtpMailer(smtp, context)
    try:
        yield opened
    finally:
        await opened.aclose()


def received(server: Server) -> EmailMessage:
    """The only message, as its reader's program parses it."""
    (envelope,) = server.received
    assert isinstance(envelope.content, bytes)
    message = message_from_bytes(envelope.content, _class=EmailMessage, policy=default)
    assert isinstance(message, EmailMessage)
    return message


async def test_a_letter_arrives_as_it_was_written() -> None:
    server = Server()
    async with listening(server) as smtp, mailer(smtp) as out:
        await out.send(LETTER)
    (envelope,) = server.received
    message = received(server)
    assert (envelope.mail_from, envelope.rcpt_tos) == ("ne-pas-repondre@reperes.example", [LAURA])
    assert message["To"] == LAURA
    assert message["From"] == "Repères <ne-pas-repondre@reperes.example>"
    assert message["Subject"] == LETTER.subject
    assert message["Message-ID"] == "<5f3a@reperes.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().replace("\r\n", "\n") == LETTER.text


async def test_the_connection_serves_several_letters() -> None:
    server = Server()
    async with listening(server) as smtp, mailer(smtp) as out:
        await asyncio.gather(*(out.send(replace(LETTER, message_id=f"k{n}")) for n in range(10)))
    assert (len(server.received), len(server.connections)) == (10, 1)


async def test_a_connection_the_server_closed_is_opened_again() -> None:
    server = Server()
    async with listening(server) as smtp, mailer(smtp) as out:
        await out.send(LETTER)
        server.hang_up()
        await out.send(LETTER)
    assert (len(server.received), len(server.connections)) == (2, 2)


async def test_a_connection_too_long_idle_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_gateway, "IDLE", 0.0)
    server = Server()
    async with listening(server) as smtp, mailer(smtp) as out:
        await out.send(LETTER)
        await out.send(LETTER)
    assert len(server.connections) == 2


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_a_letter_travels_encrypted(security: Security, authority: trustme.CA) -> None:
    server = Server()
    async with (
        listening(server, security, authority) as smtp,
        mailer(smtp, authority) as out,
    ):
        await out.send(LETTER)
        transport = server.connections[0].transport
        assert transport is not None
        assert transport.get_extra_info("cipher")
    assert received(server)["Subject"] == LETTER.subject


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_an_unknown_authority_receives_nothing(
    security: Security, authority: trustme.CA
) -> None:
    server = Server()
    async with listening(server, security, trustme.CA()) as smtp, mailer(smtp, authority) as out:
        with pytest.raises(Unavailable):
            await out.send(LETTER)
    assert server.received == []


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_a_certificate_for_another_name_receives_nothing(
    security: Security, authority: trustme.CA
) -> None:
    server = Server()
    async with (
        listening(server, security, authority, name="autre.example") as smtp,
        mailer(smtp, authority) as out,
    ):
        with pytest.raises(Unavailable):
            await out.send(LETTER)
    assert server.received == []


async def test_a_server_that_lost_its_starttls_receives_nothing(authority: trustme.CA) -> None:
    server = Server()
    async with (
        listening(server, Security.NONE) as smtp,
        mailer(replace(smtp, security=Security.STARTTLS), authority) as out,
    ):
        with pytest.raises(Unavailable):
            await out.send(LETTER)
    assert server.received == []


async def test_the_server_recognises_our_password(authority: trustme.CA) -> None:
    server = Server()
    async with (
        listening(server, Security.STARTTLS, authority, password="bon") as smtp,
        mailer(smtp, authority) as out,
    ):
        await out.send(LETTER)
    assert len(server.received) == 1


async def test_a_wrong_password_of_ours_blames_nobody(authority: trustme.CA) -> None:
    server = Server()
    async with (
        listening(server, Security.STARTTLS, authority, password="bon") as smtp,
        mailer(replace(smtp, password="mauvais"), authority) as out,
    ):
        with pytest.raises(Unavailable):
            await out.send(LETTER)
    assert server.received == []


def test_a_password_is_never_sent_in_clear() -> None:
    with pytest.raises(ValueError, match="in clear"):
        SmtpMailer(Smtp("localhost", 25, Security.NONE, "a@b.example", "u", "p"))


PERSONALITIES = [
    (Server(rcpt="550 5.1.1 No such user"), PermanentFailure),
    (Server(data="554 5.7.1 Looks like spam"), PermanentFailure),
    (Server(rcpt="451 4.7.1 Greylisted, come back"), Unavailable),
    (Server(rcpt="421 4.3.2 Closing"), Unavailable),
    (Server(data="452 4.2.2 Mailbox full"), Unavailable),
    (Server(mail="550 5.7.1 Sender not allowed"), Unavailable),
]


@pytest.mark.parametrize(("server", "failure"), PERSONALITIES, ids=lambda value: str(value)[-20:])
async def test_only_a_refusal_of_this_letter_is_final(
    server: Server, failure: type[Exception]
) -> None:
    async with listening(server) as smtp, mailer(smtp) as out:
        with pytest.raises(failure):
            await out.send(LETTER)
        server.answers = dict.fromkeys(server.answers, "")
        await out.send(LETTER)  # the refusal leaves nothing behind
    assert len(server.received) == 1


async def test_nobody_listening_means_later() -> None:
    async with listening(Server()) as smtp:
        pass
    async with mailer(smtp) as out:
        with pytest.raises(Unavailable):
            await out.send(LETTER)


async def test_a_server_that_never_answers_means_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_gateway, "TIMEOUT", 1.0)
    server = Server()
    server.delay = 3
    async with listening(server) as smtp, mailer(smtp) as out:
        with pytest.raises(Unavailable):
            await out.send(LETTER)
        server.delay = 0
        await out.send(LETTER)
