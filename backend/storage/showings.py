"""Tables of « partage ponctuel »: what is shown by a code, and who came with it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.db import Base, Traced


class Showing(Traced, Base):
    """Documents that a person shows to whoever has the code, read-only, until a moment."""

    __tablename__ = "showing"

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    """Who shows: what they may no longer see is no longer shown."""
    code_index: Mapped[bytes] = mapped_column(unique=True)
    """Blind index of the code."""
    sealed_code: Mapped[bytes]
    """For the person to show again while it lasts."""
    sealed_whom: Mapped[bytes]
    """For whom, in the person’s words."""
    document_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    created_at: Mapped[datetime]
    until: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Visit(Traced, Base):
    """Somebody who came with the code: a session that reads, and nothing more."""

    __tablename__ = "visit"

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    showing_id: Mapped[UUID] = mapped_column(ForeignKey("showing.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    sealed_visitor: Mapped[bytes]
    """`domain.showings.Visitor`: who they say they are."""
    at: Mapped[datetime]
    ends_at: Mapped[datetime]
