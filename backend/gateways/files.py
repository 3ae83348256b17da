"""The object store: a local folder or S3, through obstore. It only ever holds sealed bytes."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from backend.domain.errors import Unavailable

TRIES = 3
PATIENCE = timedelta(seconds=20)
"""How long a distant store is asked again: less than a job's lease."""


class Files:
    """Write once, read many. `put` returns when the bytes would survive a power cut."""

    def __init__(self, store: ObjectStore, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    async def put(self, key: str, data: bytes) -> None:
        """Store `data` under a key never used before, or Unavailable."""
        try:
            await obstore.put_async(self._store, key, data, mode="create")
            if self._folder:
                await asyncio.to_thread(_sync, self._folder / key, self._folder)
        except (BaseError, OSError) as error:
            raise Unavailable from error

    async def get(self, key: str) -> bytes:
        """The bytes, or Unavailable: a file that the database knows should be there."""
        try:
            found = await obstore.get_async(self._store, key)
            return bytes(await found.bytes_async())
        except (BaseError, OSError) as error:
            raise Unavailable(
                "Ce document est indisponible pour le moment. Le service a été prévenu."
            ) from error

    async def remove(self, key: str) -> None:
        """Forget a file that nothing points at."""
        await obstore.delete_async(self._store, key)


def open_files(url: str) -> Files:
    """`file:///folder` or `s3://bucket/prefix` (credentials from the environment)."""
    if not url.startswith("file://"):
        return Files(from_url(url, retry_config={"max_retries": TRIES, "retry_timeout": PATIENCE}))
    folder = Path(url.removeprefix("file://"))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Files(LocalStore(folder), folder)


def _sync(path: Path, root: Path) -> None:
    """Flush the file, then each folder up to the root: a new name must survive too."""
    for place in (path, *(p for p in path.parents if p == root or root in p.parents)):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
