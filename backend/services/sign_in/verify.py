"""Second step: the code that was sent, or that of an application; counted before compared."""

from datetime import timedelta
from uuid import UUID

from backend.services import limits
from backend.services.sign_in import sessions
from backend.services.sign_in.challenges import redeem
from backend.services.sign_in.codes import login_errand
from backend.services.sign_in.refusals import UNUSABLE, Rejected, write_refusal
from backend.services.sign_in.sessions import Complete
from backend.services.sign_in.totp import redeem_totp
from backend.storage.db import AsyncSession


async def verify_app(
    db: AsyncSession, half: UUID, code: str, *, lasts: timedelta, device: str = ""
) -> Complete | Rejected:
    """The same with the code of the person’s authenticator application."""
    found = await sessions.halfway(db, half)
    if found is None or found[1].sealed_totp is None:
        return UNUSABLE
    session, account = found
    if refused := await redeem_totp(db, account, code):
        return write_refusal(db, account, refused)
    done = await sessions.complete(db, session, account, lasts=lasts, means="totp", device=device)
    await limits.sweep(db)
    await sessions.sweep(db)
    return done


async def has_app(db: AsyncSession, half: UUID) -> bool:
    """Whether this half session may go on with an authenticator application."""
    found = await sessions.halfway(db, half)
    return found is not None and found[1].sealed_totp is not None


async def verify(
    db: AsyncSession, half: UUID, code: str, *, lasts: timedelta, device: str = ""
) -> Complete | Rejected:
    """Both steps passed, for a session that `lasts`; or a refusal, and one try less.

    The caller commits either way.
    """
    found = await sessions.halfway(db, half)
    if found is None:
        return UNUSABLE
    session, account = found
    refused = await redeem(db, login_errand(account, session.id), code)
    if refused:
        return write_refusal(db, account, refused)
    done = await sessions.complete(db, session, account, lasts=lasts, device=device)
    await limits.sweep(db)
    await sessions.sweep(db)
    return done
