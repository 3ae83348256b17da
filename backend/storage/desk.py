"""Tables of a laboratory’s desk: the files of its patients, who checked what, contracts, anomalies.

A file belongs to the structure, not to the person’s space: it may be there before the space, and
stay after. It has a key of its own, as a record has; nobody’s name is in clear.
"""

from datetime import date, datetime
from uuid import UUID, uuid4

import msgspec
from msgspec import Struct
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.anomalies import AnomalyKind, AnomalyState
from backend.domain.reception import Choices
from backend.domain.reports import Traits
from backend.domain.rniv import Mark, Standing, Status
from backend.domain.trust_contracts import Terms
from backend.storage.db import AsyncSession, Base, Traced, vault_of
from backend.storage.vault import RecordKey, Vault


class OfFile(Traced):
    """Part of a patient’s file: its changes are traced with the file’s."""

    file_id: Mapped[UUID]

    @property
    def record_key(self) -> UUID:
        """The file."""
        return self.file_id


class PatientFile(Traced, Base):
    """Somebody, as one laboratory knows them."""

    __tablename__ = "patient_file"
    __table_args__ = (
        UniqueConstraint("structure_id", "ins_index"),
        Index("ix_patient_file_structure_received", "structure_id", "received_at"),
        Index("ix_patient_file_structure_expected", "structure_id", "expected_at"),
    )

    structure_id: Mapped[UUID] = mapped_column(ForeignKey("structure.id"))
    wrapped_key: Mapped[bytes]
    status: Mapped[Status]
    marks: Mapped[list[str]] = mapped_column(ARRAY(String))
    """`rniv.Mark`."""
    born_index: Mapped[bytes] = mapped_column(index=True)
    """Blind index of the structure and the day of birth: a desk looks people up by it."""
    ins_index: Mapped[bytes | None]
    """Blind index of the structure and the INS: two files of a laboratory never share one."""
    sealed_traits: Mapped[bytes]
    sealed_former: Mapped[bytes | None]
    """Numbers of before: they find old documents, and are never sent."""
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    """When INSi last answered."""
    waits_for_insi: Mapped[bool]
    """It did not answer: to be asked again."""
    qualified_at: Mapped[datetime | None]
    contract_id: Mapped[UUID | None] = mapped_column(ForeignKey("trust_contract.id"))
    """Of the partner who sent this person’s samples."""
    expected_at: Mapped[datetime | None]
    """When the desk last expected them."""
    received_at: Mapped[datetime | None]
    """When the desk first opened the file, on the last day that it did: the list of a day."""

    @property
    def standing(self) -> Standing:
        """Where the identity stands."""
        return Standing(self.status, frozenset(map(Mark, self.marks)))


class IdentityCheck(OfFile, Base):
    """A document was seen, or a contract served: its kind, who, when. No copy, no number."""

    __tablename__ = "identity_check"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("patient_file.id"), index=True)
    kind: Mapped[str]
    """`rniv.Proof.code`, or `contrat`."""
    contract_id: Mapped[UUID | None] = mapped_column(ForeignKey("trust_contract.id"))
    checked_by: Mapped[UUID]
    at: Mapped[datetime]


class DeskVisit(OfFile, Base):
    """Somebody came: what they were told, and what they want for what is done this time."""

    __tablename__ = "desk_visit"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("patient_file.id"), index=True)
    received_by: Mapped[UUID]
    at: Mapped[datetime]
    sealed_choices: Mapped[bytes]


class TrustContract(Traced, Base):
    """« Contrat de confiance »: a partner’s qualified identities are taken as such."""

    __tablename__ = "trust_contract"

    structure_id: Mapped[UUID] = mapped_column(ForeignKey("structure.id"), index=True)
    sealed_terms: Mapped[bytes]
    """`Terms`: with whom, by which clause, and the two référents: their names are people’s."""
    signed_on: Mapped[date]
    until: Mapped[date]
    """The last day."""
    stopped_on: Mapped[date | None]
    """The first day without it, when somebody stopped it before its end."""
    suspended: Mapped[bool]
    """By an audit, until another one is good."""


class ContractAudit(Traced, Base):
    """One of the two audited the other’s way of checking identities."""

    __tablename__ = "contract_audit"

    contract_id: Mapped[UUID] = mapped_column(ForeignKey("trust_contract.id"), index=True)
    day: Mapped[date]
    good: Mapped[bool]
    audited_by: Mapped[UUID]
    at: Mapped[datetime]
    sealed_findings: Mapped[bytes]

    @property
    def record_key(self) -> UUID:
        """The contract."""
        return self.contract_id


