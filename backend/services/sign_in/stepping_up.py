"""A fresh proof before a sensitive act: the password, then a code, in the same browser.

A live code of this errand means that the password was right: it is sent for no other reason.
"""

from secrets import token_urlsafe

from sqlalchemy import select

from backend.access import Action, refuse
from backend.access.actors import Patient
from backend.domain.sign_in import FRESH_FOR
from backend.domain.space import Event
from backend.services import limits
from backend.services.accounts import verify_password
from backend.services.sign_in.challenges import Errand, count_sending, new_code, redeem
from backend.services.sign_in.codes import Waiting, send_another, waiting_for
from backend.services.sign_in.present import present
from backend.services.sign_in.refusals import DEAD_CODE, Reason, Rejected, too_often
from backend.services.sign_in.sessions import hash_token
from backend.services.sign_in.totp import redeem_totp
from backend.services.space import Space, advance
from backend.storage.accounts import Account, BrowserSession, Passkey
from backend.storage.db import SKEW, AsyncSession, Sessions, utcnow, vault_of

PURPOSE = "step-up"
WRONG = Rejected(Reason.PASSWORD, "Ce mot de passe n’est pas le bon. Vérifiez-le, puis réessayez.")


async def is_fresh(db: AsyncSession, actor: Patient) -> bool:
    """Whether this browser proved within ten minutes that the person is there; signing in counts.

    Bound to the session: a proof given in another browser is worth nothing here.
    """
    proved = await db.scalar(
        select(BrowserSession.stepped_up_at).where(
            BrowserSession.id == actor.session_id, BrowserSession.account_id == actor.id
        )
    )
    now = utcnow()
    return proved is not None and now - FRESH_FOR < proved < now + SKEW


async def begin_step_up(
    all_sessions: Sessions, actor: Patient, password: str, *, address: str, app_code: str = ""
) -> str | Rejected | None:
    """None when the password is right and a code is on its way, else why not.

    With the code of an authenticator application that is right too, the new token. Two short
    transactions with the hashing between them, as at sign-in.
    """
    async with all_sessions.begin() as db:
        _, space, account = await present(db, actor)
        if wait := await limits.hit(db, "step-up", str(account.id)):
            return _written(db, actor, space, too_often(wait))
        vault, stored = vault_of(db), account.password_hash
    right = await verify_password(vault, stored, password)
    async with all_sessions.begin() as db:
        session, space, account = await present(db, actor)
        if not right or account.password_hash != stored:
            return _written(db, actor, space, WRONG)
        await limits.give_back(db, "step-up", str(account.id))
        if app_code and account.sealed_totp:
            if refused := await redeem_totp(db, account, app_code):
                return _written(db, actor, space, refused)
            return freshen(db, actor, session, space)
        if wait := await count_sending(db, account.id, address):
            return _written(db, actor, space, too_often(wait))
        await new_code(db, _errand(actor), account.preferred, utcnow())
    return None


async def other_proofs(db: AsyncSession, actor: Patient) -> tuple[bool, bool]:
    """Whether this person has (an authenticator application, a passkey)."""
    _, _, account = await present(db, actor)
    key = await db.scalar(select(Passkey.id).where(Passkey.account_id == account.id).limit(1))
    return account.sealed_totp is not None, key is not None


async def step_up_waiting(db: AsyncSession, actor: Patient) -> Waiting | None:
    """Where the code went; None when the password must be given first."""
    _, _, account = await present(db, actor)
    return await waiting_for(db, account, _errand(actor))


async def resend_step_up(
    db: AsyncSession, actor: Patient, *, address: str, other_channel: bool = False
) -> Waiting | Rejected:
    """Another code, on the same channel or the other one."""
    _, _, account = await present(db, actor)
    errand = _errand(actor)
    if await waiting_for(db, account, errand) is None:
        return DEAD_CODE
    return await send_another(db, account, errand, address=address, other_channel=other_channel)


async def step_up(db: AsyncSession, actor: Patient, code: str) -> str | Rejected:
    """The new token of a session that is fresh again, or one try less. Commit either way."""
    session, space, _ = await present(db, actor)
    if refused := await redeem(db, _errand(actor), code):
        return _written(db, actor, space, refused)
    return freshen(db, actor, session, space)


def freshen(db: AsyncSession, actor: Patient, session: BrowserSession, space: Space) -> str:
    """Write that the person is there; the session goes on under a new token, which is returned."""
    advance(db, actor, Action.STEP_UP, Event.STEP_UP, space)
    token = token_urlsafe(32)
    session.token_hash, session.stepped_up_at = hash_token(token), utcnow()
    return token


def _errand(actor: Patient) -> Errand:
    return Errand(PURPOSE, actor.id, account_id=actor.id, session_id=actor.session_id)


def _written(db: AsyncSession, actor: Patient, space: Space, rejected: Rejected) -> Rejected:
    account: Account | None = space.account
    refuse(
        db,
        actor,
        Action.STEP_UP,
        record_id=space.record.id,
        thing_id=account.id if account else None,
        reason=rejected.reason,
    )
    return rejected
