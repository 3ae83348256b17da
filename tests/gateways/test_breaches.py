"""The list of stolen passwords, as « Have I Been Pwned » writes it."""

from hashlib import sha1
from pathlib import Path

import pytest

from backend.domain.passwords import common_passwords
from backend.gateways.breaches import Breaches

STOLEN = [f"mot de passe volé {n}" for n in range(1000)]


def write(path: Path, passwords: list[str], end: str) -> Path:
    digests = sorted(sha1(p.encode(), usedforsecurity=False).hexdigest().upper() for p in passwords)
    lines = (f"{digest}:{n**3}" for n, digest in enumerate(digests, 1))
    path.write_bytes(end.join(lines).encode())
    return path


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("many", [1, 2, 3, 1000])
async def test_each_is_found_and_no_other(tmp_path: Path, end: str, many: int) -> None:
    breaches = Breaches(write(tmp_path / "list.txt", STOLEN[:many], end))
    assert all([await breaches.has(stolen) for stolen in STOLEN[:many]])
    assert not any([await breaches.has(f"un autre {n}") for n in range(500)])


@pytest.mark.parametrize("more", [True, False], ids=["with the operator’s", "alone"])
async def test_ours_is_always_there(tmp_path: Path, *, more: bool) -> None:
    breaches = Breaches(write(tmp_path / "list.txt", STOLEN, "\n") if more else None)
    assert all([await breaches.has(password) for password in common_passwords()])
    assert await breaches.has("CorrectHorseBatteryStaple")
    assert not any([await breaches.has(f"{password}é") for password in common_passwords()])
