"""Texts through a webhook, and the demonstration's post office."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest

from backend.domain.errors import Unavailable
from backend.gateways.delivery import PermanentFailure
from backend.gateways.mail import Mail, SmtpMailer
from backend.gateways.sinks import MOST_MESSAGES, Inbox, Sinks, open_sinks
from backend.gateways.sms import Sms, WebhookSms

CODE = Sms("+33639980135", "Repères\u00a0: votre code est 123456. Ne le donnez à personne.", "5f3a")


@pytest.fixture
async def sinks() -> AsyncIterator[Sinks]:
    async with open_sinks() as opened:
        yield opened


@asynccontextmanager
async def texter(url: str, token: str = "jeton") -> AsyncIterator[WebhookSms]:
    opened = WebhookSms(url, token)
    try:
        yield opened
    finally:
        await opened.aclose()


@asynccontextmanager
async def operator(answer: bytes) -> AsyncIterator[str]:
    """An operator that says the same to everyone; nothing at all if `answer` is empty."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/sms"
    finally:
        server.close()


async def test_a_text_and_a_letter_arrive_in_one_box_the_newest_first(sinks: Sinks) -> None:
    mailer = SmtpMailer(sinks.smtp)
    await mailer.send(Mail("laura.bernard@courriel.example", "Été\u00a0: code", "À lire\n", "k"))
    await mailer.aclose()
    async with texter(sinks.sms_url, sinks.sms_token) as out:
        await out.send(CODE)
    sms, email = sinks.inbox.messages()
    assert (sms.channel, sms.to, sms.subject, sms.text) == ("sms", CODE.to, "", CODE.text)
    assert (email.channel, email.to) == ("email", "laura.bernard@courriel.example")
    assert (email.subject, email.text) == ("Été\u00a0: code", "À lire\n")
    assert sms.sent_at >= email.sent_at


async def test_the_sink_wants_its_token(sinks: Sinks) -> None:
    async with texter(sinks.sms_url, "autre") as out:
        with pytest.raises(Unavailable):
            await out.send(CODE)
    assert sinks.inbox.messages() == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"to": 1}', b"\xff" * 50])
async def test_the_sink_survives_nonsense(sinks: Sinks, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {sinks.sms_token}"}
    async with httpx2.AsyncClient(trust_env=False) as client:
        answer = await client.post(sinks.sms_url, content=body, headers=headers)
    assert answer.status_code == 400
    assert sinks.inbox.messages() == []


def test_the_box_keeps_the_last_messages_only() -> None:
    inbox = Inbox()
    for number in range(MOST_MESSAGES + 10):
        inbox.add("sms", "+33639980135", "", str(number))
    messages = inbox.messages()
    assert len(messages) == MOST_MESSAGES
    assert messages[0].text == str(MOST_MESSAGES + 9)


ANSWERS = [
    (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", PermanentFailure),
    (b"HTTP/1.1 422 Unprocessable\r\nContent-Length: 0\r\n\r\n", PermanentFailure),
    (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", Unavailable),
    (b"HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\n\r\n", Unavailable),
    (b"HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n", Unavailable),
    (
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        Unavailable,
    ),
    (b"nonsense\r\n\r\n", Unavailable),
    (b"", Unavailable),
]


@pytest.mark.parametrize(("answer", "failure"), ANSWERS)
async def test_only_a_refusal_of_this_number_is_final(
    answer: bytes, failure: type[Exception]
) -> None:
    async with operator(answer) as url, texter(url) as out:
        with pytest.raises(failure):
            await out.send(CODE)


async def test_an_operator_that_accepts_is_believed() -> None:
    accepts = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
    async with operator(accepts) as url, texter(url) as out:
        await out.send(CODE)


async def test_no_operator_means_later() -> None:
    async with operator(b"") as url:
        pass
    async with texter(url) as out:
        with pytest.raises(Unavailable):
            await out.send(CODE)


@pytest.mark.parametrize(
    ("to", "text"),
    [("01 99 00 12 34", "x"), ("+33639980135,+33639980136", "x"), (CODE.to, "x\x00")],
)
async def test_what_is_not_a_mobile_or_a_text_never_leaves(
    sinks: Sinks, to: str, text: str
) -> None:
    async with texter(sinks.sms_url, sinks.sms_token) as out:
        with pytest.raises(PermanentFailure):
            await out.send(Sms(to, text, "k"))
    assert sinks.inbox.messages() == []
