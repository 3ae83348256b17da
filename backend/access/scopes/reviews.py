"""What a structure looks at afterwards: the emergencies of its professionals, and their pace.

Whose record it was is not there: who reviews has no reason to know. The key is, for the reason that
was written.
"""

from sqlalchemy import ColumnElement, Select, false, select

from backend.access.actors import Actor, Professional, Supposed
from backend.storage.care import AccessAlert, EmergencyAccess
from backend.storage.records import Record
from backend.storage.structures import Professional as Practitioner


def emergencies_at(actor: Actor) -> Select[EmergencyAccess, Record, Practitioner]:
    """Declared by those who worked there, the latest first."""
    return (
        select(EmergencyAccess, Record, Practitioner)
        .join(Record, Record.id == EmergencyAccess.record_id)
        .join(Practitioner, Practitioner.id == EmergencyAccess.professional_id)
        .where(_here(actor, EmergencyAccess))
        .order_by(EmergencyAccess.declared_at.desc(), EmergencyAccess.id)
    )


def alerts_at(actor: Actor) -> Select[AccessAlert, Practitioner]:
    """About those who work there, the latest first."""
    return (
        select(AccessAlert, Practitioner)
        .join(Practitioner, Practitioner.id == AccessAlert.professional_id)
        .where(_here(actor, AccessAlert))
        .order_by(AccessAlert.at.desc(), AccessAlert.id)
    )


def _here(actor: Actor, kind: type[EmergencyAccess | AccessAlert]) -> ColumnElement[bool]:
    if not isinstance(actor, Professional) or isinstance(actor, Supposed):
        return false()
    return kind.structure_id == actor.structure_id if actor.structure_id else false()
