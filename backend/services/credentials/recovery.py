"""A forgotten password: two proofs that are left, then a new one. Never one proof alone.

Whether an account exists is told to nobody: the same pages, the same time, the same counts. What
locks, closes or changes the account meanwhile stops the recovery.
"""

from secrets import token_urlsafe
from uuid import UUID, uuid4

import msgspec
from msgspec import Struct
from sqlalchemy import delete, select

from backend.access import Action
from backend.access.actors import Newcomer
from backend.domain.activation import ENROLMENT_LIFE
from backend.domain.credentials import Kind
from backend.domain.passwords import check_password
from backend.domain.space import Event, allows
from backend.gateways.breaches import Breaches
from backend.services import limits
from backend.services.accounts import (
    contact,
    hash_password,
    identifier_index,
    refuse_breached,
    verify_password,
)
from backend.services.credentials import post
from backend.services.credentials.changes import (
    before_change,
    changes_of,
    fresh_changes,
    note_change,
)
from backend.services.credentials.recoveries import (
    LIMITER,
    PURPOSE,
    Draft,
    Recovery,
    errand_of,
    find_recovery,
    sealed,
)
from backend.services.credentials.words import words_for
from backend.services.even import even
from backend.services.sign_in.challenges import count_sending, new_code, redeem_all
from backend.services.sign_in.refusals import Reason, Rejected, too_often
from backend.services.sign_in.sessions import end_all, hash_token
from backend.services.sign_in.totp import redeem_totp
from backend.services.space import Space, advance, hold
from backend.storage.accounts import Account, Channel, Enrolment, Passkey, ProvisionalCode
from backend.storage.db import AsyncSession, Sessions, utcnow, vault_of

PROOFS = 2
WRONG = Rejected(
    Reason.CODE,
    "Ces codes ne conviennent pas. Vérifiez-les. S’ils ont plus de 10 minutes, recommencez.",
)


class Codes(Struct, frozen=True):
    """What somebody typed: codes that were not received are empty."""

    email: str = ""
    sms: str = ""
    app: str = ""
    letter: str = ""
    """A provisional code, by post."""


@even
async def begin_recovery(
    all_sessions: Sessions, identifier: str, *, address: str
) -> str | Rejected:
    """The token of a recovery whose codes are on their way if there is such an account."""
    async with all_sessions.begin() as db:
        index = identifier_index(db, identifier)
        wait = await limits.hit(db, "recovery-ip", address) or await count_sending(
            db, f"recovery/{index.hex()}", address
        )
        if wait:
            return too_often(wait)
        account = await db.scalar(select(Account).where(Account.identifier_index == index))
        return await _begin(db, account)


@even
async def prove_recovery(all_sessions: Sessions, token: str, codes: Codes) -> str | Rejected | None:
    """The next token when two proofs are right; None when the recovery is over.

    The hashing of a provisional code is between two transactions.
    """
    letter: ProvisionalCode | None = None
    async with all_sessions.begin() as db:
        recovery = await find_recovery(db, token)
        if recovery is None or recovery.draft.proved:
            return None
        if wait := await limits.hit(db, "recovery-try", str(recovery.id)):
            return too_often(wait)
        if codes.letter and recovery.space:
            letter = await post.take_a_try(db, recovery.space.record.id)
        vault = vault_of(db)
    stored = letter.code_hash if letter else None
    by_post = bool(codes.letter) and await verify_password(vault, stored, codes.letter)
    async with all_sessions.begin() as db:
        recovery = await find_recovery(db, token)
        if recovery is None or recovery.draft.proved:
            return None
        if bool(codes.letter) is not by_post or not await _are_right(db, recovery, codes):
            return WRONG
        code_id = letter.id if letter and by_post else None
        return await _prove(db, recovery, by_app=bool(codes.app), code_id=code_id)


