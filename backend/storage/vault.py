"""Keys and sealing: one root, one data key a record, AES-256-GCM bound to its row.

Layout (security.md §4): the root key derives a key-encryption key, the blind-index keys and the
MAC keys (HKDF-SHA-256, one label each). Each record has a random data key, stored wrapped by the
key-encryption key; document bytes use a key derived from it for their version. Every ciphertext
is `nonce (12) | AES-GCM`, and its associated data name the record, the row and the part: moved,
swapped or rolled back, it does not open.
"""

import hmac
from dataclasses import dataclass, field
from secrets import token_bytes
from time import monotonic
from typing import Any, Protocol, TypeVar
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

T = TypeVar("T")

NONCE = 12
KEY = 32
CACHED_SECONDS = 60
CACHED_KEYS = 10_000


class Tampered(Exception):
    """A stored value does not open where it stands: moved, altered, or under another key."""


class KeyService(Protocol):
    """Wraps data keys: local here, an HSM or a KMS in hosting."""

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """`key` (32 bytes), wrapped and bound to `context`."""

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The key again; Tampered when it was wrapped for something else."""


def derive(root: bytes, label: str, salt: bytes | None = None) -> bytes:
    """A 32-byte key for one purpose."""
    return HKDF(SHA256(), 32, salt, b"reperes/1/" + label.encode()).derive(root)


def seal(key: bytes, data: bytes, context: bytes) -> bytes:
    """`nonce | AES-256-GCM(data)`, bound to `context`."""
    nonce = token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, context)


def unseal(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """What `seal` took, or Tampered."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], context)
    except (InvalidTag, ValueError) as error:
        raise Tampered from error


def context_of(*parts: object) -> bytes:
    """Associated data: the parts joined by a byte that none of them contains."""
    return b"\x1f".join(str(part).encode() for part in ("reperes/1", *parts))


class LocalKeys:
    """A key service whose key-encryption key comes from the root key."""

    def __init__(self, root: bytes) -> None:
        self._key = derive(root, "kek")

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """AES-GCM under the key-encryption key."""
        return seal(self._key, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The reverse."""
        return unseal(self._key, wrapped, context)


@dataclass(frozen=True, slots=True)
class RecordKey:
    """The data key of one record. `parts` name the row and the field: they must match to open."""

    record_id: UUID
    _key: bytes = field(repr=False)
    _derived: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    def seal(self, data: bytes, *parts: object) -> bytes:
        """Ciphertext bound to this record and to `parts`."""
        return seal(self._key, data, context_of(self.record_id, *parts))

    def open(self, sealed: bytes, *parts: object) -> bytes:
        """The bytes, or Tampered."""
        return unseal(self._key, sealed, context_of(self.record_id, *parts))

    def seal_value(self, value: Any, *parts: object) -> bytes:
        """Any msgspec value as sealed JSON."""
        return self.seal(msgspec.json.encode(value), *parts)

    def open_value(self, kind: type[T], sealed: bytes, *parts: object) -> T:
        """The value again, decoded as `kind`."""
        return msgspec.json.decode(self.open(sealed, *parts), type=kind)

    def for_file(self, version_id: UUID) -> "RecordKey":
        """The key of one document version's files."""
        return RecordKey(self.record_id, derive(self._key, "file", version_id.bytes))

    def fingerprint(self, text: str) -> bytes:
        """16 bytes that tell two values of this record apart or alike, and nothing else."""
        if not (key := self._derived.get("fingerprint")):
            key = self._derived["fingerprint"] = derive(self._key, "fingerprint")
        return hmac.digest(key, text.encode(), "sha256")[:16]


class Vault:
    """All the keys of the service. Unwrapped record keys stay in memory for a minute at most."""

    def __init__(self, root: bytes, service: KeyService | None = None) -> None:
        if len(root) != KEY:
            raise ValueError("the root key is 32 bytes")
        self._root = root
        self._service = service or LocalKeys(root)
        self._cache: dict[UUID, tuple[float, bytes, RecordKey]] = {}
        self._derived: dict[str, bytes] = {}

    def new_record_key(self, record_id: UUID) -> bytes:
        """A fresh data key, wrapped, to store in the record's row."""
        return self._service.wrap(token_bytes(32), context_of("record-key", record_id))

    def record_key(self, record_id: UUID, wrapped: bytes) -> RecordKey:
        """The record's data key, unwrapped."""
        now = monotonic()
        cached = self._cache.get(record_id)
        if cached and cached[0] > now and cached[1] == wrapped:
            return cached[2]
        if len(self._cache) >= CACHED_KEYS:
            self._cache.clear()
        key = RecordKey(
            record_id, self._service.unwrap(wrapped, context_of("record-key", record_id))
        )
        self._cache[record_id] = (now + CACHED_SECONDS, wrapped, key)
        return key

    def index(self, purpose: str, value: str) -> bytes:
        """Blind index: finds an exact value without storing it. One key a purpose."""
        return self.mac(f"index/{purpose}", value.encode())

    def mac(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA-256 (32 bytes) under this purpose's key."""
        return hmac.digest(self._key(f"mac/{purpose}"), data, "sha256")

    def seal(self, purpose: str, data: bytes, *parts: object) -> bytes:
        """For secrets of the service itself (codes, tokens), not of a record."""
        return seal(self._key(f"seal/{purpose}"), data, context_of(*parts))

    def unseal(self, purpose: str, sealed: bytes, *parts: object) -> bytes:
        """The reverse of `seal`."""
        return unseal(self._key(f"seal/{purpose}"), sealed, context_of(*parts))

    def _key(self, label: str) -> bytes:
        """A key of the service, derived once: labels are few and ours."""
        if not (key := self._derived.get(label)):
            key = self._derived[label] = derive(self._root, label)
        return key
