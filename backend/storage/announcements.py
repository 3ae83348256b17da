"""Tables about results that wait for their announcement: who makes it, and who was called."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, and_, exists, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.announcements import Announced, Call
from backend.domain.dispatches import Sending
from backend.storage.db import Base, Traced
from backend.storage.documents import ONLY_SENT, Document, DocumentStatus, Version
from backend.storage.vault import RecordKey


class Announcement(Traced, Base):
    """One wait of one document, from the day it is withheld until it shows or is withdrawn."""

    __tablename__ = "announcement"
    __table_args__ = (
        Index(
            "uq_announcement_open",
            "document_id",
            unique=True,
            postgresql_where=text("done_at IS NULL"),
        ),
        Index(
            "ix_announcement_structure_open",
            "structure_id",
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
    structure_id: Mapped[UUID] = mapped_column(ForeignKey("structure.id"))
    """The laboratory that deposited it, and follows it."""
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("professional.id"))
    """Who is to announce it; none: « à attribuer »."""
    remind_on: Mapped[date | None]
    sealed_reason: Mapped[bytes | None]
    """Why it waits, in the words of who deposited it."""
    client_id: Mapped[UUID | None] = mapped_column(ForeignKey("machine_client.id"))
    """The system that asked for what is held back."""
    sealed_held: Mapped[bytes | None]
    """`Sending`: the patient’s own copy by MSSanté, which leaves once it shows."""
    opened_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None] = mapped_column(ForeignKey("professional.id"))
    """Who released it; none: the law, a message of the laboratory, or a withdrawal."""
    sealed_outcome: Mapped[bytes | None]
    """`Announced`, when a professional released it."""


class AnnouncementCall(Traced, Base):
    """Somebody was called about it: never twice for the same reason."""

    __tablename__ = "announcement_call"
    __table_args__ = (UniqueConstraint("announcement_id", "kind", "due_on"),)

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    announcement_id: Mapped[UUID] = mapped_column(ForeignKey("announcement.id"))
    kind: Mapped[Call]
    due_on: Mapped[date]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("professional.id"))
    """Whom; none: every biologist of the site."""
    at: Mapped[datetime]


def seal_reason(key: RecordKey, announcement_id: UUID, reason: str) -> bytes | None:
    """Sealed; nothing stays nothing."""
    return key.seal_value(reason, announcement_id, "reason") if reason else None


def reason_of(key: RecordKey, one: Announcement) -> str:
    """Why it waits, opened."""
    if one.sealed_reason is None:
        return ""
    return key.open_value(str, one.sealed_reason, one.id, "reason")


def seal_held(key: RecordKey, announcement_id: UUID, held: Sending | None) -> bytes | None:
    """Sealed; nothing stays nothing."""
    return key.seal_value(held, announcement_id, "held") if held else None


def held_of(key: RecordKey, one: Announcement) -> Sending | None:
    """What is held back, opened."""
    if one.sealed_held is None:
        return None
    return key.open_value(Sending, one.sealed_held, one.id, "held")


def seal_outcome(key: RecordKey, announcement_id: UUID, outcome: Announced) -> bytes:
    return key.seal_value(outcome, announcement_id, "outcome")


def outcome_of(key: RecordKey, one: Announcement) -> Announced | None:
    """How it ended, opened; none when nobody announced it."""
    if one.sealed_outcome is None:
        return None
    return key.open_value(Announced, one.sealed_outcome, one.id, "outcome")


# --- what should find nothing

_OF = and_(
    Document.id == Announcement.document_id,
    Document.record_id == Announcement.record_id,
    Document.structure_id == Announcement.structure_id,
)
_WITHHELD = and_(Document.withheld, Document.status != DocumentStatus.WITHDRAWN)
ASTRAY = select(Announcement.id).where(
    or_(
        ~exists().where(_OF),
        and_(Announcement.done_at.is_(None), ~exists().where(_OF, _WITHHELD)),
    )
)
"""About a document of another record, or waiting for what shows or is gone."""
MISSING = select(Document.id).where(
    _WITHHELD,
    Document.structure_id.is_not(None),
    exists().where(Version.id == Document.version_id, Version.pages_state != ONLY_SENT),
    ~exists().where(_OF, Announcement.done_at.is_(None)),
)
"""Withheld, and nobody will ever be called about it."""