async def finish_recovery(
    all_sessions: Sessions, token: str, password: str, *, breaches: Breaches
) -> bool:
    """True when the password is the new one; False when the recovery is over.

    Every browser leaves, passkeys open nothing any more, every channel is told. Refused when the
    password is weak. Signing in still takes both steps.
    """
    async with all_sessions.begin() as db:
        recovery = await find_recovery(db, token)
        if recovery is None or not recovery.proved or recovery.space is None:
            return False
        newcomer = Newcomer(recovery.id, recovery.space.record.id)
        check_password(password, await words_for(db, newcomer, recovery.space))
        vault = vault_of(db)
    await refuse_breached(breaches, password)
    hashed = await hash_password(vault, password)
    async with all_sessions.begin() as db:
        recovery = await find_recovery(db, token)
        if recovery is None or not recovery.proved or recovery.space is None:
            return False
        return await _finish(db, recovery, recovery.space, hashed)


async def _begin(db: AsyncSession, account: Account | None) -> str:
    token, now, recovery_id = token_urlsafe(32), utcnow(), uuid4()
    space = await hold(db, account.record_id) if account else None
    draft = Draft()
    if space and space.account and allows(space.state, Event.RECOVER):
        draft = Draft(
            space.account.id,
            space.state,
            space.account.password_hash,
            await changes_of(db, space.account),
        )
    db.add(
        Enrolment(
            id=recovery_id,
            token_hash=hash_token(token),
            purpose=PURPOSE,
            created_at=now,
            ends_at=now + ENROLMENT_LIFE,
            sealed_draft=sealed(db, recovery_id, draft),
        )
    )
    await db.flush()
    if space and space.account and draft.account_id:
        email, phone = await contact(db, space.account)
        fresh = await fresh_changes(db, space.account, now)
        for channel, to, change in (
            (Channel.EMAIL, email, Kind.EMAIL),
            (Channel.SMS, phone, Kind.PHONE),
        ):
            if to and not fresh & {change, Kind.REENROLLED}:
                errand = errand_of(recovery_id, space.account.id, channel)
                await new_code(db, errand, channel, now, to=to)
    return token


async def _are_right(db: AsyncSession, recovery: Recovery, codes: Codes) -> bool:
    """Whether they are two, and each the right one; that of a letter was looked at before.

    What was added within a day proves nothing: whoever is at an open browser can add it.
    """
    if recovery.space is None or (account := recovery.space.account) is None:
        return False
    given = ((Channel.EMAIL, codes.email), (Channel.SMS, codes.sms))
    sent = [(errand_of(recovery.id, account.id, way), code) for way, code in given if code]
    if len(sent) + bool(codes.app) + bool(codes.letter) < PROOFS:
        return False
    if codes.app:
        fresh = Kind.TOTP_ADDED in await fresh_changes(db, account, utcnow())
        if account.sealed_totp is None or fresh:
            return False
        if await redeem_totp(db, account, codes.app, limiter=LIMITER):
            return False
    return await redeem_all(db, sent)


async def _prove(
    db: AsyncSession, recovery: Recovery, *, by_app: bool, code_id: UUID | None
) -> str:
    assert recovery.space is not None
    token = token_urlsafe(32)
    row = await db.get_one(Enrolment, recovery.id)
    draft = msgspec.structs.replace(recovery.draft, proved=True, by_app=by_app)
    row.token_hash, row.record_id = hash_token(token), recovery.space.record.id
    row.code_id = code_id
    row.sealed_draft = sealed(db, recovery.id, draft)
    return token


async def _finish(db: AsyncSession, recovery: Recovery, space: Space, hashed: str) -> bool:
    account = space.account
    assert account is not None
    row = await db.get_one(Enrolment, recovery.id)
    if row.code_id and not await post.use_up(db, row.code_id):
        return False
    before = await before_change(db, space)
    actor = Newcomer(recovery.id, space.record.id)
    advance(db, actor, Action.RECOVER, Event.RECOVER, space)
    account.password_hash = hashed
    if not recovery.draft.by_app:
        account.sealed_totp = None
    await db.execute(delete(Passkey).where(Passkey.account_id == account.id))
    await note_change(db, space, Kind.RECOVERED, before)
    await end_all(db, account.id)
    await db.execute(delete(Enrolment).where(Enrolment.id == recovery.id))
    for counter in ("otp-verify", LIMITER):
        await limits.forget(db, counter, str(account.id))
    return True
