"""What a laboratory chose for itself: what it announces first, what it writes often."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.conversations import Model
from backend.storage.db import Base, Placed
from backend.storage.vault import Vault


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


class MessageModel(Placed, Base):
    """A text ready to be changed and sent. It is about nobody, and sealed in case it is."""

    __tablename__ = "message_model"

    structure_id: Mapped[UUID] = mapped_column(ForeignKey("structure.id"), index=True)
    written_by: Mapped[UUID] = mapped_column(ForeignKey("professional.id"))
    written_at: Mapped[datetime]
    sealed: Mapped[bytes]
    """`domain.conversations.Model`."""


def seal_model(vault: Vault, model_id: UUID, model: Model) -> bytes:
    return vault.seal("message-model", msgspec.json.encode(model), model_id)


def model_in(vault: Vault, row: MessageModel) -> Model:
    """Its title and its words, opened."""
    return msgspec.json.decode(vault.unseal("message-model", row.sealed, row.id), type=Model)
