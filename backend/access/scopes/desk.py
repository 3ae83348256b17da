"""What a professional reaches at the desk of their own structure: its files, contracts, register.

Another structure’s are not there, whoever the patient is: a file is the laboratory’s own.
"""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from backend.access.actors import Actor, Professional, Supposed
from backend.access.scopes import Moment
from backend.access.scopes.machines import laboratory_of
from backend.access.scopes.professionals import LIVE
from backend.domain.anomalies import AnomalyState
from backend.domain.day_list import day_of
from backend.storage.desk import (
    ContractAudit,
    DeskVisit,
    IdentityAnomaly,
    IdentityCheck,
    PatientFile,
    TrustContract,
)
from backend.storage.records import Identity, IdentityStatus, Record
from backend.storage.structures import MachineClient, Structure


def patient_files(actor: Actor) -> Select[PatientFile]:
    """The files of the structure."""
    return select(PatientFile).where(_here(actor, PatientFile))


def files_of_the_day(actor: Actor, at: Moment) -> Select[PatientFile]:
    """Whoever the structure receives or expects today, the last hour first.

    The day is in the question: at midnight nobody is left, and nothing has to be put away.
    """
    begins, ends = day_of(at.today), day_of(at.today + timedelta(days=1))
    received = and_(PatientFile.received_at >= begins, PatientFile.received_at < ends)
    expected = and_(PatientFile.expected_at >= begins, PatientFile.expected_at < ends)
    hour = func.greatest(PatientFile.received_at, PatientFile.expected_at)
    today = patient_files(actor).where(or_(received, expected))
    return today.order_by(hour.desc(), PatientFile.id)


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


def anomalies_left(actor: Actor, files: Collection[UUID]) -> Select[IdentityAnomaly]:
    """What is still to be treated about these files."""
    return anomalies_for(actor).where(
        IdentityAnomaly.file_id.in_(files), IdentityAnomaly.state != AnomalyState.SETTLED
    )


def open_spaces(actor: Actor, indexes: Collection[bytes]) -> Select[bytes]:
    """Of these INS of a structure’s own files, those whose space would take a deposit.

    Nothing else of the space is told: whether it was refused, closed or never made is not here.
    """
    return (
        select(Identity.ins_index)
        .join(Record, Record.id == Identity.record_id)
        .where(
            Identity.ins_index.in_(indexes) if _structure_of(actor) else false(),
            Identity.status == IdentityStatus.QUAL,
            Record.state.in_(LIVE),
        )
    )


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


def systems_here(actor: Actor) -> Select[MachineClient]:
    """The systems that deposit for the structure."""
    here = _structure_of(actor)
    return select(MachineClient).where(MachineClient.structure_id == here if here else false())


Kept = type[PatientFile] | type[TrustContract] | type[IdentityAnomaly]


def _here(actor: Actor, kind: Kept) -> ColumnElement[bool]:
    here = _structure_of(actor)
    return kind.structure_id == here if here else false()


def _structure_of(actor: Actor) -> UUID | None:
    if isinstance(actor, Professional) and not isinstance(actor, Supposed):
        return actor.structure_id
    return None
