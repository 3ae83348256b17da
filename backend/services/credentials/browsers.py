"""Browsers that are signed in, seen and ended by their person."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy import delete, select

from backend.access import Action, authorise
from backend.access.actors import Patient
from backend.services.sign_in.present import present
from backend.services.sign_in.sessions import end_all
from backend.storage.accounts import BrowserSession
from backend.storage.db import AsyncSession, utcnow


class Seen(Struct, frozen=True):
    """One browser."""

    id: UUID
    browser: str
    """« Chrome, Android »."""
    since: datetime
    seen_at: datetime
    here: bool
    """The one that asks."""


async def list_browsers(db: AsyncSession, actor: Patient, *, idle: timedelta) -> tuple[Seen, ...]:
    """The browsers signed in now, this one first."""
    now = utcnow()
    rows = await db.scalars(
        select(BrowserSession)
        .where(
            BrowserSession.account_id == actor.id,
            BrowserSession.complete,
            BrowserSession.ends_at > now,
            BrowserSession.seen_at > now - idle,
        )
        .order_by(BrowserSession.id != actor.session_id, BrowserSession.seen_at.desc())
    )
    return tuple(
        Seen(row.id, row.browser, row.created_at, row.seen_at, row.id == actor.session_id)
        for row in rows
    )


async def end_session(db: AsyncSession, actor: Patient, session_id: UUID) -> None:
    """End one browser of this account; another account's is as if it did not exist."""
    _, _, account = await present(db, actor)
    authorise(db, actor, Action.END_SESSION, account)
    await db.execute(
        delete(BrowserSession).where(
            BrowserSession.id == session_id, BrowserSession.account_id == account.id
        )
    )


async def end_others(db: AsyncSession, actor: Patient) -> None:
    """End every browser but this one, half-way ones too."""
    _, _, account = await present(db, actor)
    authorise(db, actor, Action.END_SESSION, account)
    await end_all(db, account.id, but=actor.session_id)
