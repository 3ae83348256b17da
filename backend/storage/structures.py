"""Tables about laboratories, professionals and the machines that deposit for them."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.db import Base


class Structure(Base):
    """A health structure, by FINESS."""

    __tablename__ = "structure"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    finess: Mapped[str] = mapped_column(unique=True)
    """Nine characters, without the type digit."""
    name: Mapped[str]
    city: Mapped[str] = mapped_column(default="")
    samu: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """A Samu – Centre 15: its physicians may declare an emergency on the telephone."""

    laboratory: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """It deposits here: its people come in when its administrator has attached them."""


class Professional(Base):
    """A health professional, by national id (idNat_PS: `8` + RPPS)."""

    __tablename__ = "professional"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    national_id: Mapped[str] = mapped_column(unique=True)
    family: Mapped[str]
    given: Mapped[str]
    profession: Mapped[str]
    """Code of the matrice d’habilitation (domain/habilitation.py)."""


class Practice(Base):
    """An activity: where a professional works, as the Annuaire santé says."""

    __tablename__ = "practice"

    professional_id: Mapped[UUID] = mapped_column(ForeignKey("professional.id"), primary_key=True)
    structure_id: Mapped[UUID] = mapped_column(ForeignKey("structure.id"), primary_key=True)


class MachineClient(Base):
    """A laboratory system (SGL) allowed to deposit for one structure."""

    __tablename__ = "machine_client"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    client_id: Mapped[str] = mapped_column(unique=True)
    structure_id: Mapped[UUID] = mapped_column(ForeignKey("structure.id"))
    scopes: Mapped[str] = mapped_column(default="deposit:bio")
    secret_mac: Mapped[bytes | None]
    """HMAC of the client secret (a random 256-bit value); none with private_key_jwt."""
    jwks: Mapped[dict[str, object] | None] = mapped_column(JSONB)
    """Public keys for private_key_jwt."""
    psc_client_id: Mapped[str | None] = mapped_column(unique=True)
    """What Pro Santé Connect calls this software; none: it never reads for anybody."""
    disabled_at: Mapped[datetime | None]


class MachineToken(Base):
    """A bearer access token, known by its hash."""

    __tablename__ = "machine_token"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("machine_client.id"))
    scope: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class ReadingToken(Base):
    """A bearer access token by which a system reads for one professional, known by its hash."""

    __tablename__ = "reading_token"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("machine_client.id"))
    professional_id: Mapped[UUID] = mapped_column(ForeignKey("professional.id"))
    profession: Mapped[str]
    """Of the activity, at the structure of the client."""
    scope: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class MachineCertificate(Base):
    """A certificate that speaks for a client on a line under TLS, by its fingerprint.

    One belongs to one client; a client has two while one replaces the other.
    """

    __tablename__ = "machine_certificate"

    fingerprint: Mapped[bytes] = mapped_column(primary_key=True)
    """SHA-256 of its DER form."""
    client_id: Mapped[UUID] = mapped_column(ForeignKey("machine_client.id"), index=True)
    subject: Mapped[str]
    """Whom it was issued to, as it says: for operators to tell it from others."""
    expires_at: Mapped[datetime]
    bound_at: Mapped[datetime]


class UsedAssertion(Base):
    """A client assertion already seen: its `jti` may not come back before it expires."""

    __tablename__ = "used_assertion"

    client_id: Mapped[UUID] = mapped_column(ForeignKey("machine_client.id"), primary_key=True)
    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
