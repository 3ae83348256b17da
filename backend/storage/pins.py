"""The table of what people keep on their home page."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.db import Base, Traced


class Pin(Traced, Base):
    """One analysis on the home page of one account, for one record."""

    __tablename__ = "pin"
    __table_args__ = (UniqueConstraint("account_id", "record_id", "analysis"),)

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    analysis: Mapped[UUID]
    """The analysis’s address in this record: a fingerprint, which says nothing without its key."""
    at: Mapped[datetime]
