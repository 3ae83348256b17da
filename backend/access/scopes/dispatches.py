"""What leaves by MSSanté, as those who deposit, follow and send it meet it."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from backend.access.actors import Actor, Machine, Professional, Robot, Supposed
from backend.access.scopes.professionals import LIVE
from backend.storage.care import CareLink
from backend.storage.dispatches import Dispatch, DispatchEvent
from backend.storage.documents import Document, Receipt, Version
from backend.storage.records import Identity, Record, RecordState
from backend.storage.structures import Professional as Directory

SENDING = "dispatch"
SENT_FROM = (*LIVE, RecordState.TRANSIT)
"""A report leaves from the record that it is filed in, or from where it lies while it is sent."""


def dispatches_for(actor: Actor) -> Select[Dispatch]:
    """Those of the structure that deposited, of live records and transits: its people follow them.

    Not a professional whom the patient blocked: a dispatch names the patient.
    """
    return select(Dispatch).where(_follows(actor))


def with_what_it_carries(
    of: Select[Dispatch],
) -> Select[Dispatch, Version, Record, Identity]:
    """The same dispatches, each with the version that it carries and whose it is."""
    return (
        of.join(Version, Version.id == Dispatch.version_id)
        .join(Record, Record.id == Dispatch.record_id)
        .join(Identity, Identity.record_id == Record.id)
        .add_columns(Version, Record, Identity)
    )


def events_for(actor: Actor) -> Select[DispatchEvent]:
    """All that became of them."""
    of = dispatches_for(actor).where(
        Dispatch.id == DispatchEvent.dispatch_id, Dispatch.record_id == DispatchEvent.record_id
    )
    return select(DispatchEvent).where(of.correlate(DispatchEvent).exists())


def receipts_of(actor: Actor) -> Select[Receipt]:
    """Those that were given for the versions which they carry."""
    of = dispatches_for(actor).where(Dispatch.version_id == Receipt.version_id)
    return select(Receipt).where(of.correlate(Receipt).exists())


def untold_events(machine: Machine) -> Select[DispatchEvent, Dispatch, Record]:
    """What this system asked to be told and was not yet, the oldest first."""
    return events_to_tell(machine).where(DispatchEvent.told_at.is_(None))


def events_to_tell(machine: Machine) -> Select[DispatchEvent, Dispatch, Record]:
    """What this system asked to be told, whether it was or not."""
    return (
        select(DispatchEvent, Dispatch, Record)
        .join(Dispatch, Dispatch.id == DispatchEvent.dispatch_id)
        .join(Record, Record.id == Dispatch.record_id)
        .where(
            DispatchEvent.client_id == machine.id,
            Dispatch.structure_id == machine.structure_id,
            Record.state.in_(SENT_FROM),
        )
        .order_by(DispatchEvent.at, DispatchEvent.number)
    )


def dispatch_for_work(robot: Robot) -> Select[Dispatch, Document, Version, Record, Identity]:
    """A dispatch with all that its policy looks at, whatever the state of its record; locked."""
    return (
        select(Dispatch, Document, Version, Record, Identity)
        .join(Document, Document.id == Dispatch.document_id)
        .join(Version, Version.id == Dispatch.version_id)
        .join(Record, Record.id == Dispatch.record_id)
        .join(Identity, Identity.record_id == Record.id)
        .where(_works(robot))
        .with_for_update(of=Dispatch)
    )


def dispatches_to_follow(robot: Robot) -> Select[Dispatch, Record]:
    """Those that a mail which came back may speak of, locked."""
    return (
        select(Dispatch, Record)
        .join(Record, Record.id == Dispatch.record_id)
        .where(_works(robot))
        .with_for_update(of=Dispatch)
    )


def refuses(robot: Robot, record_id: UUID, national_id: str) -> Select[CareLink]:
    """Whether its person blocked this professional, or objects to them.

    Somebody without a number may be any of those whom they refuse; a number without its type is
    that of an RPPS (`8`) or of an ADELI (`0`).
    """
    query = (
        select(CareLink)
        .join(Directory, Directory.id == CareLink.professional_id)
        .where(
            _works(robot),
            CareLink.record_id == record_id,
            or_(CareLink.blocked, CareLink.objected),
        )
        .limit(1)
    )
    numbers = (national_id, f"8{national_id}", f"0{national_id}")
    return query.where(Directory.national_id.in_(numbers)) if national_id else query


def _works(robot: Robot) -> ColumnElement[bool]:
    return true() if robot.name == SENDING else false()


def _follows(actor: Actor) -> ColumnElement[bool]:
    sent = select(Record).where(Record.id == Dispatch.record_id, Record.state.in_(SENT_FROM))
    match actor:
        case Supposed():
            return false()
        case Professional(structure_id=UUID()):
            transit = Record.transit_of.is_not(None)
            sent = sent.where(~and_(transit, _is_blocked(actor, Record.transit_of).exists()))
            blocked = _is_blocked(actor, Dispatch.record_id).correlate(Dispatch)
            mine = Dispatch.structure_id == actor.structure_id
            return and_(mine, sent.correlate(Dispatch).exists(), ~blocked.exists())
        case Machine():
            mine = Dispatch.structure_id == actor.structure_id
            return and_(mine, sent.correlate(Dispatch).exists())
        case _:
            return false()


def _is_blocked(actor: Professional, record_id: Any) -> Select[CareLink]:
    """By whoever has this record; one index answers."""
    return select(CareLink).where(
        CareLink.record_id == record_id, CareLink.professional_id == actor.id, CareLink.blocked
    )
