"""MSSanté in: our applicative mailbox, read by IMAP over TLS with our certificate.

A mail is marked as seen only after whoever takes it has committed; one that is taken twice changes
nothing. Nothing is deleted: what was understood is a proof, what was not waits for somebody.
"""

import asyncio
import imaplib
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from backend.domain.errors import Unavailable
from backend.gateways.mssante import context_of
from backend.settings import Mssante, Security

TIMEOUT = 20.0
LARGEST = 36_000_000
"""Bytes of a mail: no report nor letter of ours is larger."""
AT_ONCE = 50
SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
NUMBERS = re.compile(rb"\d+")

log = structlog.get_logger()

Take = Callable[[bytes], Awaitable[bool | None]]
"""False: not now. The mail stays unseen, for the next visit."""


class Mailbox:
    """One mailbox; a connection a visit."""

    def __init__(self, mssante: Mssante) -> None:
        self._mssante = mssante
        self._tls = None if mssante.imap_security is Security.NONE else context_of(mssante)

    async def visit(self, take: Take) -> int:
        """Hand every unseen mail to `take`, one at a time; how many. Unavailable when it is shut.

        One that is too large is only marked as seen: somebody may look at it there. What `take`
        raises leaves the mail unseen, for the next visit, and ends this one.
        """
        box = await asyncio.to_thread(self._open)
        try:
            numbers = await asyncio.to_thread(_unseen, box)
            for number in numbers:
                raw = await asyncio.to_thread(_fetch, box, number)
                if raw is None:
                    log.warning("mail_too_large")
                elif await take(raw) is False:
                    continue
                await asyncio.to_thread(_mark, box, number)
            return len(numbers)
        except (imaplib.IMAP4.error, OSError) as error:
            raise Unavailable from error
        finally:
            await asyncio.to_thread(_leave, box)

    def _open(self) -> imaplib.IMAP4:
        try:
            box = self._connect()
            try:
                self._enter(box)
            except BaseException:
                box.shutdown()
                raise
        except (imaplib.IMAP4.error, OSError) as error:
            raise Unavailable from error
        return box

    def _connect(self) -> imaplib.IMAP4:
        host, port = self._mssante.imap_host, self._mssante.imap_port
        if self._mssante.imap_security is Security.TLS:
            return imaplib.IMAP4_SSL(host, port, ssl_context=self._tls, timeout=TIMEOUT)
        return imaplib.IMAP4(host, port, timeout=TIMEOUT)

    def _enter(self, box: imaplib.IMAP4) -> None:
        """By password, or by the certificate that TLS has shown already."""
        if self._mssante.imap_security is Security.STARTTLS:
            box.starttls(self._tls)
        if self._mssante.imap_password:
            box.login(self._mssante.imap_user, self._mssante.imap_password)
        else:
            box.authenticate("EXTERNAL", lambda _: self._mssante.imap_user.encode())
        box.select("INBOX")


def _unseen(box: imaplib.IMAP4) -> list[str]:
    _, found = box.uid("SEARCH", "UNSEEN")
    listed = found[0] if found and isinstance(found[0], bytes) else b""
    return [number.decode() for number in NUMBERS.findall(listed)[:AT_ONCE]]


def _fetch(box: imaplib.IMAP4, number: str) -> bytes | None:
    """The mail, None when it is too large to be one of ours."""
    _, answer = box.uid("FETCH", number, "(RFC822.SIZE)")
    size = SIZE.search(b" ".join(part for part in answer if isinstance(part, bytes)))
    if size is None or int(size[1]) > LARGEST:
        return None
    _, answer = box.uid("FETCH", number, "(BODY.PEEK[])")
    return next((bytes(part[1]) for part in answer if isinstance(part, tuple)), None)


def _mark(box: imaplib.IMAP4, number: str) -> None:
    box.uid("STORE", number, "+FLAGS.SILENT", "(\\Seen)")


def _leave(box: imaplib.IMAP4) -> None:
    with suppress(imaplib.IMAP4.error, OSError):
        box.logout()
