"""The words of a version, at rest: sealed under the key of its record, like the rest of it."""

from collections.abc import Collection
from uuid import UUID

from backend.storage.vault import RecordKey

PART = "words"


def seal_words(key: RecordKey, version_id: UUID, words: Collection[str]) -> bytes:
    """In the order of the alphabet: they say nothing of what stands beside what."""
    return key.seal(" ".join(sorted(words)).encode(), version_id, PART)


def open_words(key: RecordKey, version_id: UUID, sealed: bytes) -> frozenset[str]:
    """The words again."""
    return frozenset(key.open(sealed, version_id, PART).decode().split())
