"""Tables about who else may act in a record: invitations of the other parent, caregivers."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.caregiving import Mandate
from backend.storage.db import Base, Traced


class InvitationState(StrEnum):
    """Expiry is a date, not a state: no job has to have run."""

    PENDING = "attente"
    ACCEPTED = "acceptee"
    REFUSED = "refusee"
    WITHDRAWN = "retiree"


class Invitation(Traced, Base):
    """« Partage du profil »: one parent asks that the other see the child’s record too."""

    __tablename__ = "invitation"

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"), index=True)
    """The child’s."""
    from_account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    to_index: Mapped[bytes] = mapped_column(index=True)
    """Blind index of the INS typed: whoever it is finds it, and nobody learns if it exists."""
    sealed_to: Mapped[bytes]
    """The name, birth date and matricule typed, under the child’s key."""
    state: Mapped[InvitationState] = mapped_column(default=InvitationState.PENDING)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class Delegation(Traced, Base):
    """An aidant: an adult whom another adult lets in, until a day."""

    __tablename__ = "delegation"

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"), index=True)
    """Of the aided person."""
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    """The aidant’s, once accepted."""
    to_index: Mapped[bytes] = mapped_column(index=True)
    sealed_to: Mapped[bytes]
    """The name, birth date and matricule typed, under the aided person’s key."""
    mandate: Mapped[Mandate]
    until: Mapped[date]
    """Last day, included."""
    created_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
