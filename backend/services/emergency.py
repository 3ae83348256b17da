"""When life is at stake: the three switches of the patient, and a professional who declares it."""

from uuid import UUID, uuid4

from backend.access import Action, authorise, refuse
from backend.access.actors import Patient, Professional
from backend.access.scopes import Moment, records_for
from backend.access.scopes.care import link_of
from backend.access.scopes.professionals import declared
from backend.domain.emergency import EMERGENCY_LIFE, Purpose, Switches, read_reason
from backend.domain.errors import NotFound
from backend.domain.habilitation import is_physician
from backend.domain.notices import Event
from backend.services.consultation import BLOCKED, SHUT, hold_at_the_door
from backend.services.notices import announce
from backend.storage.care import EmergencyAccess
from backend.storage.db import AsyncSession
from backend.storage.records import Record, key_of
from backend.storage.structures import Structure

FRESH = {"populate_existing": True}


async def switches(db: AsyncSession, actor: Patient, at: Moment) -> Switches:
    """What the record on the screen allows; NotFound without one."""
    record = await db.scalar(records_for(actor, at).where(Record.id == actor.record_id))
    if record is None:
        raise NotFound
    return _switches(record)


async def set_switches(db: AsyncSession, actor: Patient, at: Moment, chosen: Switches) -> None:
    """From the commit on, also for the emergencies that run."""
    own = records_for(actor, at).where(Record.id == actor.record_id)
    held = own.with_for_update(of=Record, key_share=True)  # deposits do not wait
    record = await db.scalar(held, execution_options=FRESH)
    if record is None:
        raise NotFound
    if _switches(record) == chosen:
        return
    authorise(db, actor, Action.SET_EMERGENCY, record)
    record.samu_allowed = chosen.samu
    record.emergency_allowed = chosen.anyone
    record.emergency_unmasks = chosen.masked


async def declare(
    db: AsyncSession,
    pro: Professional,
    at: Moment,
    record_id: UUID,
    *,
    purpose: Purpose,
    reason: str,
) -> bool:
    """Four hours, with a reason that the patient reads; told to them at once.

    False when they blocked this professional or do not allow it, or for whoever may not: Samu is
    for the physicians of a Centre 15.
    """
    written = read_reason(reason)
    record = await hold_at_the_door(db, pro, record_id)
    if why := await _why_not(db, pro, record, purpose):
        refuse(db, pro, Action.DECLARE_EMERGENCY, record_id=record_id, reason=why)
        return False
    id_ = uuid4()
    fresh = EmergencyAccess(
        id=id_,
        record_id=record_id,
        professional_id=pro.id,
        structure_id=pro.structure_id,
        purpose=purpose,
        declared_at=at.now,
        until=at.now + EMERGENCY_LIFE,
        sealed_reason=key_of(db, record).seal_value(written, id_, "reason"),
    )
    authorise(db, pro, Action.DECLARE_EMERGENCY, fresh, reason=purpose)
    db.add(fresh)
    await db.flush()
    event = Event.EMERGENCY_ACCESS
    await announce(db, record_id=record_id, event=event, at=at.now, professional_id=pro.id)
    return True


async def end(db: AsyncSession, pro: Professional, at: Moment, record_id: UUID) -> None:
    """The emergencies that they declared in this record are over."""
    query = declared(pro, at).where(EmergencyAccess.record_id == record_id)
    for running in await db.scalars(query.with_for_update(of=EmergencyAccess)):
        authorise(db, pro, Action.END_EMERGENCY, running)
        running.until = at.now


async def purposes(db: AsyncSession, pro: Professional) -> tuple[Purpose, ...]:
    """Which emergencies they may declare: the Samu’s is for the physicians of a Centre 15."""
    return (Purpose.ANY, Purpose.SAMU) if await _at_the_samu(db, pro) else (Purpose.ANY,)


async def _why_not(
    db: AsyncSession, pro: Professional, record: Record, purpose: Purpose
) -> str | None:
    """Why this emergency may not be declared; None when it may."""
    link = await db.scalar(link_of(pro, record.id), execution_options=FRESH)
    if link is not None and (link.blocked or link.objected):
        return BLOCKED
    if purpose is Purpose.ANY:
        return None if record.emergency_allowed else SHUT
    return None if await _at_the_samu(db, pro) and record.samu_allowed else SHUT


async def _at_the_samu(db: AsyncSession, pro: Professional) -> bool:
    structure = await db.get(Structure, pro.structure_id)
    return structure is not None and structure.samu and is_physician(pro.profession)


def _switches(record: Record) -> Switches:
    return Switches(record.samu_allowed, record.emergency_allowed, record.emergency_unmasks)
