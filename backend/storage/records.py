"""Tables about people's records: identity, guardians, what is masked."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.domain.activation import Contacts
from backend.domain.ins import OIDS
from backend.domain.reports import Traits
from backend.domain.rniv import Status
from backend.storage.db import AsyncSession, Base, Traced, vault_of
from backend.storage.vault import RecordKey, Vault


class RecordState(StrEnum):
    """A profile is `ouvert` without its person doing anything; `actif` once they came in."""

    INFORMED = "informe"
    """Told of it, for six weeks; nothing is kept yet."""
    OPEN = "ouvert"
    ACTIVE = "actif"
    OPPOSED = "oppose"
    CLOSED = "ferme"
    SUSPENDED = "suspendu"
    DECEASED = "decede"
    ERASED = "efface"
    """Its key is destroyed: what is left cannot be read."""
    TRANSIT = "transit"
    """Of nobody’s space: it holds one report while it is sent, then its key is destroyed."""


IdentityStatus = Status
"""RNIV statuses (interop.md §7.1). Only QUAL may send and receive documents."""


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
    """« Bris de glace » by any professional: allowed unless the person opposed it (R.1111-48)."""
    samu_allowed: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    """The same by the physician of a Samu – Centre 15."""
    emergency_unmasks: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """In an emergency that is allowed, what is masked is read too."""
    masked_categories: Mapped[list[str]] = mapped_column(
        ARRAY(String), default=list, server_default=text("'{}'")
    )
    """`domain.categories.Category`: kept from professionals, what comes included."""
    measures_from_reports: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Reports are read for what « Mesures » shows (TRAITEMENT_AUTO_DOCS): only when asked for."""
    messages_refused: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """No professional writes to this person, nor they to any: MSSanté included."""
    attached_to: Mapped[UUID | None] = mapped_column(ForeignKey("record.id"), index=True)
    """A child’s ouvrant droit, as the Assurance maladie knows it: the one parent who may attach."""
    opens_on: Mapped[date | None]
    """While `informe`: the day after the six weeks."""
    ended_at: Mapped[datetime | None]
    """When it was refused or closed."""
    erasure_asked: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """The person asked for early deletion."""
    erase_on: Mapped[date | None]
    """While `oppose`, `ferme` or `transit`: the day when the key is destroyed."""
    transit_of: Mapped[UUID | None] = mapped_column(ForeignKey("record.id"))
    """Of a transit: the record that its person has, whatever became of it. Whom they blocked there
    gets nothing by this way either."""

    identity: Mapped["Identity"] = relationship(lazy="raise", back_populates="record")


class Identity(Traced, Base):
    """INS identity of a record: the traits are sealed, the matricule is found by blind index."""

    __tablename__ = "identity"

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"), unique=True)
    ins_index: Mapped[bytes] = mapped_column(unique=True)
    """Blind index of `OID|matricule`."""
    status: Mapped[IdentityStatus]
    sealed_traits: Mapped[bytes]
    sealed_contacts: Mapped[bytes | None]
    """`Contacts` on file: how a provisional code may reach the person."""

    record: Mapped[Record] = relationship(lazy="raise", back_populates="identity")


class VitaleCard(Traced, Base):
    """A carte Vitale on which the person is written; a child is on both parents’."""

    __tablename__ = "vitale_card"
    __table_args__ = (UniqueConstraint("record_id", "serial_index"),)

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    serial_index: Mapped[bytes]
    """Blind index of its serial number."""


class Guardianship(Traced, Base):
    """A representative (parent, tutor) of a minor. Ends by itself on the 18th birthday."""

    __tablename__ = "guardianship"
    __table_args__ = (UniqueConstraint("record_id", "account_id"),)

    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    """The child's record."""
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    """The representative's account."""
    principal: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """The parent to whom the child is attached (ouvrant droit)."""
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    """First day without the right; the child's 18th birthday ends it anyway."""
    revoked_at: Mapped[datetime | None]


def key_of(db: AsyncSession, record: Record) -> RecordKey:
    """The record's data key, unwrapped."""
    return vault_of(db).record_key(record.id, record.wrapped_key)


def ins_index(vault: Vault, oid: str, matricule: str) -> bytes:
    """Blind index of an INS."""
    return vault.index("ins", f"{oid}|{matricule}")


def indexes_of(vault: Vault, nir: str) -> list[bytes]:
    """Where a number typed by a person may be found: they do not know its domain."""
    return [ins_index(vault, oid, nir) for oid in sorted(OIDS)]


def numbers_of(vault: Vault, traits: Traits) -> tuple[bytes, list[bytes]]:
    """Where somebody’s INS is found, then the same number under any OID."""
    own = ins_index(vault, traits.oid, traits.matricule)
    return own, indexes_of(vault, traits.matricule)


def new_record(
    db: AsyncSession,
    traits: Traits,
    *,
    state: RecordState,
    status: IdentityStatus,
    now: datetime,
    minor_until: date | None = None,
    contacts: Contacts | None = None,
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
    key = key_of(db, record)
    record.identity = Identity(
        record_id=record_id,
        ins_index=ins_index(vault_of(db), traits.oid, traits.matricule),
        status=status,
        sealed_traits=key.seal_value(traits, record_id, "traits"),
        sealed_contacts=key.seal_value(contacts, record_id, "contacts") if contacts else None,
    )
    db.add(record)
    return record


def traits_of(db: AsyncSession, record: Record, identity: Identity) -> Traits:
    """The identity, opened."""
    key = key_of(db, record)
    return key.open_value(Traits, identity.sealed_traits, record.id, "traits")


def contacts_of(db: AsyncSession, record: Record, identity: Identity) -> Contacts:
    """What is on file, opened."""
    if identity.sealed_contacts is None:
        return Contacts()
    return key_of(db, record).open_value(Contacts, identity.sealed_contacts, record.id, "contacts")


def vitale_card(db: AsyncSession, record: Record, serial: str) -> VitaleCard:
    """A card on which this person is written."""
    return VitaleCard(record_id=record.id, serial_index=vault_of(db).index("vitale", serial))
