"""What a structure looks at afterwards: the emergencies of its professionals, and their pace.

Whose record it was is not there: who reviews has no reason to know. The key is, for the reason that
was written.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, select
from sqlalchemy.orm import InstrumentedAttribute

from backend.access.actors import Actor, Professional, Supposed
from backend.storage.care import AccessAlert, EmergencyAccess
from backend.storage.records import Record
from backend.storage.structures import Professional as Practitioner


def emergencies_at(actor: Actor) -> Select[EmergencyAccess, Record, Practitioner]:
    """Declared by those who worked there: those to look at, the oldest first; then the others.

    Of a record that was erased nothing is left to look at.
    """
    waits = _waits_still()
    return (
        select(EmergencyAccess, Record, Practitioner)
        .join(Record, Record.id == EmergencyAccess.record_id)
        .join(Practitioner, Practitioner.id == EmergencyAccess.professional_id)
        .where(_here(actor, EmergencyAccess))
        .order_by(*_queue(waits, EmergencyAccess.declared_at), EmergencyAccess.id)
    )


def alerts_at(actor: Actor) -> Select[AccessAlert, Practitioner]:
    """About those who work there, in the same order."""
    waits = AccessAlert.reviewed_at.is_(None)
    return (
        select(AccessAlert, Practitioner)
        .join(Practitioner, Practitioner.id == AccessAlert.professional_id)
        .where(_here(actor, AccessAlert))
        .order_by(*_queue(waits, AccessAlert.at), AccessAlert.id)
    )


def emergencies_to_review(actor: Actor) -> Select[EmergencyAccess, Record, Practitioner]:
    """Those that this person may review now: not their own."""
    return emergencies_at(actor).where(_waits_still(), EmergencyAccess.professional_id != actor.id)


def alerts_to_review(actor: Actor) -> Select[AccessAlert, Practitioner]:
    """The same, of alerts."""
    waits = AccessAlert.reviewed_at.is_(None)
    return alerts_at(actor).where(waits, AccessAlert.professional_id != actor.id)


def _waits_still() -> ColumnElement[bool]:
    return and_(EmergencyAccess.reviewed_at.is_(None), Record.wrapped_key != b"")


def _queue(
    waits: ColumnElement[bool], when: InstrumentedAttribute[datetime]
) -> tuple[ColumnElement[Any], ...]:
    """Nothing that waits is hidden behind what came later."""
    return waits.desc(), case((waits, when)).asc(), when.desc()


def _here(actor: Actor, kind: type[EmergencyAccess | AccessAlert]) -> ColumnElement[bool]:
    if not isinstance(actor, Professional) or isinstance(actor, Supposed):
        return false()
    return kind.structure_id == actor.structure_id if actor.structure_id else false()
