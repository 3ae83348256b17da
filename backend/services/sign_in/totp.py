"""Codes of an authenticator application (RFC 6238): each opens once (security.md §3.3)."""

from typing import cast

from pyotp import TOTP
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import Table, update

from backend.services import limits
from backend.services.sign_in.refusals import WRONG_APP_CODE, Rejected, too_often
from backend.storage.accounts import Account
from backend.storage.db import AsyncSession, utcnow, vault_of

WINDOW = 1
"""Steps of 30 seconds that a telephone's clock may be late or early."""


async def redeem_totp(
    db: AsyncSession, account: Account, code: str, *, limiter: str = "otp-verify"
) -> Rejected | None:
    """Use the code up, or say why not. `account` has an application."""
    assert account.sealed_totp is not None
    secret = vault_of(db).unseal("totp", account.sealed_totp, account.id).decode()
    return await use_code(db, account, secret, code, limiter=limiter)


async def use_code(
    db: AsyncSession, account: Account, secret: str, code: str, *, limiter: str = "otp-verify"
) -> Rejected | None:
    """The same for a secret that is not the account's yet. The try is counted before compared."""
    if wait := await limits.hit(db, limiter, str(account.id)):
        return too_often(wait)
    step = step_of(secret, code)
    if step is None or not await _take(db, account, step):
        return WRONG_APP_CODE
    await limits.give_back(db, limiter, str(account.id))
    return None


def seal_totp(db: AsyncSession, account: Account, secret: str) -> bytes:
    """What is stored of the secret, bound to the account."""
    return vault_of(db).seal("totp", secret.encode(), account.id)


def step_of(secret: str, code: str) -> int | None:
    """The time step whose code it is, now or one step away; None for any other code."""
    try:
        return TOTP(secret).verify_and_get_timecode(code, for_time=utcnow(), valid_window=WINDOW)
    except OTPVerificationError:
        return None


async def _take(db: AsyncSession, account: Account, step: int) -> bool:
    """True for the one transaction that uses this step, and none before it ever again."""
    # On the table: a counter changes nothing of the person's to trace.
    table = cast(Table, Account.__table__)
    taken = await db.execute(
        update(table)
        .where(table.c.id == account.id, table.c.totp_used < step)
        .values(totp_used=step)
        .returning(table.c.id)
    )
    return taken.scalar_one_or_none() is not None
