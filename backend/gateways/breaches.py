"""Passwords known from breaches: sorted lists on this machine; nothing is asked of anybody.

A list is as « Have I Been Pwned » lets everybody copy it, ordered by hash: a line for each
password, its SHA-1 in capitals, a colon, how often it was seen (haveibeenpwned.com/Passwords).
A short one is always there, made of `domain/codes/passwords.txt`; the operator adds the whole one.
"""

import asyncio
from collections.abc import Iterable
from functools import cache
from hashlib import sha1
from mmap import ACCESS_READ, mmap
from pathlib import Path

from backend.domain.passwords import common_passwords

DIGEST = 40


class Breaches:
    """Our list, and the operator’s when there is one."""

    def __init__(self, path: Path | None) -> None:
        self._lists: list[bytes | mmap] = [_ours()]
        if path:
            with path.open("rb") as file:
                self._lists.append(mmap(file.fileno(), 0, access=ACCESS_READ))

    async def has(self, password: str) -> bool:
        """Whether this password is on a list, as it is or in small letters."""
        digests = {_digest(password), _digest(password.lower())}
        return await asyncio.to_thread(self._has, digests)

    def _has(self, digests: Iterable[bytes]) -> bool:
        return any(_find(lines, digest) for lines in self._lists for digest in digests)


@cache
def _ours() -> bytes:
    return b"\n".join(sorted(_digest(password) + b":1" for password in common_passwords()))


def _digest(password: str) -> bytes:
    return sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()


def _find(lines: bytes | mmap, digest: bytes) -> bool:
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
