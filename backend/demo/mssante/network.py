"""The mailboxes of an emulated operator, and what it does with each mail."""

from asyncio import Transport
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from enum import StrEnum
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from backend.demo.mssante.reports import write_dsn, write_mdn
from backend.domain.dispatches import is_citizens


class Behaviour(StrEnum):
    """What becomes of the mails for one address."""

    DELIVER = "deliver"
    """Into the mailbox, and said so."""
    READ = "read"
    """The same, and read at once."""
    INTEGRATE = "integrate"
    """Read by software, which says « processed »."""
    KO = "ko"
    """Read by software that could not take it in."""
    UNKNOWN = "unknown"
    """550 5.1.1, before anything is sent."""
    FULL = "full"
    """552 5.2.2, after all was sent."""
    FULL_AT_FIRST = "full-at-first"
    """The same for three mails; the next ones are read."""
    LATER = "later"
    """451 4.3.0: not now."""
    BOUNCE = "bounce"
    """Taken, then refused by the other operator."""
    DROP = "drop"
    """Taken, and nothing is ever heard of it."""
    HANG_UP = "hang-up"
    """Taken and delivered, but the connection dies before the answer."""


FEW = 3
MOST_MAILS, MOST_REPORTS = 200, 5_000
"""Kept in memory: a demonstration forgets the oldest."""
REFUSED_AT_ONCE = {
    Behaviour.UNKNOWN: "550 5.1.1 No such mailbox",
    Behaviour.LATER: "451 4.3.0 Try again later",
}


@dataclass(slots=True)
class Kept:
    """One mail of a mailbox."""

    uid: int
    raw: bytes
    seen: bool = False
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Network:
    """What aiosmtpd calls, and where IMAP looks. Unless told otherwise, mails are read."""

    def __init__(self, ours: str) -> None:
        self.ours = ours
        self.boxes: dict[str, list[Kept]] = {}
        self.behaviours: dict[str, Behaviour] = {}
        self.default = Behaviour.READ
        self.refused = self.delivered = 0
        self.taken: list[tuple[str, bytes]] = []
        """Every mail that was taken charge of, and for whom: what a proof counts."""

    def behave(self, address: str, behaviour: Behaviour) -> None:
        """From now on, for this address."""
        self.behaviours[address.lower()] = behaviour

    def deliver(self, address: str, raw: bytes) -> None:
        """Put a mail in a mailbox, whoever it comes from."""
        box = self.boxes.setdefault(address.lower(), [])
        self.delivered += 1
        box.append(Kept(self.delivered, raw))
        del box[: -(MOST_REPORTS if address == self.ours else MOST_MAILS)]

    def of(self, address: str) -> list[Kept]:
        return self.boxes.get(address.lower(), [])

    async def handle_EHLO(  # noqa: N802 - aiosmtpd’s names, here and below
        self,
        _server: SMTP,
        session: Session,
        _envelope: Envelope,
        hostname: str,
        answers: list[str],
    ) -> list[str]:
        session.host_name = hostname
        return [*answers[:-1], "250-DSN", *answers[-1:]]

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        refused = REFUSED_AT_ONCE.get(self._behaviour(address))
        if refused:
            return refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        for to in envelope.rcpt_tos:
            if self._is_full(to):
                return "552 5.2.2 Mailbox full"
            self._take(to, envelope.content, getattr(server, "envelope_id", ""))
            if self._behaviour(to) is Behaviour.HANG_UP:
                self.behave(to, Behaviour.DELIVER)
                assert isinstance(server.transport, Transport)
                server.transport.abort()
        return "250 OK"

    def _is_full(self, to: str) -> bool:
        doing = self._behaviour(to)
        if doing is Behaviour.FULL_AT_FIRST:
            self.refused += 1
            if self.refused == FEW:
                self.behave(to, Behaviour.READ)
        return doing in {Behaviour.FULL, Behaviour.FULL_AT_FIRST}

    def _behaviour(self, address: str) -> Behaviour:
        return self.behaviours.get(address.lower(), self.default)

    def _take(self, to: str, raw: bytes, envelope_id: str) -> None:
        doing = self._behaviour(to)
        self.taken.append((to, raw))
        del self.taken[:-MOST_MAILS]
        if doing is Behaviour.DROP:
            return
        mail: Message = message_from_bytes(raw)
        if doing is Behaviour.BOUNCE:
            self.deliver(self.ours, write_dsn(mail, to, "failed", "5.1.1", envelope_id))
            return
        self.deliver(to, raw)
        if is_citizens(to):  # the mailboxes of citizens are ours: their mail comes to us
            self.deliver(self.ours, b"Delivered-To: %s\r\n" % to.encode() + raw)
        self.deliver(self.ours, write_dsn(mail, to, "delivered", "2.1.5", envelope_id))
        kinds = {
            Behaviour.READ: "displayed",
            Behaviour.INTEGRATE: "processed",
            Behaviour.KO: "processed/Error: 999^Intégration impossible",
        }
        if doing in kinds and "Disposition-Notification-To" in mail:
            self.deliver(self.ours, write_mdn(mail, to, kinds[doing]))
