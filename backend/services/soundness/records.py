"""Records and what they hold of a person: the key opens, and the identity under it."""

from msgspec import MsgspecError

from backend.services.soundness.verdict import Fault, Tally
from backend.storage.db import AsyncSession, vault_of
from backend.storage.folders import Folder
from backend.storage.inventory import every, where_in
from backend.storage.records import Identity, Record, RecordState, traits_of
from backend.storage.vault import RecordKey, Tampered


async def read_records(db: AsyncSession, tally: Tally) -> None:
    """Every record’s data key is unwrapped, every identity opened."""
    async for batch in every(db, Record):
        found = await where_in(db, Identity, Identity.record_id, [record.id for record in batch])
        identities = {identity.record_id: identity for identity in found}
        for record in batch:
            tally.counts["records"] += 1
            if is_erased(record):
                continue
            if key_or_none(db, record) is None:
                tally.add(Fault.KEY_BROKEN, record.id)
                continue
            try:
                traits_of(db, record, identities[record.id])
            except (KeyError, Tampered, MsgspecError):
                tally.add(Fault.TRAITS_BROKEN, record.id)


async def read_folders(db: AsyncSession, tally: Tally) -> None:
    """Every folder’s name opens; those of an erased or broken record are left out."""
    async for batch in every(db, Folder):
        of = {folder.record_id for folder in batch}
        records = {one.id: one for one in await where_in(db, Record, Record.id, of)}
        for folder in batch:
            tally.counts["folders"] += 1
            record = records.get(folder.record_id)
            if record is None or (key := key_or_none(db, record)) is None:
                continue
            try:
                key.open_value(str, folder.sealed_name, folder.id, "name")
            except (Tampered, MsgspecError):
                tally.add(Fault.FOLDER_BROKEN, folder.id)


def is_erased(record: Record) -> bool:
    """Its key was destroyed as it should be; or before a restore, which its erasure follows."""
    ended = record.state in (RecordState.OPPOSED, RecordState.CLOSED)
    due = ended and record.erase_on is not None
    return not record.wrapped_key and (record.state is RecordState.ERASED or due)


def key_or_none(db: AsyncSession, record: Record) -> RecordKey | None:
    """The record’s key; None when erased, or broken: that is told once, with the record."""
    try:
        return vault_of(db).record_key(record.id, record.wrapped_key)
    except Tampered:
        return None
