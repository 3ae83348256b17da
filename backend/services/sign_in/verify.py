"""Second step: the code, counted before it is compared."""

from datetime import timedelta
from uuid import UUID

from backend.services import limits
from backend.services.sign_in import sessions
from backend.services.sign_in.challenges import redeem
from backend.services.sign_in.codes import login_errand
from backend.services.sign_in.refusals import UNUSABLE, Rejected, write_refusal
from backend.services.sign_in.sessions import Complete
from backend.storage.db import AsyncSession


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
    refused = await redeem(db, login_errand(account, session.id), code)
    if refused:
        return write_refusal(db, account, refused)
    done = await sessions.complete(db, session, account, lasts=lasts)
    await limits.sweep(db)
    await sessions.sweep(db)
    return done
