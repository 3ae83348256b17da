"""Making a backup, while the service goes on working."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.domain.errors import Unavailable
from backend.gateways.files import Files
from backend.services.backups.archive import (
    FILES,
    FORMAT,
    KEYS,
    BadBackup,
    PartWriter,
    Plan,
    Writer,
    root_mark,
)
from backend.services.backups.blobs import Shelf
from backend.services.backups.repository import SUFFIX, Repository, writing
from backend.storage.backups import tables
from backend.storage.db import AsyncEngine, utcnow
from backend.storage.vault import Vault

AT_ONCE = 8
"""Files in memory at the same time."""


class Made(Struct, frozen=True):
    """Counts, and how long it took."""

    name: str
    tables: int
    rows: int
    files: int
    copied: int
    """Files that no backup had yet."""
    missing: int
    size: int = 0
    """Bytes of the backup itself, without the files."""
    seconds: float = 0


@dataclass(slots=True)
class _Files:
    """Copies what is not there yet."""

    shelf: Shelf
    store: Files
    copied: int = 0
    missing: int = 0

    async def copy(self, keys: Sequence[str], part: PartWriter) -> None:
        """These files too. A row never names a file that was not written before it."""
        for key in keys:
            part.write(f"{key}\n".encode())
        part.rows += len(keys)
        for at in range(0, len(keys), AT_ONCE):
            await asyncio.gather(*(self._copy(key) for key in keys[at : at + AT_ONCE]))

    async def _copy(self, key: str) -> None:
        if await asyncio.to_thread(self.shelf.has, key):
            return
        try:
            data = await self.store.get(key)
        except Unavailable:
            self.missing += 1
            return
        await asyncio.to_thread(self.shelf.put, key, data)
        self.copied += 1


async def make(
    engine: AsyncEngine,
    vault: Vault,
    store: Files,
    repository: Repository,
    recipient: X25519PublicKey,
    *,
    incomplete: bool = False,
) -> Made:
    """A new backup in the repository; BadBackup and no backup when something cannot be read.

    `incomplete` keeps one in which some files are missing: better than none, and it says so.
    """
    started, now, backup_id = monotonic(), utcnow(), uuid4().hex
    path = repository.folder / f"{now:%Y%m%dT%H%M%S.%fZ}-{backup_id[:8]}{SUFFIX}"
    keys = repository.keys(recipient) / path.name
    copier = _Files(Shelf(repository, vault, recipient), store)
    try:
        with repository.alone(), writing(path) as out, writing(keys) as apart:
            async with tables.snapshot_of(engine).connect() as connection:
                plan = await _plan(connection, vault, backup_id, now)
                await _keys(connection, Writer(apart, recipient, replace(plan, tables=())), vault)
                writer = Writer(out, recipient, plan)
                rows = [await _table(connection, writer, table) for table in plan.tables]
                files = await _files(connection, writer, copier)
            if copier.missing and not incomplete:
                raise BadBackup(
                    f"{copier.missing} of {files} files cannot be read: no backup was made. "
                    "`reperes fsck` names them; --incomplete makes one without them."
                )
            writer.close(vault, copier.missing)
        repository.forget_older_keys(recipient)
    except OSError as error:
        raise BadBackup(f"The backup cannot be written: {error.strerror}.") from error
    told = Made(path.name, len(rows), sum(rows), files, copier.copied, copier.missing)
    return replace(told, size=path.stat().st_size, seconds=monotonic() - started)


async def _plan(connection: AsyncConnection, vault: Vault, backup_id: str, now: datetime) -> Plan:
    revision = await tables.begin_snapshot(connection)
    return Plan(
        format=FORMAT,
        id=backup_id,
        made_at=now,
        revision=revision,
        root=root_mark(vault, backup_id),
        tables=tuple(await tables.layout(connection)),
    )


async def _table(connection: AsyncConnection, writer: Writer, table: tables.Columns) -> int:
    with writer.part(table.name) as part:
        part.rows = await tables.copy_out(connection, table, part.write)
    return part.rows


async def _keys(connection: AsyncConnection, writer: Writer, vault: Vault) -> None:
    """What opens each record, where it can be destroyed."""
    with writer.part(KEYS) as part:
        part.rows = await tables.copy_keys_out(connection, part.write)
    writer.close(vault, 0)


async def _files(connection: AsyncConnection, writer: Writer, copier: _Files) -> int:
    with writer.part(FILES) as part:
        async for keys in tables.file_keys(connection):
            await copier.copy(keys, part)
    return part.rows
