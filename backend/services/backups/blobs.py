"""One file of the object store in a backup: sealed once, shared by every backup after.

Inside, a MAC of its name and bytes comes first: a file put in the place of another is refused,
and so is one that the service did not write.
"""

import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from backend.services.backups.archive import BadBackup
from backend.services.backups.repository import Repository, writing
from backend.storage.backups.sealing import Unreadable, open_bytes, seal_bytes
from backend.storage.vault import Vault

MARK = 32


class Missing(BadBackup):
    """A file is not there at all."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The files of one repository for one recipient."""

    repository: Repository
    vault: Vault
    recipient: X25519PublicKey

    def has(self, key: str) -> bool:
        """Already there: what is written once needs copying once."""
        return self.repository.file(self.recipient, self._name(key)).exists()

    def put(self, key: str, data: bytes) -> None:
        """Seal a file and keep it under a name that says nothing."""
        sealed = seal_bytes(self._mark(key, data) + data, self.recipient)
        with writing(self.repository.file(self.recipient, self._name(key))) as out:
            out.write(sealed)

    def get(self, key: str, identity: X25519PrivateKey) -> bytes:
        """The bytes of a file, or BadBackup."""
        path = self.repository.file(self.recipient, self._name(key))
        try:
            content = open_bytes(path.read_bytes(), identity)
        except FileNotFoundError as error:
            raise Missing(f"The file {path.name} is missing from the backup.") from error
        except OSError as error:
            raise BadBackup(f"{path.name} cannot be read: {error.strerror}.") from error
        except Unreadable as error:
            raise BadBackup(f"The file {path.name} {error}.") from error
        mark, data = content[:MARK], content[MARK:]
        if not hmac.compare_digest(mark, self._mark(key, data)):
            raise BadBackup(f"The file {path.name} is not the one that was backed up.")
        return data

    def _name(self, key: str) -> str:
        return self.vault.mac("backup-name", key.encode()).hex()

    def _mark(self, key: str, data: bytes) -> bytes:
        return self.vault.mac("backup-file", key.encode() + b"\0" + data)
