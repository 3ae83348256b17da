"""Passwords known from breaches: a sorted list on this machine; nothing is asked of anybody.

The list is the one that « Have I Been Pwned » lets everybody copy, ordered by hash: a line for each
password, its SHA-1 in capitals, a colon, how often it was seen (haveibeenpwned.com/Passwords).
"""

import asyncio
from hashlib import sha1
from mmap import ACCESS_READ, mmap
from pathlib import Path

DIGEST = 40


class Breaches:
    """The list, or none: without a file no password is known."""

    def __init__(self, path: Path | None) -> None:
        self._lines: mmap | None = None
        if path:
            with path.open("rb") as file:
                self._lines = mmap(file.fileno(), 0, access=ACCESS_READ)

    async def has(self, password: str) -> bool:
        """Whether this password is on the list."""
        if self._lines is None:
            return False
        digest = sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        return await asyncio.to_thread(_find, self._lines, digest.encode())


def _find(lines: mmap, digest: bytes) -> bool:
    low, high = 0, len(lines)
    while low < high:
        middle = (low + high) // 2
        start = lines.rfind(b"\n", low, middle) + 1 or low
        found = lines[start : start + DIGEST]
        if found == digest:
            return True
        if found < digest:
            low = lines.find(b"\n", middle) + 1 or high
        else:
            high = start
    return False
