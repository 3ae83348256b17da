"""« Ce n’est pas vous ? »: a sign-in from a browser never seen before is told, elsewhere."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import select

from backend.domain.jobs import TellSignIn
from backend.services.accounts import contact, usable
from backend.services.sign_in.devices import is_known
from backend.services.space import hold
from backend.storage.accounts import Account, BrowserSession, Challenge, Channel
from backend.storage.db import AsyncSession
from backend.storage.outbox import enqueue


class SignedIn(Struct, frozen=True):
    """What is told, where."""

    channel: Channel
    to: str
    at: datetime
    browser: str


async def tell_if_new(
    db: AsyncSession, account: Account, session: BrowserSession, device: str
) -> None:
    """Promise it for a browser without our mark; not for the first sign-in of all.

    On the channel that the code did not take, when there is one: whoever holds one phone or one
    letter box does not hide it.
    """
    if session.previous_login_at is None or is_known(db, account.id, device):
        return
    used = await db.scalar(
        select(Challenge.channel).where(
            Challenge.session_id == session.id, Challenge.consumed_at.is_not(None)
        )
    )
    job = TellSignIn(
        account_id=account.id,
        channel=Channel.SMS if used is Channel.EMAIL else Channel.EMAIL,
        at=session.created_at,
        browser=session.browser,
    )
    await enqueue(db, job, key=f"tell-sign-in/{session.id}")


async def whom_to_tell(db: AsyncSession, job: TellSignIn) -> SignedIn | None:
    """Where to, now; the other channel when that one is not proved. None when there is nobody."""
    account = await db.get(Account, job.account_id)
    if account is None:
        return None
    space = await hold(db, account.record_id)
    if not usable(account.state, space.record.state):
        return None
    email, phone = await contact(db, account)
    ways: list[tuple[Channel, str | None]] = [(Channel.EMAIL, email), (Channel.SMS, phone)]
    ways.sort(key=lambda way: way[0] != job.channel)
    found = next(((way, to) for way, to in ways if to), None)
    return SignedIn(*found, job.at, job.browser) if found else None
