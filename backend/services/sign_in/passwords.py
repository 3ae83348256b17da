"""First step: identifier and password."""

from typing import cast

from msgspec.structs import replace
from sqlalchemy import Table, select, update

from backend.services import limits
from backend.services.accounts import (
    hash_password,
    identifier_index,
    needs_rehash,
    usable,
    verify_password,
)
from backend.services.sign_in import sessions
from backend.services.sign_in.challenges import count_sending, new_code
from backend.services.sign_in.codes import login_errand
from backend.services.sign_in.devices import limit_for
from backend.services.sign_in.refusals import (
    WRONG_PASSWORD,
    Rejected,
    too_often,
    write_refusal,
)
from backend.services.sign_in.sessions import Started
from backend.services.space import hold
from backend.storage.accounts import Account
from backend.storage.db import AsyncSession, Sessions, utcnow, vault_of


async def start(
    all_sessions: Sessions,
    identifier: str,
    password: str,
    *,
    address: str,
    device: str = "",
    browser: str = "",
) -> Started | Rejected:
    """A half session whose code is on its way, or a refusal that does not tell why.

    Two short transactions with the hashing between them: what is counted stays counted, and a
    flood of passwords does not hold the connections that signed-in people need.
    """
    async with all_sessions.begin() as db:
        counter = await _count(db, identifier, address, device)
        if isinstance(counter, Rejected):
            return counter
        account = await _find(db, identifier)
        vault = vault_of(db)
    stored = account.password_hash if account else None
    right = await verify_password(vault, stored, password)
    fresh = await hash_password(vault, password) if right and _is_old(stored) else None
    async with all_sessions.begin() as db:
        account = await _find(db, identifier)
        if not right or account is None or not await _is_still(db, account, stored):
            return write_refusal(db, account, WRONG_PASSWORD)
        await limits.give_back(db, *counter)
        if fresh:
            await _store(db, account, fresh)
        return await _begin(db, account, address, browser)


async def _count(
    db: AsyncSession, identifier: str, address: str, device: str
) -> tuple[str, str] | Rejected:
    """The account's counter, after the address's own: an address that is refused counts nothing."""
    for name in ("login-ip", "login-network"):
        if wait := await limits.hit(db, name, address):
            return too_often(wait)
    account = await _find(db, identifier)
    counter = limit_for(
        db, identifier_index(db, identifier), account.id if account else None, device
    )
    if wait := await limits.hit(db, *counter):
        return too_often(wait)
    return counter


async def _begin(
    db: AsyncSession, account: Account, address: str, browser: str
) -> Started | Rejected:
    now = utcnow()
    if account.sealed_totp:
        started = sessions.open_half(db, account, now, browser=browser)
        return replace(started, by_app=True)
    if wait := await count_sending(db, account.id, address):
        return write_refusal(db, account, too_often(wait))
    started = sessions.open_half(db, account, now, browser=browser)
    await db.flush()
    await new_code(db, login_errand(account, started.session_id), account.preferred, now)
    return started


async def _find(db: AsyncSession, identifier: str) -> Account | None:
    index = identifier_index(db, identifier)
    return await db.scalar(select(Account).where(Account.identifier_index == index))


async def _is_still(db: AsyncSession, account: Account, stored: str | None) -> bool:
    """Usable, with the same password as while we were hashing; held, whoever changes it waits."""
    space = await hold(db, account.record_id)
    return usable(account.state, space.record.state) and account.password_hash == stored


def _is_old(stored: str | None) -> bool:
    return stored is not None and needs_rehash(stored)


async def _store(db: AsyncSession, account: Account, password_hash: str) -> None:
    # On the table: the same password hashed anew changes nothing of the person's to trace.
    table = cast(Table, Account.__table__)
    await db.execute(
        update(table).where(table.c.id == account.id).values(password_hash=password_hash)
    )
