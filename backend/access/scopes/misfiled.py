"""What patients say is not theirs, for who keeps the register of the laboratory that sent it."""

from uuid import UUID

from sqlalchemy import Select, false, or_, select

from backend.access.actors import Actor, Professional, Supposed
from backend.access.scopes.professionals import LIVE
from backend.domain.deposits import DepositAction
from backend.domain.laboratory import Ability, can
from backend.domain.misfilings import UNANSWERED, MisfilingState
from backend.storage.care import CareLink
from backend.storage.documents import Document, Misfiling, Receipt, Version
from backend.storage.records import Record


def misfilings_for(actor: Actor) -> Select[Misfiling]:
    """Answered or not, in live records: what a closed space held is nobody’s to read.

    Not for a professional whom the patient blocked.
    """
    if not isinstance(actor, Professional) or isinstance(actor, Supposed):
        return select(Misfiling).where(false())
    if actor.structure_id is None or not can(actor.roles, Ability.MANAGE_ANOMALIES):
        return select(Misfiling).where(false())
    live = select(Record).where(Record.id == Misfiling.record_id, Record.state.in_(LIVE))
    blocked = select(CareLink.record_id).where(
        CareLink.record_id == Misfiling.record_id,
        CareLink.professional_id == actor.id,
        CareLink.blocked,
    )
    return select(Misfiling).where(
        Misfiling.structure_id == actor.structure_id,
        live.correlate(Misfiling).exists(),
        ~blocked.correlate(Misfiling).exists(),
    )


def misfilings_waiting(actor: Actor) -> Select[Misfiling]:
    """Those that this person may answer: not the ones that wait for somebody else."""
    return misfilings_for(actor).where(
        Misfiling.state.in_(UNANSWERED),
        or_(Misfiling.state == MisfilingState.OPEN, Misfiling.professional_id != actor.id),
    )


def misfiled_documents(actor: Actor) -> Select[Misfiling, Document, Version, Record]:
    """Each with what was deposited: the version that the patient saw."""
    return (
        misfilings_for(actor)
        .join(Document, Document.id == Misfiling.document_id)
        .join(Version, Version.id == Misfiling.version_id)
        .join(Record, Record.id == Misfiling.record_id)
        .with_only_columns(Misfiling, Document, Version, Record)
    )


def receipts_of_misfiled(actor: Actor, versions: set[UUID]) -> Select[UUID, str]:
    """By version, the number of the receipt that the laboratory had for it."""
    mine = misfilings_for(actor).with_only_columns(Misfiling.version_id)
    return select(Receipt.version_id, Receipt.number).where(
        Receipt.version_id.in_(versions),
        Receipt.version_id.in_(mine),
        Receipt.action != DepositAction.WITHDRAW,
    )
