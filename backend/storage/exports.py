"""« Mes données »: files made for a person to take away."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.db import Base, Traced


class ExportState(StrEnum):
    """Expiry is an hour, not a state."""

    WAITING = "attente"
    READY = "pret"
    FAILED = "echec"


class Export(Traced, Base):
    """Everything in one record that this account may see, as one sealed file."""

    __tablename__ = "export"

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    """Who asked, and who alone takes it."""
    state: Mapped[ExportState] = mapped_column(default=ExportState.WAITING)
    created_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    file_key: Mapped[str | None]
    size: Mapped[int | None]
    """Bytes."""
    version_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    """The versions in the file, once made: it is given while all of them may still be seen."""
