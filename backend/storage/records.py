"""Tables about people's records: identity, guardians, who may look."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.domain.reports import Traits
from backend.storage.db import AsyncSession, Base, Traced, vault_of
from backend.storage.vault import RecordKey, Vault


class RecordState(StrEnum):
    """A profile is `ouvert` without its person doing anything; `actif` once they came in."""

    OPEN = "ouvert"
    ACTIVE = "actif"
    OPPOSED = "oppose"
    CLOSED = "ferme"
    SUSPENDED = "suspendu"
    DECEASED = "decede"


class IdentityStatus(StrEnum):
    """RNIV statuses (interop.md §7.1). Only QUAL may send and receive documents."""

    PROV = "PROV"
    RECUP = "RECUP"
    VALI = "VALI"
    QUAL = "QUAL"


class Record(Traced, Base):
    """One person's dossier."""

    __tablename__ = "record"

    state: Mapped[RecordState]
    wrapped_key: Mapped[bytes]
    """This record's data key, wrapped. Destroying it erases the record."""
    created_at: Mapped[datetime]
    minor_until: Mapped[date | None]
    """The 18th birthday, for minors only: adults' birth dates are nowhere in clear."""
    mask_all: Mapped[bool] = mapped_column(default=False)
    emergency_allowed: Mapped[bool] = mapped_column(default=True)
    """« Bris de glace »: allowed unless the person opposed it (R.1111-48)."""

    identity: Mapped["Identity"] = relationship(lazy="raise", back_populates="record")


class Identity(Traced, Base):
    """INS identity of a record: the traits are sealed, the matricule is found by blind index."""

    __tablename__ = "identity"

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"), unique=True)
    ins_index: Mapped[bytes] = mapped_column(unique=True)
    """Blind index of `OID|matricule`."""
    status: Mapped[IdentityStatus]
    sealed_traits: Mapped[bytes]

    record: Mapped[Record] = relationship(lazy="raise", back_populates="identity")


class Guardianship(Traced, Base):
    """A representative (parent, tutor) of a minor. Ends by itself on the 18th birthday."""

    __tablename__ = "guardianship"
    __table_args__ = (UniqueConstraint("record_id", "account_id"),)

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    """The child's record."""
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    """The representative's account."""
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    """First day without the right; the child's 18th birthday ends it anyway."""
    revoked_at: Mapped[datetime | None]


class CareLink(Traced, Base):
    """What a person decided about one professional, by national id, across all structures."""

    __tablename__ = "care_link"
    __table_args__ = (UniqueConstraint("record_id", "professional_id"),)

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    professional_id: Mapped[UUID] = mapped_column(ForeignKey("professional.id"))
    in_team: Mapped[bool] = mapped_column(default=False)
    informed: Mapped[bool] = mapped_column(default=False)
    """The professional attested having informed the patient."""
    consent_until: Mapped[date | None]
    """Explicit consent, last day included."""
    objected: Mapped[bool] = mapped_column(default=False)
    blocked: Mapped[bool] = mapped_column(default=False)
    treating: Mapped[bool] = mapped_column(default=False)
    """Médecin traitant."""


class EmergencyAccess(Traced, Base):
    """« Bris de glace » declared by a professional: four hours, with a reason."""

    __tablename__ = "emergency_access"

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    professional_id: Mapped[UUID] = mapped_column(ForeignKey("professional.id"))
    declared_at: Mapped[datetime]
    until: Mapped[datetime]
    sealed_reason: Mapped[bytes]


def key_of(db: AsyncSession, record: Record) -> RecordKey:
    """The record's data key, unwrapped."""
    return vault_of(db).record_key(record.id, record.wrapped_key)


def ins_index(vault: Vault, oid: str, matricule: str) -> bytes:
    """Blind index of an INS."""
    return vault.index("ins", f"{oid}|{matricule}")


def new_record(
    db: AsyncSession,
    traits: Traits,
    *,
    state: RecordState,
    status: IdentityStatus,
    now: datetime,
    minor_until: date | None = None,
) -> Record:
    """A record and its identity, added to the session. The caller authorises it."""
    record_id = uuid4()
    record = Record(
        id=record_id,
        state=state,
        wrapped_key=vault_of(db).new_record_key(record_id),
        created_at=now,
        minor_until=minor_until,
    )
    record.identity = Identity(
        record_id=record_id,
        ins_index=ins_index(vault_of(db), traits.oid, traits.matricule),
        status=status,
        sealed_traits=key_of(db, record).seal_value(traits, record_id, "traits"),
    )
    db.add(record)
    return record


def traits_of(db: AsyncSession, record: Record, identity: Identity) -> Traits:
    """The identity, opened."""
    key = key_of(db, record)
    return key.open_value(Traits, identity.sealed_traits, record.id, "traits")
