"""The table of what people tell of their health themselves."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.medical_profile import Answer
from backend.storage.db import AsyncSession, Base, Traced
from backend.storage.records import Record, key_of
from backend.storage.vault import RecordKey


class ProfileSection(Traced, Base):
    """One answered section of one record’s « Profil médical »."""

    __tablename__ = "profile_section"
    __table_args__ = (UniqueConstraint("record_id", "section"),)

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    section: Mapped[UUID]
    """A fingerprint of its name: that a section was answered says something of somebody."""
    sealed_answer: Mapped[bytes]
    """`Answer`."""
    version: Mapped[int]
    """How often it was answered: who answers says which one they read."""
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))


def place_of(key: RecordKey, section: str) -> UUID:
    """Under which name a record keeps a section: another in each record."""
    return UUID(bytes=key.fingerprint(f"profile:{section}"))


def seal_answer(db: AsyncSession, record: Record, row: ProfileSection, answer: Answer) -> None:
    """Write the answer in its row, for whoever has the record’s key."""
    row.sealed_answer = key_of(db, record).seal_value(answer, row.id, "profile")


def answer_of(key: RecordKey, row: ProfileSection) -> Answer:
    """The answer, opened."""
    return key.open_value(Answer, row.sealed_answer, row.id, "profile")
