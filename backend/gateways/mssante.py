"""MSSanté out, by SMTP to our operator: TLS, our certificate, a report of delivery asked for.

One mail goes to one recipient, so that what comes back is about them alone. The Message-ID, the
boundaries and the date derive from the promise: a mail sent again after a crash is the same one.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from email.headerregistry import Address
from email.policy import SMTP
from email.utils import parseaddr

import aiosmtplib

from backend.domain.contact import read_email
from backend.domain.dispatches import is_secure, secured
from backend.domain.errors import Unavailable
from backend.gateways.delivery import PermanentFailure
from backend.gateways.secure_mail import Attachment, SecureMail, compose
from backend.settings import Mssante, Security

__all__ = [
    "Attachment",
    "MssanteMailer",
    "NoMssante",
    "Rejected",
    "SecureMail",
    "compose",
    "context_of",
]

TIMEOUT = 33.0
"""Seconds for a mail of several megabytes. With the directory and the good-bye, a job stays well
under its lease and under what PostgreSQL allows a transaction that waits: a minute."""
GOODBYE = 2.0
UNFOLDED = SMTP.clone(max_line_length=200)
"""A Message-ID cut in two is legal and read badly."""
ENHANCED = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b", re.ASCII)


class Rejected(PermanentFailure):
    """For good, about this recipient or this mail; `code` is numbers only: `550 5.1.1`."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code


class MssanteMailer:
    """Sends through our operator, a connection a mail: mails are large and few."""

    def __init__(self, mssante: Mssante) -> None:
        if mssante.password and mssante.security is Security.NONE:
            raise ValueError("a password is never sent in clear")
        name, address = parseaddr(mssante.sender)
        self._sender = Address(name, addr_spec=read_email(address))
        self._mssante = mssante
        self._tls = None if mssante.security is Security.NONE else context_of(mssante)

    @property
    def address(self) -> str:
        """The mailbox that sends what nobody else does."""
        return self._sender.addr_spec

    @property
    def domain(self) -> str:
        """Of the mailbox that sends."""
        return self._sender.domain

    @property
    def largest(self) -> int:
        """Bytes of the files of a mail."""
        return self._mssante.largest

    @property
    def domains(self) -> tuple[str, ...]:
        """The espace de confiance."""
        return self._mssante.domains

    async def send(self, mail: SecureMail) -> None:
        """Returns when the operator has taken charge; else Unavailable or Rejected."""
        if not is_secure(mail.to, self.domains):
            raise Rejected("not-secure")
        if mail.size > self.largest:
            raise Rejected("too-large")
        mail = replace(mail, reply_to=secured(mail.reply_to, self.domains))
        sender = mail.sender or self._sender
        message = compose(mail, sender).as_bytes(policy=UNFOLDED)
        client = aiosmtplib.SMTP(
            hostname=self._mssante.host,
            port=self._mssante.port,
            username=self._mssante.user or None,
            password=self._mssante.password or None,
            use_tls=self._mssante.security is Security.TLS,
            start_tls=self._mssante.security is Security.STARTTLS,
            tls_context=self._tls,
            local_hostname=self.domain,
            timeout=TIMEOUT / 2,
        )
        try:
            async with _in_time(client):
                about_mail, about_recipient = _asked(client, mail)
                await client.sendmail(
                    sender.addr_spec,
                    [mail.to],
                    message,
                    mail_options=about_mail,
                    rcpt_options=about_recipient,
                )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _meaning(error) from error


class NoMssante:
    """No operator is configured: what was promised fails visibly."""

    address = ""
    domain = "reperes.invalid"
    domains: tuple[str, ...] = ("mssante.fr",)
    largest = 20_000_000

    async def send(self, mail: SecureMail) -> None:  # noqa: ARG002 - the shape of MssanteMailer
        raise Rejected("not-configured")


@asynccontextmanager
async def _in_time(client: aiosmtplib.SMTP) -> AsyncIterator[None]:
    """Connected until the time is over; what was taken stays so, whatever becomes of QUIT."""
    try:
        async with asyncio.timeout(TIMEOUT):
            await client.connect()
            yield
        with suppress(aiosmtplib.SMTPException, OSError):
            await client.quit(timeout=GOODBYE)
    finally:
        client.close()


def context_of(mssante: Mssante) -> ssl.SSLContext:
    """TLS 1.2 at least, their authority and our certificate."""
    context = ssl.create_default_context(cafile=mssante.authority or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if mssante.certificate:
        context.load_cert_chain(mssante.certificate, mssante.key or None)
    return context


def _asked(client: aiosmtplib.SMTP, mail: SecureMail) -> tuple[list[str], list[str]]:
    """A report of what becomes of it, from operators that know how (RFC 3461)."""
    if not client.supports_extension("dsn"):
        return [], []
    return (
        ["RET=HDRS", f"ENVID={mail.message_id}"],
        ["NOTIFY=SUCCESS,FAILURE,DELAY", f"ORCPT=rfc822;{mail.to}"],
    )


def _meaning(error: Exception) -> Unavailable | Rejected:
    """Only an answer about this recipient or this mail is final; the rest is our own affair."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        answer: aiosmtplib.SMTPResponseException = error.recipients[0]
    elif isinstance(error, aiosmtplib.SMTPDataError):
        answer = error
    else:
        return Unavailable()
    if answer.code // 100 != 5:  # noqa: PLR2004 - RFC 5321
        return Unavailable()
    enhanced = ENHANCED.search(answer.message)
    return Rejected(f"{answer.code} {enhanced[0]}" if enhanced else str(answer.code))
