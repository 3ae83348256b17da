"""Known devices: a browser that once signed in has its own count of tries.

So a stranger who tries an identifier again and again cannot keep its holder out. The mark only
picks the counter: it replaces neither the password nor the code.
"""

import hmac
from secrets import token_hex
from uuid import UUID

from backend.storage.db import AsyncSession, vault_of


def make_device(db: AsyncSession, account_id: UUID) -> str:
    """A mark for the browser that has just signed in with this account."""
    number = token_hex(16)
    return f"{number}.{_proof(db, account_id, number)}"


def limit_for(
    db: AsyncSession, index: bytes, account_id: UUID | None, device: str
) -> tuple[str, str]:
    """(limiter, subject) that counts this try: the device's if it is known, else the account's."""
    if account_id and is_known(db, account_id, device):
        return "login-device", f"{account_id}|{device.partition('.')[0]}"
    return "login-account", index.hex()


def is_known(db: AsyncSession, account_id: UUID, device: str) -> bool:
    """Whether this is a mark that we gave to a browser of this account."""
    number, _, proof = device.partition(".")
    return hmac.compare_digest(proof.encode(), _proof(db, account_id, number).encode())


def _proof(db: AsyncSession, account_id: UUID, number: str) -> str:
    return vault_of(db).mac("device", f"{account_id}|{number}".encode()).hex()
