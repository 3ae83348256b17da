"""What people measured themselves: each opens under its record’s key, and is a measure."""

from msgspec import MsgspecError

from backend.domain.measures import Measured, measure_of
from backend.services.measures.opened import address_of, goal_of
from backend.services.soundness.records import key_or_none
from backend.services.soundness.verdict import Fault, Tally
from backend.storage.db import AsyncSession
from backend.storage.inventory import every, where_in
from backend.storage.measures import StoredMeasure
from backend.storage.records import Record
from backend.storage.vault import RecordKey, Tampered


async def read_measures(db: AsyncSession, tally: Tally) -> None:
    """Every row; those of a record that is erased or broken are left out."""
    async for batch in every(db, StoredMeasure):
        tally.counts["measures"] += len(batch)
        of = {row.record_id for row in batch}
        records = await where_in(db, Record, Record.id, of)
        keys = {record.id: key_or_none(db, record) for record in records}
        for row in batch:
            key = keys.get(row.record_id)
            if key and not _is_sound(key, row):
                tally.add(Fault.MEASURE_BROKEN, row.id)


def _is_sound(key: RecordKey, row: StoredMeasure) -> bool:
    """It opens where it stands, and is stored under what it says it is."""
    try:
        measure = measure_of(key.open_value(Measured, row.sealed, row.id, "measure").measure)
    except (Tampered, MsgspecError, KeyError):
        return False
    return row.kind in {address_of(key, measure), goal_of(key, measure)}
