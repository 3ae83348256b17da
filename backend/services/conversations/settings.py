"""Whether a person wants messages at all: it holds for every professional, MSSanté included."""

from backend.access import Action, authorise, may
from backend.access.actors import Patient
from backend.access.scopes import Moment, kept_record
from backend.domain.errors import NotFound
from backend.storage.db import AsyncSession
from backend.storage.records import Record


async def refuses(db: AsyncSession, actor: Patient, at: Moment) -> bool:
    """What was chosen in the record on the screen; aidants are not told."""
    return bool(await db.scalar(kept_record(actor, at).with_only_columns(Record.messages_refused)))


def may_choose(actor: Patient) -> bool:
    """An aidant only looks."""
    return may(actor, Action.SET_MESSAGING, Record(id=actor.record_id))


async def set_messaging(db: AsyncSession, actor: Patient, at: Moment, *, refused: bool) -> None:
    """From the commit on; what was written stays readable."""
    record = await db.scalar(kept_record(actor, at).with_for_update(of=Record, key_share=True))
    if record is None:
        raise NotFound
    authorise(db, actor, Action.SET_MESSAGING, record)
    record.messages_refused = refused
