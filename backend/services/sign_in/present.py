"""Whoever is signed in, looked at again under locks before something of theirs changes."""

from sqlalchemy import select

from backend.access.actors import Patient
from backend.access.doors import SignInFirst
from backend.services.accounts import usable
from backend.services.sign_in.sessions import AS_IS
from backend.services.space import Space, hold
from backend.storage.accounts import Account, BrowserSession
from backend.storage.db import AsyncSession, utcnow


async def present(db: AsyncSession, actor: Patient) -> tuple[BrowserSession, Space, Account]:
    """This browser's session, the person's own space and account, held until the commit.

    SignInFirst when the session has ended or the account was locked or closed meanwhile: whatever
    takes several steps begins each of them here.
    """
    space = await hold(db, actor.own_record_id)
    query = select(BrowserSession).where(
        BrowserSession.id == actor.session_id,
        BrowserSession.account_id == actor.id,
        BrowserSession.complete,
        BrowserSession.ends_at > utcnow(),
    )
    session = await db.scalar(query.with_for_update(), execution_options=AS_IS)
    account = space.account
    if session is None or account is None or account.id != actor.id:
        raise SignInFirst
    if not usable(account.state, space.record.state):
        raise SignInFirst
    return session, space, account
