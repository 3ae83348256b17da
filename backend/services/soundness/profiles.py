"""What people told of their health: each answer opens, and is in its own row."""

from msgspec import MsgspecError

from backend.services.soundness.records import key_or_none
from backend.services.soundness.verdict import Fault, Tally
from backend.storage.db import AsyncSession
from backend.storage.inventory import every, where_in
from backend.storage.medical_profile import ProfileSection, answer_of, place_of
from backend.storage.records import Record
from backend.storage.vault import RecordKey, Tampered


async def read_profiles(db: AsyncSession, tally: Tally) -> None:
    """Every answer of every record, but for those whose key is gone."""
    async for batch in every(db, ProfileSection):
        of = {row.record_id for row in batch}
        keys = {
            record.id: key_or_none(db, record)
            for record in await where_in(db, Record, Record.id, of)
        }
        tally.counts["profile answers"] += len(batch)
        for row in batch:
            key = keys.get(row.record_id)
            if key and not _is_sound(key, row):
                tally.add(Fault.PROFILE_BROKEN, row.id)


def _is_sound(key: RecordKey, row: ProfileSection) -> bool:
    try:
        return place_of(key, answer_of(key, row).section) == row.section
    except (Tampered, MsgspecError):
        return False
