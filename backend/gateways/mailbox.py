"""MSSanté in: our applicative mailbox, read by IMAP over TLS with our certificate.

A mail is marked as seen only after whoever takes it has committed; one that is taken twice changes
nothing. Nothing is deleted: what was understood is a proof, what was not waits for somebody.
"""

import asyncio
import imaplib
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

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

Take = Callable[[bytes, datetime], Awaitable[bool | None]]
"""A mail, and when it came. False: not now. It stays unseen, for the next visit."""


class Mailbox:
    """One mailbox; a connection a visit."""

    def __init__(self, mssante: Mssante) -> None:
        self._mssante = mssante
        self._waiting: dict[str, None] = {}
        """What is to be tried again, the longest untried first."""
        self._tls = None if mssante.imap_security is Security.NONE else context_of(mssante)

    async def visit(self, take: Take) -> int:
        """Hand unseen mails to `take`, one at a time; how many. Unavailable when it is shut.

        What was never tried comes first, so that mails which wait keep no other away. One that
        is too large is only marked as seen: somebody may look at it there. What `take` raises
        leaves the mail unseen, for the next visit, and ends this one.
        """
        box = await asyncio.to_thread(self._open)
        try:
            numbers = self._in_turn(await asyncio.to_thread(_unseen, box))
            for number in numbers:
                await self._hand(box, number, take)
            return len(numbers)
        except (imaplib.IMAP4.error, OSError) as error:
            raise Unavailable from error
        finally:
            await asyncio.to_thread(_leave, box)

    def _in_turn(self, unseen: list[str]) -> list[str]:
        there = {*unseen}
        self._waiting = {one: None for one in self._waiting if one in there}
        return [*(one for one in unseen if one not in self._waiting), *self._waiting][:AT_ONCE]

    async def _hand(self, box: imaplib.IMAP4, number: str, take: Take) -> None:
        self._waiting.pop(number, None)
        self._waiting[number] = None  # until it is taken, whatever happens
        found = await asyncio.to_thread(_fetch, box, number)
        if found is None:
            log.warning("mail_too_large")
        elif await take(*found) is False:
            return
        await asyncio.to_thread(_mark, box, number)
        del self._waiting[number]

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
    return [number.decode() for number in NUMBERS.findall(listed)]


def _fetch(box: imaplib.IMAP4, number: str) -> tuple[bytes, datetime] | None:
    """The mail, and when the operator took it in; None when it is too large to be one of ours."""
    _, answer = box.uid("FETCH", number, "(RFC822.SIZE INTERNALDATE)")
    facts = b" ".join(part for part in answer if isinstance(part, bytes))
    size = SIZE.search(facts)
    if size is None or int(size[1]) > LARGEST:
        return None
    _, answer = box.uid("FETCH", number, "(BODY.PEEK[])")
    raw = next((bytes(part[1]) for part in answer if isinstance(part, tuple)), None)
    return None if raw is None else (raw, _came(facts))


def _came(facts: bytes) -> datetime:
    """Now, of an operator that does not say."""
    local = imaplib.Internaldate2tuple(facts)
    return datetime.fromtimestamp(time.mktime(local) if local else time.time(), UTC)


def _mark(box: imaplib.IMAP4, number: str) -> None:
    box.uid("STORE", number, "+FLAGS.SILENT", "(\\Seen)")


def _leave(box: imaplib.IMAP4) -> None:
    with suppress(imaplib.IMAP4.error, OSError):
        box.logout()
