"""Tables about messages: conversations, what was written, what came with it, who has read it."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.conversations import Enclosed, Ending, Head, Said, Side, State
from backend.domain.dispatches import DispatchState
from backend.storage.db import Base, Traced
from backend.storage.vault import RecordKey, Vault


class Conversation(Traced, Base):
    """What a professional, here or outside, and the people of a record write to each other."""

    __tablename__ = "conversation"
    __table_args__ = (
        Index("ix_conversation_structure_state_changed", "structure_id", "state", "changed_at"),
        Index("ix_conversation_record_changed", "record_id", "changed_at"),
    )

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    structure_id: Mapped[UUID | None] = mapped_column(ForeignKey("structure.id"))
    """Whose people write; none for a professional outside, who writes by MSSanté."""
    opened_by: Mapped[UUID | None] = mapped_column(ForeignKey("professional.id"))
    assigned_to: Mapped[UUID | None] = mapped_column(ForeignKey("professional.id"))
    """Who of the structure answers; anybody when nobody is named."""
    state: Mapped[State] = mapped_column(default=State.OPEN)
    ending: Mapped[Ending | None]
    waits_for: Mapped[Side]
    """Whose turn it is: the other side wrote last."""
    hidden_from_guardians: Mapped[bool] = mapped_column(default=False)
    """« Connexion secrète »: a minor’s representatives neither read it nor are told of it."""
    messages: Mapped[int] = mapped_column(default=0)
    """The number of the last one."""
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    sealed_head: Mapped[bytes]
    """`domain.conversations.Head`."""


class Message(Traced, Base):
    """One message: never changed, but for what becomes of one that leaves by mail."""

    __tablename__ = "message"
    __table_args__ = (UniqueConstraint("conversation_id", "number"),)

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    number: Mapped[int]
    side: Mapped[Side]
    author_id: Mapped[UUID | None]
    """An account or a professional; none outside."""
    at: Mapped[datetime]
    sealed: Mapped[bytes]
    """`domain.conversations.Said`."""
    mail_index: Mapped[bytes | None] = mapped_column(unique=True)
    """Blind index of its Message-ID, when it travelled by mail."""
    sent: Mapped[DispatchState | None]
    """Of an answer that leaves by mail."""
    code: Mapped[str] = mapped_column(default="")
    """Why it did not arrive: of SMTP, or our own (`domain.dispatches.reasons`)."""


class Enclosure(Traced, Base):
    """What comes with a message: a document of the record, or a file of its own, always a PDF."""

    __tablename__ = "enclosure"
    __table_args__ = (UniqueConstraint("conversation_id", "number"),)

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), index=True)
    number: Mapped[int]
    document_id: Mapped[UUID | None]
    """One of the record, shown while it may be seen; its person may delete theirs."""
    version_id: Mapped[UUID | None]
    """As it was that day."""
    file_key: Mapped[str | None]
    """Where its own sealed bytes lie."""
    sealed_facts: Mapped[bytes]
    """`domain.conversations.Enclosed`."""


class ConversationMark(Base):
    """How far somebody has read."""

    __tablename__ = "conversation_mark"

    reader_id: Mapped[UUID] = mapped_column(primary_key=True)
    """An account, or a professional."""
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    side: Mapped[Side]
    number: Mapped[int]
    at: Mapped[datetime]


class RefusedMail(Base):
    """A mail that was not taken in, until its sender has been told: of nobody’s record."""

    __tablename__ = "refused_mail"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    mail_index: Mapped[bytes] = mapped_column(unique=True)
    at: Mapped[datetime]
    sealed: Mapped[bytes | None]
    """`Bounce`; nothing once it is sent."""


class Bounce(Struct, frozen=True):
    """Whom to tell, and of which mail."""

    to: str
    message_id: str


def seal_head(key: RecordKey, conversation_id: UUID, head: Head) -> bytes:
    return key.seal_value(head, conversation_id, "head")


def head_of(key: RecordKey, conversation: Conversation) -> Head:
    """Its subject, and who is outside, opened."""
    return key.open_value(Head, conversation.sealed_head, conversation.id, "head")


def said_of(key: RecordKey, message: Message) -> Said:
    """What it says, opened."""
    return key.open_value(Said, message.sealed, message.id, message.conversation_id)


def enclosed_of(key: RecordKey, enclosure: Enclosure) -> Enclosed:
    """What it is called, opened."""
    facts, message = enclosure.sealed_facts, enclosure.message_id
    return key.open_value(Enclosed, facts, enclosure.id, message)


def received_index(vault: Vault, sender: str, message_id: str) -> bytes:
    """Where a mail that came in is found: a Message-ID is its sender’s own affair."""
    return vault.index("mssante-received", f"{sender}|{message_id}")


def answer_key(vault: Vault, message_id: UUID) -> str:
    """The left part of the Message-ID of an answer: the same at each try, not to be guessed."""
    return vault.mac("mssante-answer", message_id.bytes).hex()[:40]


def seal_bounce(vault: Vault, row_id: UUID, bounce: Bounce) -> bytes:
    return vault.seal("bounce", msgspec.json.encode(bounce), row_id)


def bounce_of(vault: Vault, row_id: UUID, sealed: bytes) -> Bounce:
    """Whom to tell, opened."""
    return msgspec.json.decode(vault.unseal("bounce", sealed, row_id), type=Bounce)
