"""Second step: the code, counted before it is compared."""

from datetime import timedelta
from hmac import compare_digest
from uuid import UUID

from sqlalchemy import update

from backend.domain.sign_in import CODE_TRIES
from backend.services import limits
from backend.services.sign_in import sessions
from backend.services.sign_in.codes import PURPOSE, code_of
from backend.services.sign_in.refusals import (
    DEAD_CODE,
    UNUSABLE,
    Rejected,
    too_often,
    write_refusal,
    wrong_code,
)
from backend.services.sign_in.sessions import Complete
from backend.storage.accounts import Account, Challenge
from backend.storage.db import SKEW, AsyncSession, utcnow


async def verify(
    db: AsyncSession, half: UUID, code: str, *, lasts: timedelta
) -> Complete | Rejected:
    """Both steps passed, for a session that `lasts`; or a refusal, and one try less.

    The caller commits either way.
    """
    found = await sessions.halfway(db, half)
    if found is None:
        return UNUSABLE
    session, account = found
    refused = await _redeem(db, session.id, account, code)
    if refused:
        return write_refusal(db, account, refused)
    done = await sessions.complete(db, session, account, lasts=lasts)
    await limits.sweep(db)
    await sessions.sweep(db)
    return done


async def _redeem(db: AsyncSession, half: UUID, account: Account, code: str) -> Rejected | None:
    """Use the code up, or say why not."""
    challenge = await _take_a_try(db, half, account.id)
    if challenge is None:
        return DEAD_CODE
    if wait := await limits.hit(db, "otp-verify", str(account.id)):
        return too_often(wait)
    if not compare_digest(code.encode(), code_of(db, challenge).encode()):
        return wrong_code(CODE_TRIES - challenge.tries)
    if not await _consume(db, challenge):
        return DEAD_CODE
    await limits.give_back(db, "otp-verify", str(account.id))
    return None


async def _take_a_try(db: AsyncSession, half: UUID, account_id: UUID) -> Challenge | None:
    """The live challenge of this half session with one more try counted, in one statement.

    Reading, adding and writing back would let parallel guesses share a try (security.md F3).
    """
    now = utcnow()
    return await db.scalar(
        update(Challenge)
        .where(
            Challenge.session_id == half,
            Challenge.account_id == account_id,
            Challenge.purpose == PURPOSE,
            Challenge.consumed_at.is_(None),
            Challenge.superseded_at.is_(None),
            Challenge.expires_at > now,
            Challenge.created_at < now + SKEW,
            Challenge.tries < CODE_TRIES,
        )
        .values(tries=Challenge.tries + 1)
        .returning(Challenge),
        execution_options={"populate_existing": True, "synchronize_session": False},
    )


async def _consume(db: AsyncSession, challenge: Challenge) -> bool:
    """True for the one transaction that uses it."""
    used = await db.execute(
        update(Challenge)
        .where(Challenge.id == challenge.id, Challenge.consumed_at.is_(None))
        .values(consumed_at=utcnow())
        .returning(Challenge.id),
        execution_options={"synchronize_session": False},
    )
    return used.scalar_one_or_none() is not None