class IdentityAnomaly(OfFile, Base):
    """A line of the register of anomalies."""

    __tablename__ = "identity_anomaly"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("patient_file.id"), index=True)
    structure_id: Mapped[UUID] = mapped_column(ForeignKey("structure.id"), index=True)
    contract_id: Mapped[UUID | None] = mapped_column(ForeignKey("trust_contract.id"))
    """When it came from a partner: their audits read it."""
    kind: Mapped[AnomalyKind]
    state: Mapped[AnomalyState]
    opened_by: Mapped[UUID]
    opened_at: Mapped[datetime]
    treated_by: Mapped[UUID | None]
    treated_at: Mapped[datetime | None]
    settled_by: Mapped[UUID | None]
    settled_at: Mapped[datetime | None]
    sealed_detail: Mapped[bytes]
    sealed_outcome: Mapped[bytes | None]


class Former(Struct, frozen=True):
    """A number that somebody had."""

    matricule: str
    oid: str


def new_file(
    db: AsyncSession, structure_id: UUID, traits: Traits, *, by: UUID, now: datetime
) -> PatientFile:
    """A provisional file, without INS. The caller authorises and adds it."""
    file_id = uuid4()
    file = PatientFile(
        id=file_id,
        structure_id=structure_id,
        wrapped_key=vault_of(db).new_record_key(file_id),
        status=Status.PROV,
        marks=[],
        created_by=by,
        created_at=now,
        waits_for_insi=False,
    )
    write_traits(db, file, traits)
    return file


def key_of(db: AsyncSession, file: PatientFile) -> RecordKey:
    """The file’s data key, unwrapped."""
    return vault_of(db).record_key(file.id, file.wrapped_key)


def write_traits(db: AsyncSession, file: PatientFile, traits: Traits) -> None:
    """Seal these traits, and let the file be found by them."""
    vault, structure = vault_of(db), file.structure_id
    file.sealed_traits = key_of(db, file).seal_value(traits, file.id, "traits")
    file.born_index = born_index(vault, structure, traits.birth_date)
    known = bool(traits.matricule)
    number = number_index(vault, structure, traits.oid, traits.matricule) if known else None
    file.ins_index = number


def traits_of(db: AsyncSession, file: PatientFile) -> Traits:
    """The identity, opened."""
    return key_of(db, file).open_value(Traits, file.sealed_traits, file.id, "traits")


def former_of(db: AsyncSession, file: PatientFile) -> tuple[Former, ...]:
    """The numbers of before, opened."""
    if file.sealed_former is None:
        return ()
    key = key_of(db, file)
    return key.open_value(tuple[Former, ...], file.sealed_former, file.id, "former")


def keep_former(db: AsyncSession, file: PatientFile, numbers: tuple[Former, ...]) -> None:
    """Add these to the numbers of before."""
    kept = tuple(dict.fromkeys((*former_of(db, file), *numbers)))
    file.sealed_former = key_of(db, file).seal_value(kept, file.id, "former") if kept else None


def seal_terms(db: AsyncSession, contract_id: UUID, terms: Terms) -> bytes:
    """What a contract says, sealed."""
    return vault_of(db).seal("contract-terms", msgspec.json.encode(terms), contract_id)


def terms_of(db: AsyncSession, contract: TrustContract) -> Terms:
    """What a contract says, opened."""
    opened = vault_of(db).unseal("contract-terms", contract.sealed_terms, contract.id)
    return msgspec.json.decode(opened, type=Terms)


def choices_of(db: AsyncSession, file: PatientFile, visit: DeskVisit) -> Choices:
    """What somebody wanted that time, opened."""
    return key_of(db, file).open_value(Choices, visit.sealed_choices, visit.id, "choices")


def born_index(vault: Vault, structure_id: UUID, born: date | None) -> bytes:
    """Blind index of a day of birth, for one structure."""
    return vault.index("desk-born", f"{structure_id}|{born or ''}")


def number_index(vault: Vault, structure_id: UUID, oid: str, matricule: str) -> bytes:
    """Blind index of an INS, for one structure."""
    return vault.index("desk-ins", f"{structure_id}|{oid}|{matricule}")
