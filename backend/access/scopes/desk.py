"""What a professional reaches at the desk of their own structure: its files, contracts, register.

Another structure’s are not there, whoever the patient is: a file is the laboratory’s own.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, select

from backend.access.actors import Actor, Professional, Supposed
from backend.access.scopes.machines import laboratory_of
from backend.storage.desk import (
    ContractAudit,
    DeskVisit,
    IdentityAnomaly,
    IdentityCheck,
    PatientFile,
    TrustContract,
)
from backend.storage.structures import Structure


def patient_files(actor: Actor) -> Select[PatientFile]:
    """The files of the structure."""
    return select(PatientFile).where(_here(actor, PatientFile))


def contracts_for(actor: Actor) -> Select[TrustContract]:
    """The contracts that the structure signed."""
    return select(TrustContract).where(_here(actor, TrustContract))


def anomalies_for(actor: Actor) -> Select[IdentityAnomaly]:
    """The register of the structure."""
    return select(IdentityAnomaly).where(_here(actor, IdentityAnomaly))


def checks_for(actor: Actor) -> Select[IdentityCheck]:
    """Who checked the identities of these files, how, when."""
    of = patient_files(actor).with_only_columns(PatientFile.id)
    return select(IdentityCheck).where(IdentityCheck.file_id.in_(of))


def visits_for(actor: Actor) -> Select[DeskVisit]:
    """What the people of these files wanted, each time."""
    of = patient_files(actor).with_only_columns(PatientFile.id)
    return select(DeskVisit).where(DeskVisit.file_id.in_(of))


def visits_of_a_sender(actor: Actor, indexes: Collection[bytes]) -> Select[PatientFile, DeskVisit]:
    """What the people of these INS wanted at the desk of a depositor’s own laboratory, in order."""
    if (laboratory := laboratory_of(actor)) is None:
        return select(PatientFile, DeskVisit).where(false())
    return (
        select(PatientFile, DeskVisit)
        .join(DeskVisit, DeskVisit.file_id == PatientFile.id)
        .where(PatientFile.structure_id == laboratory, PatientFile.ins_index.in_(indexes))
        .order_by(DeskVisit.at, DeskVisit.id)
    )


def audits_for(actor: Actor) -> Select[ContractAudit]:
    """The audits of these contracts."""
    of = contracts_for(actor).with_only_columns(TrustContract.id)
    return select(ContractAudit).where(ContractAudit.contract_id.in_(of))


def ones_structure(actor: Actor) -> Select[Structure]:
    """Where the professional is at work."""
    here = _structure_of(actor)
    return select(Structure).where(Structure.id == here if here else false())


Kept = type[PatientFile] | type[TrustContract] | type[IdentityAnomaly]


def _here(actor: Actor, kind: Kept) -> ColumnElement[bool]:
    here = _structure_of(actor)
    return kind.structure_id == here if here else false()


def _structure_of(actor: Actor) -> UUID | None:
    if isinstance(actor, Professional) and not isinstance(actor, Supposed):
        return actor.structure_id
    return None
