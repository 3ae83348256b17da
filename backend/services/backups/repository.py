"""The folder of the backups: a file for each backup, and the sealed files that they share.

A name appears when its bytes are whole and would survive a power cut, never before.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from backend.services.backups.archive import BadBackup

SUFFIX = ".age"
HALF = ".part"
KEYS_KEPT = 2
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


@dataclass(frozen=True, slots=True)
class Repository:
    """`<moment>.age` for each backup; `files-<key>/ab/<name>.age` for the files.

    `keys-<key>/<moment>.age` holds the records' keys: the newest is for every backup there is.
    """

    folder: Path

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One backup at a time; what killed ones left half-written is removed."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / "lock").open("a") as lock:
            try:
                flock(lock, LOCK_EX | LOCK_NB)
            except BlockingIOError as error:
                raise BadBackup(f"Another backup is being made in {self.folder}.") from error
            for half in self.folder.rglob(f"*{HALF}"):
                half.unlink()
            yield

    def file(self, recipient: X25519PublicKey, name: str) -> Path:
        """Where one sealed file is. Another recipient has other files: its key opens only them."""
        return self.folder / f"files-{_mark(recipient)}" / name[:2] / f"{name}{SUFFIX}"

    def keys(self, recipient: X25519PublicKey) -> Path:
        """The folder of the records' keys, for the same recipient."""
        return self.folder / f"keys-{_mark(recipient)}"

    def newest_keys(self, recipient: X25519PublicKey) -> Path:
        """The records' keys as they were last, or BadBackup."""
        found = sorted(self.keys(recipient).glob(f"*{SUFFIX}"))
        if not found:
            raise BadBackup("The records’ keys are missing from the backup, or are another key’s.")
        return found[-1]

    def forget_older_keys(self, recipient: X25519PublicKey) -> None:
        """Keep the newest, and the one before in case it cannot be read: what is erased is gone."""
        folder = self.keys(recipient)
        for old in sorted(folder.glob(f"*{SUFFIX}"))[:-KEYS_KEPT]:
            old.unlink()
        sync_folder(folder)

    def latest(self) -> Path:
        """The last backup, or BadBackup."""
        found = sorted(self.folder.glob(f"*{SUFFIX}"))
        if not found:
            raise BadBackup(f"There is no backup in {self.folder}.")
        return found[-1]


def _mark(recipient: X25519PublicKey) -> str:
    return sha256(recipient.public_bytes_raw()).hexdigest()[:16]


def find(source: Path) -> tuple[Repository, Path]:
    """The repository and the backup meant by `source`: a backup, or a folder and its last one."""
    if source.is_dir():
        repository = Repository(source)
        return repository, repository.latest()
    return Repository(source.parent), source


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A file that has its name only once all of it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = path.with_name(path.name + HALF)
    try:
        with os.fdopen(os.open(half, NEW, 0o600), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        half.rename(path)
        sync_folder(path.parent)
    except BaseException:
        half.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """The names in it survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
