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
from backend.domain.space import Event, State, allows
from backend.gateways.breaches import Breaches
from backend.services import limits
from backend.services.accounts import (
    contact,
    hash_password,
    identifier_index,
    refuse_breached,
)
from backend.services.credentials.changes import before_change, note_change
from backend.services.credentials.words import words_for
from backend.services.even import even
from backend.services.sign_in.challenges import Errand, count_sending, new_code, redeem_all
from backend.services.sign_in.refusals import Reason, Rejected, too_often
from backend.services.sign_in.sessions import end_all, hash_token
from backend.services.sign_in.totp import redeem_totp
from backend.services.space import Space, advance, hold
from backend.storage.accounts import Account, Channel, Enrolment, Passkey
from backend.storage.db import SKEW, AsyncSession, Sessions, utcnow, vault_of

PURPOSE = "recovery"
PURPOSES = {Channel.EMAIL: PURPOSE, Channel.SMS: "recovery-sms"}
PROOFS = 2
WRONG = Rejected(
    Reason.CODE,
    "Ces codes ne conviennent pas. Vérifiez-les. S’ils ont plus de 10 minutes, recommencez.",
)


class Draft(Struct, frozen=True):
    """What a recovery remembers, sealed: whose, and how the account was when it began."""

    account_id: UUID | None = None
    state: State | None = None
    password_hash: str = ""
    proved: bool = False
    by_app: bool = False
    """The authenticator application was one of the proofs: it is still the person’s."""


class Recovery(Struct, frozen=True):
    """One recovery, as its steps need it."""

    id: UUID
    draft: Draft
    space: Space | None
    """Held; None when nobody can be recovered by it, which is told only by failing."""

    @property
    def proved(self) -> bool:
        """Two proofs were given, and nothing happened to the account since."""
        return self.draft.proved and self.space is not None


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


async def find_recovery(db: AsyncSession, token: str) -> Recovery | None:
    """The recovery that this token goes on, or None when it is over."""
    now = utcnow()
    row = await db.scalar(
        select(Enrolment)
        .where(
            Enrolment.token_hash == hash_token(token),
            Enrolment.purpose == PURPOSE,
            Enrolment.ends_at > now,
            Enrolment.created_at < now + SKEW,
        )
        .with_for_update()
    )
    if row is None or row.sealed_draft is None:
        return None
    draft = msgspec.json.decode(vault_of(db).unseal(PURPOSE, row.sealed_draft, row.id), type=Draft)
    return Recovery(row.id, draft, await _space_of(db, draft))


@even
async def prove_recovery(
    all_sessions: Sessions, token: str, *, email: str, sms: str, app: str
) -> str | Rejected | None:
    """The next token when two proofs are right; None when the recovery is over.

    Codes that were not received are empty.
    """
    async with all_sessions.begin() as db:
        recovery = await find_recovery(db, token)
        if recovery is None or recovery.draft.proved:
            return None
        if wait := await limits.hit(db, "recovery-try", str(recovery.id)):
            return too_often(wait)
        given = {Channel.EMAIL: email, Channel.SMS: sms}
        if not await _are_right(db, recovery, given, app):
            return WRONG
        return await _prove(db, recovery, by_app=bool(app))


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
        await _finish(db, recovery, recovery.space, hashed)
    return True


async def _begin(db: AsyncSession, account: Account | None) -> str:
    token, now, recovery_id = token_urlsafe(32), utcnow(), uuid4()
    space = await hold(db, account.record_id) if account else None
    draft = Draft()
    if space and space.account and allows(space.state, Event.RECOVER):
        draft = Draft(space.account.id, space.state, space.account.password_hash)
    db.add(
        Enrolment(
            id=recovery_id,
            token_hash=hash_token(token),
            purpose=PURPOSE,
            created_at=now,
            ends_at=now + ENROLMENT_LIFE,
            sealed_draft=_sealed(db, recovery_id, draft),
        )
    )
    await db.flush()
    if space and space.account and draft.account_id:
        email, phone = await contact(db, space.account)
        for channel, to in ((Channel.EMAIL, email), (Channel.SMS, phone)):
            if to:
                errand = _errand(recovery_id, space.account.id, channel)
                await new_code(db, errand, channel, now, to=to)
    return token


async def _space_of(db: AsyncSession, draft: Draft) -> Space | None:
    """The space while nothing has happened to it since the recovery began."""
    account = await db.get(Account, draft.account_id) if draft.account_id else None
    if account is None:
        return None
    space = await hold(db, account.record_id)
    same = space.state is draft.state and account.password_hash == draft.password_hash
    return space if same and allows(space.state, Event.RECOVER) else None


async def _are_right(
    db: AsyncSession, recovery: Recovery, given: dict[Channel, str], app: str
) -> bool:
    space = recovery.space
    if space is None or space.account is None:
        return False
    account = space.account
    codes = [(_errand(recovery.id, account.id, way), code) for way, code in given.items() if code]
    if len(codes) + bool(app) < PROOFS:
        return False
    if app and (account.sealed_totp is None or await redeem_totp(db, account, app)):
        return False
    return await redeem_all(db, codes)


async def _prove(db: AsyncSession, recovery: Recovery, *, by_app: bool) -> str:
    assert recovery.space is not None
    token = token_urlsafe(32)
    row = await db.get_one(Enrolment, recovery.id)
    draft = msgspec.structs.replace(recovery.draft, proved=True, by_app=by_app)
    row.token_hash, row.record_id = hash_token(token), recovery.space.record.id
    row.sealed_draft = _sealed(db, recovery.id, draft)
    return token


async def _finish(db: AsyncSession, recovery: Recovery, space: Space, hashed: str) -> None:
    account = space.account
    assert account is not None
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


def _errand(recovery_id: UUID, account_id: UUID, channel: Channel) -> Errand:
    return Errand(PURPOSES[channel], account_id, account_id=account_id, enrolment_id=recovery_id)


def _sealed(db: AsyncSession, recovery_id: UUID, draft: Draft) -> bytes:
    return vault_of(db).seal(PURPOSE, msgspec.json.encode(draft), recovery_id)
