"""Results that wait for their announcement: what was said of each opens under its record’s key."""

from msgspec import MsgspecError

from backend.services.soundness.records import key_or_none
from backend.services.soundness.verdict import Fault, Tally
from backend.storage.announcements import Announcement, held_of, outcome_of, reason_of
from backend.storage.db import AsyncSession
from backend.storage.inventory import every, where_in
from backend.storage.records import Record
from backend.storage.vault import RecordKey, Tampered


async def read_announcements(db: AsyncSession, tally: Tally) -> None:
    """Every one; what was said of an erased record is no longer to be opened."""
    async for batch in every(db, Announcement):
        tally.counts["announcements"] += len(batch)
        of = {one.record_id for one in batch}
        keys = {
            record.id: key_or_none(db, record)
            for record in await where_in(db, Record, Record.id, of)
        }
        for one in batch:
            key = keys.get(one.record_id)
            if key and not _opens(key, one):
                tally.add(Fault.ANNOUNCEMENT_BROKEN, one.id)


def _opens(key: RecordKey, one: Announcement) -> bool:
    try:
        reason_of(key, one)
        held_of(key, one)
        outcome_of(key, one)
    except (Tampered, MsgspecError):
        return False
    return True
