"""The table of what somebody is about to deposit by hand: sealed, theirs for an hour, then gone."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.handing import About
from backend.storage.db import AsyncSession, Base
from backend.storage.desk import OfFile, PatientFile, key_of


class DepositDraft(OfFile, Base):
    """One file chosen for one patient in one session of a professional."""

    __tablename__ = "deposit_draft"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("patient_file.id"), index=True)
    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("pro_session.id", ondelete="CASCADE"), index=True
    )
    """Whose browser: nobody else finds it, and it ends with the session."""
    kept_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    sealed_about: Mapped[bytes]
    sealed_content: Mapped[bytes]
    """The bytes of the file, under the key of the patient’s file."""


def seal_draft(
    db: AsyncSession, file: PatientFile, draft: DepositDraft, about: About, content: bytes
) -> None:
    """Write what the draft holds."""
    reseal_about(db, file, draft, about)
    draft.sealed_content = key_of(db, file).seal(content, draft.id, "draft-content")


def reseal_about(db: AsyncSession, file: PatientFile, draft: DepositDraft, about: About) -> None:
    """What is said of it, said otherwise; its bytes stay."""
    draft.sealed_about = key_of(db, file).seal_value(about, draft.id, "draft-about")


def about_draft(db: AsyncSession, file: PatientFile, draft: DepositDraft) -> About:
    """Its name and what it is, opened."""
    return key_of(db, file).open_value(About, draft.sealed_about, draft.id, "draft-about")


def content_of(db: AsyncSession, file: PatientFile, draft: DepositDraft) -> bytes:
    """Its bytes, opened."""
    return key_of(db, file).open(draft.sealed_content, draft.id, "draft-content")
