"""Files that no row points at: a crash between the files and the commit leaves them, sealed."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from backend.gateways.files import Files, Kept
from backend.services.soundness.verdict import Tally
from backend.storage.conversations import Enclosure
from backend.storage.db import AsyncSession
from backend.storage.documents import StoredFile, Version
from backend.storage.exports import Export
from backend.storage.inventory import where_in

OLD = timedelta(days=1)
"""Younger, its transaction may still be under way."""


async def read_leftovers(
    db: AsyncSession, files: Files, tally: Tally, *, now: datetime, remove: bool
) -> None:
    """Count them; remove the old ones when asked to."""
    async for batch in files.everything():
        tally.counts["stored files"] += len(batch)
        versions = {id_ for kept in batch for id_ in _version_of(kept.key)}
        named = {version.file_key for version in await where_in(db, Version, Version.id, versions)}
        rows = await where_in(db, StoredFile, StoredFile.version_id, versions)
        named |= {stored.file_key for stored in rows}
        exports = await where_in(db, Export, Export.id, versions)
        enclosures = await where_in(db, Enclosure, Enclosure.id, versions)
        named |= {one.file_key for one in enclosures if one.file_key}
        named |= {export.file_key for export in exports if export.file_key}
        left = [kept for kept in batch if kept.key not in named and kept.at <= now]
        tally.leftovers += len(left)
        db.expunge_all()
        if remove:
            tally.removed += await _remove(files, left, before=now - OLD)


async def _remove(files: Files, left: Sequence[Kept], *, before: datetime) -> int:
    """Only names of our own making: nobody knows what else shares the place."""
    old = [kept.key for kept in left if kept.at < before and [*_version_of(kept.key)]]
    for key in old:
        await files.remove(key)
    return len(old)


def _version_of(key: str) -> Iterator[UUID]:
    """The version, export or enclosure that a file says it belongs to: its second folder."""
    for part in key.split("/")[1:2]:
        try:
            yield UUID(hex=part)
        except ValueError:
            return
