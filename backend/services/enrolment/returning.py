"""Coming back with a letter of the help desk, when every other proof is lost.

The letter’s code, the NIR and the carte Vitale go together as at an activation; new channels are
proved, a new password chosen. Whatever opened the account before opens it no more, the channels of
before are told and may undo it for a day, in which sensitive acts wait. Signing in comes after,
with both steps (security.md §3.6, ASVS 6.4.4).
"""

from sqlalchemy import delete

from backend.access import Action
from backend.domain.credentials import Kind
from backend.domain.errors import NotFound
from backend.domain.passwords import check_password
from backend.domain.space import Event
from backend.gateways.breaches import Breaches
from backend.services import accounts, limits
from backend.services.credentials.changes import before_change, note_change
from backend.services.credentials.words import words_for
from backend.services.enrolment.channels import is_reachable
from backend.services.enrolment.ways import Way, code_in_use, end, find
from backend.services.sign_in.sessions import end_all
from backend.services.space import Space, advance, hold
from backend.storage.accounts import Passkey
from backend.storage.db import AsyncSession, Sessions, utcnow, vault_of


def may_choose_password(way: Way | None) -> bool:
    """On the way back, and every channel given is proved."""
    return way is not None and way.returns and is_reachable(way)


async def finish_return(
    all_sessions: Sessions, token: str, password: str, *, breaches: Breaches
) -> str | None:
    """The identifier of the account, which the new means open; None when the way has ended.

    Refused when the password is weak. The hashing is between two transactions; the second looks at
    everything again.
    """
    async with all_sessions.begin() as db:
        way = await find(db, token)
        if way is None or not may_choose_password(way):
            return None
        space = await hold(db, way.newcomer.record_id)
        known = [*await words_for(db, way.newcomer, space), way.typed.email.partition("@")[0]]
        check_password(password, [*known, way.typed.phone[3:]])
        vault = vault_of(db)
    await accounts.refuse_breached(breaches, password)
    hashed = await accounts.hash_password(vault, password)
    async with all_sessions.begin() as db:
        way = await find(db, token)
        if way is None or not may_choose_password(way):
            return None
        space = await hold(db, way.newcomer.record_id)
        await _renew(db, way, space, hashed)
        assert space.account is not None
        return accounts.identifier_of(db, space.record, space.account)


async def _renew(db: AsyncSession, way: Way, space: Space, hashed: str) -> None:
    record, account = space
    if account is None:
        raise NotFound
    before = await before_change(db, space)
    advance(db, way.newcomer, Action.RECOVER, Event.ENROL_AGAIN, space)
    account.password_hash, account.sealed_totp, account.totp_used = hashed, None, 0
    accounts.set_channels(db, record, account, email=way.typed.email, phone=way.typed.phone)
    await db.execute(delete(Passkey).where(Passkey.account_id == account.id))
    await note_change(db, space, Kind.REENROLLED, before)
    await end_all(db, account.id)
    code = await code_in_use(db, way)
    code.used_at = utcnow()
    await end(db, way)
    for counter in ("otp-verify", "recovery-verify"):
        await limits.forget(db, counter, str(account.id))
