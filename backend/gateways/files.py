"""The object store: a local folder or S3, through obstore. It only ever holds sealed bytes."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from backend.domain.errors import Unavailable

TRIES = 3
PATIENCE = timedelta(seconds=20)
"""How long a distant store is asked again: less than a job's lease."""
READING_SECONDS = 10.0
"""How long a file is waited for."""

AT_ONCE = 5
"""Files being read in this process: each keeps a connection of the database, of which there are
ten. A store that hangs must leave some to whoever asks for no file."""
TURN_SECONDS = 2.0

LISTED = 500
"""Names of one batch of a listing."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is there, and since when."""

    key: str
    at: datetime


class Files:
    """Write once, read many. `put` returns when the bytes would survive a power cut."""

    def __init__(self, store: ObjectStore, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def put(self, key: str, data: bytes) -> None:
        """Store `data` under a key never used before, or Unavailable."""
        try:
            await obstore.put_async(self._store, key, data, mode="create")
            if self._folder:
                await asyncio.to_thread(_sync, self._folder / key, self._folder)
        except (BaseError, OSError) as error:
            raise Unavailable from error

    async def put_once(self, key: str, data: bytes) -> None:
        """Store `data`, unless a try before this one did; or Unavailable."""
        try:
            await self.put(key, data)
        except Unavailable as error:
            if not isinstance(error.__cause__, AlreadyExistsError):
                raise

    async def get(self, key: str) -> bytes:
        """The bytes, or Unavailable: a file that the database knows should be there."""
        try:
            async with self._turn(), asyncio.timeout(READING_SECONDS):
                found = await obstore.get_async(self._store, key)
                return bytes(await found.bytes_async())
        except (BaseError, OSError) as error:
            raise Unavailable(
                "Ce document est indisponible pour le moment. Le service a été prévenu."
            ) from error

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """One of a few readers; TimeoutError when they do not move on."""
        async with asyncio.timeout(TURN_SECONDS):
            await self._turns.acquire()
        try:
            yield
        finally:
            self._turns.release()

    async def remove(self, key: str) -> None:
        """Forget a file that nothing points at."""
        if UNFINISHED in key and self._folder:
            await asyncio.to_thread((self._folder / key).unlink, missing_ok=True)
        else:
            await obstore.delete_async(self._store, key)

    async def everything(self) -> AsyncIterator[list[Kept]]:
        """All the files, a batch at a time; of a folder, those left half-written too."""
        async for batch in obstore.list(self._store, chunk_size=LISTED):
            yield [Kept(found["path"], found["last_modified"]) for found in batch]
        if self._folder:
            yield await asyncio.to_thread(_unfinished, self._folder)

    async def is_empty(self) -> bool:
        """Nothing is stored there."""
        try:
            async for found in obstore.list(self._store, chunk_size=1):
                if found:
                    return False
        except (BaseError, OSError) as error:
            raise Unavailable from error
        return True


def open_files(url: str) -> Files:
    """`file:///folder` or `s3://bucket/prefix` (credentials from the environment)."""
    if not url.startswith("file://"):
        return Files(from_url(url, retry_config={"max_retries": TRIES, "retry_timeout": PATIENCE}))
    folder = Path(url.removeprefix("file://"))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Files(LocalStore(folder), folder)


UNFINISHED = "#"
"""What a local store adds to the name of a file that it is still writing, and never lists."""


def _unfinished(folder: Path) -> list[Kept]:
    found = []
    for path in folder.rglob(f"*{UNFINISHED}*"):
        with suppress(FileNotFoundError):  # finished since it was listed
            written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            found.append(Kept(path.relative_to(folder).as_posix(), written))
    return found


def _sync(path: Path, root: Path) -> None:
    """Flush the file, then each folder up to the root: a new name must survive too."""
    for place in (path, *(p for p in path.parents if p == root or root in p.parents)):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
