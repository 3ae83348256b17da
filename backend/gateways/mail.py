"""E-mail out, by SMTP: one address at a time, over one connection kept open between messages."""

import asyncio
import re
import ssl
import time
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr

import aiosmtplib

from backend.domain.contact import read_email
from backend.domain.errors import Problem, Refused, Unavailable
from backend.gateways.delivery import PermanentFailure, check_line, check_lines
from backend.gateways.tls import trusted
from backend.settings import Security, Smtp

TIMEOUT = 20.0
"""Seconds for a message, waiting for the connection included: well under a job’s lease."""

IDLE = 30.0
"""Seconds after which a kept connection is no longer trusted; servers hang up after a minute."""

KEY = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mail:
    """One letter. `message_id` is the key of the promise: the same at each try."""

    to: str
    subject: str
    text: str
    message_id: str


class SmtpMailer:
    """Sends through one server. It holds the connection, and one message uses it at a time.

    Close with `aclose`. `tls` replaces the system’s authorities.
    """

    def __init__(self, smtp: Smtp, tls: ssl.SSLContext | None = None) -> None:
        if smtp.password and smtp.security is Security.NONE:
            raise ValueError("a password is never sent in clear")
        name, address = parseaddr(smtp.sender)
        self._sender = Address(name, addr_spec=read_email(address))
        self._lock = asyncio.Lock()
        self._used_at = 0.0
        self._client = aiosmtplib.SMTP(
            hostname=smtp.host,
            port=smtp.port,
            username=smtp.user or None,
            password=smtp.password or None,
            use_tls=smtp.security is Security.TLS,
            start_tls=smtp.security is Security.STARTTLS,
            tls_context=tls or trusted(),
            local_hostname=self._sender.domain,
            timeout=TIMEOUT / 2,
        )

    async def send(self, mail: Mail) -> None:
        """Returns when the server has taken charge; else Unavailable or PermanentFailure."""
        message = compose(mail, self._sender).as_bytes()
        try:
            async with asyncio.timeout(TIMEOUT), self._lock:
                await self._deliver(mail.to, message)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _meaning(error) from error

    async def aclose(self) -> None:
        """Take leave of the server, if it still listens."""
        try:
            if self._client.is_connected:
                await self._client.quit()
        except (aiosmtplib.SMTPException, OSError):
            self._client.close()

    async def _deliver(self, to: str, message: bytes) -> None:
        try:
            kept = await self._connect()
            try:
                await self._client.sendmail(self._sender.addr_spec, [to], message)
            except aiosmtplib.SMTPServerDisconnected:
                if not kept:
                    raise
                await self._client.connect()
                await self._client.sendmail(self._sender.addr_spec, [to], message)
            self._used_at = time.monotonic()
        except BaseException:  # cancelled too: nobody knows what the server still expects
            self._client.close()
            raise

    async def _connect(self) -> bool:
        """True when the connection was kept from an earlier message."""
        if self._client.is_connected:
            if time.monotonic() - self._used_at < IDLE:
                return True
            await self.aclose()
        await self._client.connect()
        return False


def compose(mail: Mail, sender: Address) -> EmailMessage:
    """The message as it travels, or PermanentFailure: nothing is repaired, nothing is guessed.

    SMTP libraries keep what they understand of a bad address and send elsewhere; so the address
    must be exactly what our own grammar makes of it.
    """
    check_line(mail.subject)
    check_lines(mail.text)
    if not KEY.fullmatch(mail.message_id) or _read(mail.to) != mail.to:
        raise PermanentFailure
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = mail.subject
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{mail.message_id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text, cte="quoted-printable")
    assert [address.addr_spec for address in message["To"].addresses] == [mail.to]
    return message


def _read(to: str) -> str:
    try:
        return read_email(to)
    except Refused as refusal:
        raise PermanentFailure from refusal


def _meaning(error: Exception) -> Problem:
    """Only an answer about this recipient or this message is final.

    A refused password, sender or greeting is our own affair: it is tried again once mended.
    """
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        code = error.recipients[0].code
    elif isinstance(error, aiosmtplib.SMTPDataError):
        code = error.code
    else:
        return Unavailable()
    return PermanentFailure() if code // 100 == 5 else Unavailable()  # noqa: PLR2004 - RFC 5321
