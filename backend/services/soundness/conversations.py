"""Messages: each conversation is whole, its words and its files open under its record’s key."""

import asyncio
from collections import Counter
from uuid import UUID

from msgspec import MsgspecError

from backend.domain.errors import Unavailable
from backend.gateways.files import Files
from backend.services.soundness.records import key_or_none
from backend.services.soundness.verdict import Fault, Tally
from backend.storage.conversations import (
    Conversation,
    Enclosure,
    Message,
    enclosed_of,
    head_of,
    said_of,
)
from backend.storage.db import AsyncSession
from backend.storage.inventory import every, where_in
from backend.storage.records import Record
from backend.storage.vault import RecordKey, Tampered

PART = "enclosure"
BROKEN = (Tampered, MsgspecError)


async def read_conversations(db: AsyncSession, files: Files, tally: Tally) -> None:
    """Every one; what an erased record held is no longer to be opened."""
    async for batch in every(db, Conversation):
        tally.counts["conversations"] += len(batch)
        keys = await _keys(db, {one.record_id for one in batch})
        ids = [one.id for one in batch]
        messages = await where_in(db, Message, Message.conversation_id, ids)
        enclosures = await where_in(db, Enclosure, Enclosure.conversation_id, ids)
        tally.counts["messages"] += len(messages)
        written = Counter(message.conversation_id for message in messages)
        for one in batch:
            key = keys.get(one.record_id)
            if written[one.id] != one.messages or (key and not _opens(key, one)):
                tally.add(Fault.CONVERSATION_BROKEN, one.id)
        for message in messages:
            if (key := keys.get(message.record_id)) and not _says(key, message):
                tally.add(Fault.MESSAGE_BROKEN, message.id)
        for enclosure in enclosures:
            tally.counts["files"] += enclosure.file_key is not None
            if (key := keys.get(enclosure.record_id)) and not await _holds(key, enclosure, files):
                tally.add(Fault.ENCLOSURE_BROKEN, enclosure.id)


async def _keys(db: AsyncSession, of: set[UUID]) -> dict[UUID, RecordKey | None]:
    records = await where_in(db, Record, Record.id, of)
    return {record.id: key_or_none(db, record) for record in records}


def _opens(key: RecordKey, one: Conversation) -> bool:
    try:
        head_of(key, one)
    except BROKEN:
        return False
    return True


def _says(key: RecordKey, message: Message) -> bool:
    try:
        said_of(key, message)
    except BROKEN:
        return False
    return True


async def _holds(key: RecordKey, enclosure: Enclosure, files: Files) -> bool:
    """A document of the record is checked with the record’s documents."""
    try:
        enclosed_of(key, enclosure)
        if enclosure.file_key is not None:
            sealed = await files.get(enclosure.file_key)
            await asyncio.to_thread(key.for_file(enclosure.id).open, sealed, PART)
    except (*BROKEN, Unavailable):
        return False
    return True
