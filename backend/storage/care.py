"""Tables about professionals in a record: who may look, who did, and what its person says of it."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.emergency import Purpose
from backend.domain.pace import Span
from backend.storage.db import Base, Placed, Traced


class CareLink(Traced, Base):
    """What a person decided about one professional, by national id, across all structures."""

    __tablename__ = "care_link"
    __table_args__ = (UniqueConstraint("record_id", "professional_id"),)

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    professional_id: Mapped[UUID] = mapped_column(ForeignKey("professional.id"))
    in_team: Mapped[bool] = mapped_column(default=False)
    informed: Mapped[bool] = mapped_column(default=False)
    """The professional attested having informed the patient."""
    consent_until: Mapped[date | None]
    """Explicit consent, last day included."""
    agreed_at: Mapped[datetime | None]
    """When the professional recorded that they were let in."""
    objected: Mapped[bool] = mapped_column(default=False)
    blocked: Mapped[bool] = mapped_column(default=False)
    blocked_at: Mapped[datetime | None]
    treating: Mapped[bool] = mapped_column(default=False)
    """Médecin traitant."""


class EmergencyAccess(Traced, Base):
    """« Bris de glace » declared by a professional: four hours, with a reason."""

    __tablename__ = "emergency_access"
    __table_args__ = (Index("ix_emergency_access_professional_until", "professional_id", "until"),)

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    professional_id: Mapped[UUID] = mapped_column(ForeignKey("professional.id"))
    structure_id: Mapped[UUID | None] = mapped_column(ForeignKey("structure.id"), index=True)
    purpose: Mapped[Purpose] = mapped_column(default=Purpose.ANY, server_default=Purpose.ANY)
    declared_at: Mapped[datetime]
    until: Mapped[datetime]
    """Four hours later, or when its professional ended it."""
    sealed_reason: Mapped[bytes]
    reviewed_at: Mapped[datetime | None]
    """When somebody else of the structure looked at it afterwards."""
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey("professional.id"))
    sealed_comment: Mapped[bytes | None]
    """What they wrote of it, under the record’s key as the reason."""


class Consultation(Traced, Base):
    """A professional came into a record, from one structure: the first is announced."""

    __tablename__ = "consultation"
    __table_args__ = (
        Index("ix_consultation_record_professional", "record_id", "professional_id"),
        Index("ix_consultation_professional_began", "professional_id", "began_at"),
    )

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    professional_id: Mapped[UUID] = mapped_column(ForeignKey("professional.id"))
    structure_id: Mapped[UUID] = mapped_column(ForeignKey("structure.id"))
    began_at: Mapped[datetime]
    purpose: Mapped[Purpose | None]
    """None but in an emergency."""


class AccessAlert(Placed, Base):
    """A professional opened many different records in little time: their structure looks at it."""

    __tablename__ = "access_alert"

    structure_id: Mapped[UUID] = mapped_column(ForeignKey("structure.id"), index=True)
    professional_id: Mapped[UUID] = mapped_column(ForeignKey("professional.id"))
    span: Mapped[Span]
    opened: Mapped[int]
    """How many different records, at that moment."""
    at: Mapped[datetime]
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey("professional.id"))
    sealed_comment: Mapped[bytes | None]


class ReportState(StrEnum):
    """`recu`: it waits for the operator’s people."""

    SENT = "recu"
    CLOSED = "traite"


class AccessReport(Traced, Base):
    """« Signaler cet accès »: a person does not know who looked, or why."""

    __tablename__ = "access_report"
    __table_args__ = (UniqueConstraint("record_id", "trace_id"),)

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    """Who reports."""
    trace_id: Mapped[UUID]
    """The line of the journal."""
    number: Mapped[str] = mapped_column(unique=True)
    """What the person quotes when they call."""
    state: Mapped[ReportState] = mapped_column(default=ReportState.SENT)
    at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    sealed_words: Mapped[bytes | None]
    """What the person wrote, under the record’s key."""
