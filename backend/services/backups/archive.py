"""What is inside a backup: a tar of tables in pieces, between what it is and what it holds.

`plan.json` comes first, `manifest.json` and its MAC last. The MAC is under a key of the service:
anybody may seal for a public key, only the service makes a backup that it will restore.
"""

import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from typing import BinaryIO

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from msgspec import Struct

from backend.storage.backups.sealing import Sealer
from backend.storage.backups.tables import Columns
from backend.storage.vault import Vault

FORMAT = 2
PIECE = 1 << 20
"""Bytes of a table held at once."""
PLAN, MANIFEST, MAC = "plan.json", "manifest.json", "manifest.mac"
FILES = "files"
"""The names of the files, one a line, in pieces like a table."""
KEYS = "keys"
"""The records' keys, in an archive of their own."""


class BadBackup(Exception):
    """It cannot be made or restored; the sentence tells the operator why."""


class Plan(Struct, frozen=True):
    """Known before anything is read."""

    format: int
    id: str
    made_at: datetime
    revision: str
    """Of the schema."""
    root: bytes
    """MAC of `id` under a key of the service: tells a wrong root key before anything is written."""
    tables: tuple[Columns, ...]
    """None in the file of the records' keys."""


class Part(Struct, frozen=True):
    """What went through one table, or through the list of files."""

    rows: int
    digest: bytes


class Manifest(Struct, frozen=True):
    """Known once everything was read."""

    plan: Plan
    parts: dict[str, Part]
    missing: int
    """Files that rows name and that could not be read."""


def root_mark(vault: Vault, backup_id: str) -> bytes:
    """What this root key says of a backup."""
    return vault.mac("backup-root", backup_id.encode())


class Writer:
    """Puts pieces in a sealed tar."""

    def __init__(self, out: BinaryIO, recipient: X25519PublicKey, plan: Plan) -> None:
        self._sealer = Sealer(out, recipient)
        self._plan, self._parts = plan, dict[str, Part]()
        self._add(PLAN, msgspec.json.encode(plan))

    @contextmanager
    def part(self, name: str) -> Iterator["PartWriter"]:
        """One table, written in any number of pieces."""
        part = PartWriter(lambda number, data: self._add(f"{name}/{number:08}", data))
        yield part
        self._parts[name] = part.close()

    def close(self, vault: Vault, missing: int) -> None:
        """What it held, signed by the service, then the end."""
        manifest = msgspec.json.encode(Manifest(self._plan, self._parts, missing))
        self._add(MANIFEST, manifest)
        self._add(MAC, vault.mac("backup", manifest))
        self._sealer.write(bytes(2 * tarfile.BLOCKSIZE))
        self._sealer.close()

    def _add(self, name: str, data: bytes) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mtime = len(data), int(self._plan.made_at.timestamp())
        self._sealer.write(member.tobuf(tarfile.USTAR_FORMAT))
        self._sealer.write(data + bytes(-len(data) % tarfile.BLOCKSIZE))


class PartWriter:
    """Gathers small writes into pieces."""

    def __init__(self, put: Callable[[int, bytes], None]) -> None:
        self.rows = 0
        self._put, self._number = put, 0
        self._held, self._digest = bytearray(), sha256()

    def write(self, data: bytes) -> None:
        self._held += data
        while len(self._held) >= PIECE:
            self._flush()

    def close(self) -> Part:
        if self._held:
            self._flush()
        return Part(self.rows, self._digest.digest())

    def _flush(self) -> None:
        data = bytes(self._held[:PIECE])
        self._digest.update(data)
        self._put(self._number, data)
        self._number += 1
        del self._held[:PIECE]
