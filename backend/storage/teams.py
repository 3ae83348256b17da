"""Tables about who works in a laboratory, and about professionals who are signed in."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.laboratory import Role
from backend.storage.db import Base, Placed


class Membership(Placed, Base):
    """Somebody has a role at a site, from when they were attached until they are detached."""

    __tablename__ = "membership"
    __table_args__ = (
        Index(
            "uq_membership_one_of_a_kind",
            "structure_id",
            "national_id",
            "role",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    structure_id: Mapped[UUID] = mapped_column(ForeignKey("structure.id"))
    national_id: Mapped[str] = mapped_column(index=True)
    """Whom Pro Santé Connect will have to name: nobody comes in by a name."""
    role: Mapped[Role]
    family: Mapped[str]
    given: Mapped[str]
    """As who attached them wrote it, for the people of the site."""
    attached_by: Mapped[UUID | None] = mapped_column(ForeignKey("professional.id"))
    """None: a biologist whom Pro Santé Connect says works there; or the operator."""
    attached_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ProEntry(Base):
    """Somebody left for Pro Santé Connect and is to come back in the same browser, once."""

    __tablename__ = "pro_entry"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    state_hash: Mapped[bytes] = mapped_column(unique=True)
    browser_hash: Mapped[bytes]
    sealed_proofs: Mapped[bytes]
    """The nonce and the PKCE verifier."""
    ends_at: Mapped[datetime] = mapped_column(index=True)


class ProSession(Base):
    """A professional in a browser: known by the hash of its token, at one place at a time."""

    __tablename__ = "pro_session"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    professional_id: Mapped[UUID] = mapped_column(ForeignKey("professional.id"), index=True)
    places: Mapped[list[Any]] = mapped_column(JSONB)
    """(structure, profession) of each activity that may be chosen, as proved at the entrance."""
    structure_id: Mapped[UUID | None] = mapped_column(ForeignKey("structure.id"), index=True)
    """None until an activity is chosen."""
    profession: Mapped[str]
    """Line of the matrice d’habilitation of the activity that was chosen."""
    subject: Mapped[str] = mapped_column(index=True)
    """`sub` of Pro Santé Connect."""
    psc_session: Mapped[str]
    """`sid`, so that its end there is the end here."""
    sealed_hint: Mapped[bytes]
    """The id_token, to end the session of Pro Santé Connect with ours. It opens nothing."""
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    """Absolute end."""
    browser: Mapped[str]
    """« Chrome, Windows »."""
    fresh_at: Mapped[datetime | None]
    """When they last proved again who they are, for one thing that asks it; None once it served."""
    fresh_for: Mapped[UUID | None]
    """The record for whose emergency they proved it."""
