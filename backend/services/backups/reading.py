"""Reading a backup from its first byte to its last: what is not as it was written is refused."""

import hmac
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, TypeVar, cast

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from backend.services.backups.archive import (
    FORMAT,
    MAC,
    MANIFEST,
    PIECE,
    PLAN,
    BadBackup,
    Manifest,
    Part,
    Plan,
    root_mark,
)
from backend.storage.backups.sealing import Opener, Unreadable
from backend.storage.vault import Vault

T = TypeVar("T")

OTHER_ROOT = "was made under another root key: restore with the one that the service had then"


class Reader:
    """Gives the parts in their order; `close` says whether they were all there and the same."""

    def __init__(self, tar: tarfile.TarFile, vault: Vault) -> None:
        self._tar, self._vault = tar, vault
        self._parts = dict[str, Part]()
        self._member = tar.next()
        self.plan = _decode(Plan, self._take(PLAN))
        if self.plan.format != FORMAT:
            raise Unreadable("was made by another version of Repères")
        if not hmac.compare_digest(self.plan.root, root_mark(vault, self.plan.id)):
            raise Unreadable(OTHER_ROOT)

    def pieces(self, name: str) -> Iterator[bytes]:
        """One part, piece after piece."""
        digest = sha256()
        while self._member and self._member.name.startswith(f"{name}/"):
            piece = self._take(self._member.name)
            digest.update(piece)
            yield piece
        self._parts[name] = Part(0, digest.digest())

    def count(self, name: str, rows: int) -> None:
        """How many rows a part gave."""
        self._parts[name] = Part(rows, self._parts[name].digest)

    def close(self) -> Manifest:
        """What the service signed; Unreadable when that is not what was read."""
        raw = self._take(MANIFEST)
        if not hmac.compare_digest(self._take(MAC), self._vault.mac("backup", raw)):
            raise Unreadable("was not made by this service")
        manifest = _decode(Manifest, raw)
        same = manifest.parts.keys() == self._parts.keys() and all(
            part.digest == self._parts[name].digest and self._parts[name].rows in {0, part.rows}
            for name, part in manifest.parts.items()
        )
        if manifest.plan != self.plan or not same or self._member:
            raise Unreadable("does not hold what it says")
        return manifest

    def _take(self, name: str) -> bytes:
        """The next member, which must be this one."""
        member = self._member
        if member is None or member.name != name or not member.isreg() or member.size > PIECE:
            raise Unreadable("does not hold what it says")
        found = self._tar.extractfile(member)
        data = found.read() if found else b""
        self._member = self._tar.next()
        return data


@contextmanager
def reading(path: Path, identity: X25519PrivateKey, vault: Vault) -> Iterator[Reader]:
    """A backup, open; BadBackup in a sentence for all that may be wrong with it."""
    try:
        with (
            path.open("rb") as source,
            tarfile.open(fileobj=cast("IO[bytes]", Opener(source, identity)), mode="r|") as tar,
        ):
            yield Reader(tar, vault)
    except (Unreadable, tarfile.TarError) as error:
        reason = error if isinstance(error, Unreadable) else "does not hold what it says"
        raise BadBackup(f"{path.name} {reason}.") from error
    except OSError as error:
        raise BadBackup(f"{path.name} cannot be read: {error.strerror}.") from error


def _decode(kind: type[T], raw: bytes) -> T:
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.MsgspecError as error:
        raise Unreadable("was made by another version of Repères") from error
