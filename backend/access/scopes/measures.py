"""Who sees what people measure themselves: the people of the record, and nobody else."""

from datetime import datetime, timedelta

from sqlalchemy import Select, false, select

from backend.access.actors import Patient, Robot
from backend.access.scopes import people
from backend.access.scopes.moments import Moment
from backend.storage.measures import StoredMeasure
from backend.storage.records import Record

PUT_BACK = timedelta(days=1)
"""How long one that was deleted may be put back."""


def measures_for(person: Patient, at: Moment) -> Select[StoredMeasure]:
    """Measures of the record on the screen; professionals read what their patient shows them."""
    return _in_the_record(person, at).where(StoredMeasure.deleted_at.is_(None))


def deleted_measures_for(person: Patient, at: Moment) -> Select[StoredMeasure]:
    """Those that may still be put back."""
    return _in_the_record(person, at).where(StoredMeasure.deleted_at > at.now - PUT_BACK)


def measures_to_forget(robot: Robot, now: datetime) -> Select[StoredMeasure]:
    """Those deleted for longer, for the work that forgets them."""
    gone = StoredMeasure.deleted_at <= now - PUT_BACK
    return select(StoredMeasure).where(gone if robot.name == "calendar" else false())


def _in_the_record(person: Patient, at: Moment) -> Select[StoredMeasure]:
    known = select(Record.id).where(people.knows_record(person, at))
    return select(StoredMeasure).where(
        StoredMeasure.record_id == person.record_id, StoredMeasure.record_id.in_(known)
    )
