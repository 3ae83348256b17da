"""What a laboratory chose for itself: the families of tests that it announces first."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.db import Base, Placed


class WithheldFamily(Placed, Base):
    """A family of tests is withheld by default, from when it is chosen until it is not."""

    __tablename__ = "withheld_family"
    __table_args__ = (
        Index(
            "uq_withheld_family_chosen",
            "structure_id",
            "family",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    structure_id: Mapped[UUID] = mapped_column(ForeignKey("structure.id"))
    family: Mapped[str]
    """A key of `domain/codes/withheld_families.csv`."""
    chosen_by: Mapped[UUID] = mapped_column(ForeignKey("professional.id"))
    chosen_at: Mapped[datetime]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("professional.id"))
    ended_at: Mapped[datetime | None]
