"""The tables of the folders that people put their documents in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, and_, exists, not_, select
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.db import Base, Traced
from backend.storage.documents import Document


class Folder(Traced, Base):
    """One folder of a record, for who manages it."""

    __tablename__ = "folder"

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"), index=True)
    sealed_name: Mapped[bytes]
    """What it is called, under the record’s key."""
    at: Mapped[datetime]


class Placement(Traced, Base):
    """A document is in one folder, or in none."""

    __tablename__ = "placement"

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    folder_id: Mapped[UUID] = mapped_column(ForeignKey("folder.id"), index=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), unique=True)
    at: Mapped[datetime]


PLACEMENT_ASTRAY = select(Placement.id).where(
    not_(
        and_(
            exists().where(
                Document.id == Placement.document_id, Document.record_id == Placement.record_id
            ),
            exists().where(
                Folder.id == Placement.folder_id, Folder.record_id == Placement.record_id
            ),
        )
    )
)
"""For who checks the whole store: of another record, or of nothing."""
