"""What left by MSSanté: each dispatch opens under its record’s key, and its story is whole."""

from collections import Counter

from msgspec import MsgspecError

from backend.services.soundness.records import key_or_none
from backend.services.soundness.verdict import Fault, Tally
from backend.storage.db import AsyncSession
from backend.storage.dispatches import Dispatch, DispatchEvent, sending_of
from backend.storage.inventory import every, where_in
from backend.storage.records import Record
from backend.storage.vault import RecordKey, Tampered


async def read_dispatches(db: AsyncSession, tally: Tally) -> None:
    """Every one; what an erased record sent is no longer to be opened."""
    async for batch in every(db, Dispatch):
        tally.counts["dispatches"] += len(batch)
        of = {dispatch.record_id for dispatch in batch}
        ids = [dispatch.id for dispatch in batch]
        keys = {
            record.id: key_or_none(db, record)
            for record in await where_in(db, Record, Record.id, of)
        }
        events = await where_in(db, DispatchEvent, DispatchEvent.dispatch_id, ids)
        told = Counter(event.dispatch_id for event in events)
        for dispatch in batch:
            key = keys.get(dispatch.record_id)
            if told[dispatch.id] != dispatch.events or (key and not _opens(key, dispatch)):
                tally.add(Fault.DISPATCH_BROKEN, dispatch.id)


def _opens(key: RecordKey, dispatch: Dispatch) -> bool:
    try:
        sending_of(key, dispatch)
    except (Tampered, MsgspecError):
        return False
    return True
