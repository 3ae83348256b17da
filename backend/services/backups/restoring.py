"""Restoring a backup in an empty database and an empty store, whole or not at all."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import monotonic

import psycopg
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.domain.calendar import civil_day
from backend.domain.errors import Unavailable
from backend.gateways.files import Files
from backend.services.backups.archive import FILES, KEYS, BadBackup, Manifest
from backend.services.backups.blobs import Missing, Shelf
from backend.services.backups.reading import Reader, reading
from backend.services.backups.repository import find
from backend.storage import migrate
from backend.storage.backups import tables
from backend.storage.db import AsyncEngine, utcnow
from backend.storage.vault import Vault

AT_ONCE = 16
"""Files in memory at the same time."""


class Restored(Struct, frozen=True):
    """Counts, and how long it took."""

    made_at: str
    tables: int
    rows: int
    files: int
    missing: int
    """Files that were missing already when the backup was made."""
    seconds: float
    erased: int = 0
    """Records erased after the backup: they stay so."""


async def restore(
    engine: AsyncEngine,
    vault: Vault,
    store: Files,
    identity: X25519PrivateKey,
    source: Path,
) -> Restored:
    """Everything in one transaction, then the schema of this version; or BadBackup and nothing.

    The files are there before the rows that name them. Nobody is signed in afterwards.
    """
    started, url = monotonic(), engine.url.render_as_string(hide_password=False)
    repository, path = find(source)
    shelf = Shelf(repository, vault, identity.public_key())
    with reading(path, identity, vault) as reader:
        plan, keys = reader.plan, repository.newest_keys(identity.public_key())
        await _prepare(engine, url, store, plan.revision)
        try:
            async with engine.begin() as connection:
                files = _Files(shelf, identity, store)
                try:
                    manifest = await _load(connection, reader, files)
                    with reading(keys, identity, vault) as kept:
                        await _give_keys(connection, kept)
                except BaseException as error:
                    await files.undo(error)
                    raise
        except (DBAPIError, psycopg.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            raise BadBackup(
                f"The database refuses ({type(cause).__name__}): nothing was restored."
            ) from error
        except Unavailable as error:
            raise BadBackup("The files cannot be written: nothing was restored.") from error
    await asyncio.to_thread(migrate.upgrade, url)
    async with engine.begin() as connection:
        erased = await tables.end_without_key(connection, civil_day(utcnow()))
    return replace(_told(manifest, started), erased=erased)


async def check(vault: Vault, identity: X25519PrivateKey, source: Path) -> Restored:
    """Read all that a restore would read, and write nothing."""
    started = monotonic()
    repository, path = find(source)
    files = _Files(Shelf(repository, vault, identity.public_key()), identity, None)
    with reading(repository.newest_keys(identity.public_key()), identity, vault) as kept:
        for _ in kept.pieces(KEYS):
            pass
        kept.close()
    with reading(path, identity, vault) as reader:
        for table in reader.plan.tables:
            for _ in reader.pieces(table.name):
                pass
        await files.copy(reader.pieces(FILES))
        manifest = reader.close()
        files.check(manifest)
    return _told(manifest, started)


@dataclass
class _Files:
    """Puts files back in a store; `None` when they are only looked at."""

    shelf: Shelf
    identity: X25519PrivateKey
    store: Files | None
    written: list[str] = field(default_factory=list)
    missing: list[BadBackup] = field(default_factory=list)

    async def copy(self, pieces: Iterable[bytes]) -> int:
        """Every file of the list; how many it names."""
        count = 0
        for keys in _batches(_lines(pieces)):
            done = await asyncio.gather(*map(self._copy, keys), return_exceptions=True)
            for error in filter(None, done):
                raise error
            count += len(keys)
        return count

    def check(self, manifest: Manifest) -> None:
        """Only what was missing when the backup was made may be missing now."""
        if len(self.missing) > manifest.missing:
            raise self.missing[0]

    async def undo(self, error: BaseException) -> None:
        """Take back what was put in the store; say it when that fails."""
        assert self.store is not None
        done = await asyncio.gather(*map(self.store.remove, self.written), return_exceptions=True)
        if left := sum(isinstance(found, BaseException) for found in done):
            error.add_note(f"{left} files are left in the store: remove them.")

    async def _copy(self, key: str) -> None:
        try:
            data = await asyncio.to_thread(self.shelf.get, key, self.identity)
        except Missing as error:
            self.missing.append(error)
            return
        if self.store:
            self.written.append(key)
            await self.store.put(key, data)


async def _prepare(engine: AsyncEngine, url: str, store: Files, revision: str) -> None:
    """Room for a backup: nothing stored, no row, and the schema that it was made with."""
    if not await store.is_empty():
        raise BadBackup("The store of files is not empty: restore into an empty one.")
    if not migrate.knows(revision):
        raise BadBackup("This backup was made by a newer version of Repères: use that one.")
    found = await asyncio.to_thread(migrate.revision_of, url)
    if found is None:
        async with engine.connect() as connection:
            if not await tables.is_bare(connection):
                raise BadBackup("The database holds somebody else’s tables: use an empty one.")
        await asyncio.to_thread(migrate.upgrade, url, to=revision)
    elif found != revision:
        raise BadBackup(
            "The database has the tables of another version than the backup: "
            "restore into one that has none."
        )


async def _load(connection: AsyncConnection, reader: Reader, files: "_Files") -> Manifest:
    try:
        await tables.hold_empty(connection)
    except tables.NotEmpty as error:
        raise BadBackup("The database is not empty: restore into an empty one.") from error
    if tuple(await tables.layout(connection)) != reader.plan.tables:
        raise BadBackup("The tables of the backup are not those of its version.")
    for table in reader.plan.tables:
        rows = await tables.copy_in(connection, table, reader.pieces(table.name))
        reader.count(table.name, rows)
    reader.count(FILES, await files.copy(reader.pieces(FILES)))
    manifest = reader.close()
    files.check(manifest)
    await tables.sign_everybody_out(connection)
    return manifest


async def _give_keys(connection: AsyncConnection, kept: Reader) -> None:
    kept.count(KEYS, await tables.put_keys_back(connection, kept.pieces(KEYS)))
    kept.close()


def _told(manifest: Manifest, started: float) -> Restored:
    parts = {name: part.rows for name, part in manifest.parts.items()}
    files = parts.pop(FILES)
    return Restored(
        made_at=f"{manifest.plan.made_at:%Y-%m-%d %H:%M:%S} UTC",
        tables=len(parts),
        rows=sum(parts.values()),
        files=files,
        missing=manifest.missing,
        seconds=monotonic() - started,
    )


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    held = b""
    for piece in pieces:
        *whole, held = (held + piece).split(b"\n")
        yield from (line.decode() for line in whole)


def _batches(keys: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(keys, AT_ONCE)):
        yield batch
