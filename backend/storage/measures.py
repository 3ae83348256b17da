"""The table of what people measure themselves."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.db import Base, Traced


class StoredMeasure(Traced, Base):
    """One value in one record, or a goal. What was measured is as private as the value."""

    __tablename__ = "measure"
    __table_args__ = (Index("ix_measure_record_id", "record_id", "kind", "at"),)

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    """Who wrote it."""
    kind: Mapped[UUID]
    """The measure’s address in this record: a fingerprint, which says nothing without its key."""
    at: Mapped[datetime]
    """When it was measured."""
    sealed: Mapped[bytes]
    """`domain.measures.Measured`."""
    deleted_at: Mapped[datetime | None]
    """Deleted, for a day: it may be put back, then it is forgotten."""
