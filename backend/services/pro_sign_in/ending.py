"""How sessions end: by their professional, a laboratory, Pro Santé Connect, or time."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import delete, select

from backend.access import Action, authorise
from backend.access.actors import Professional, Unplaced
from backend.services.pro_sign_in.sessions import running
from backend.storage.db import AsyncSession, utcnow, vault_of
from backend.storage.structures import Professional as Person
from backend.storage.teams import ProSession

SWEPT_AT_ONCE = 200


class Browsing(Struct, frozen=True):
    """One browser where a professional is signed in, as they read of it."""

    id: UUID
    browser: str
    since: datetime
    seen_at: datetime
    here: bool


async def leave(db: AsyncSession, actor: Professional | Unplaced) -> str | None:
    """End this session; the hint that ends Pro Santé Connect’s own."""
    authorise(db, actor, Action.PRO_SIGN_OUT, None)
    ended = delete(ProSession).where(ProSession.id == actor.session_id)
    hint = await db.scalar(ended.returning(ProSession.sealed_hint))
    if hint is None:
        return None
    return vault_of(db).unseal("psc-hint", hint, actor.session_id).decode()


async def open_sessions(db: AsyncSession, actor: Professional) -> list[Browsing]:
    """Where this professional is signed in, the latest first."""
    query = (
        running(utcnow())
        .where(ProSession.professional_id == actor.id)
        .order_by(ProSession.seen_at.desc())
    )
    return [
        Browsing(one.id, one.browser, one.created_at, one.seen_at, one.id == actor.session_id)
        for one, *_ in await db.execute(query)
    ]


async def end_one(db: AsyncSession, actor: Professional, session_id: UUID) -> None:
    """Another browser of theirs leaves."""
    mine = (ProSession.id == session_id, ProSession.professional_id == actor.id)
    if await db.scalar(delete(ProSession).where(*mine).returning(ProSession.id)):
        authorise(db, actor, Action.END_PRO_SESSION, None)


async def end_at(db: AsyncSession, structure_id: UUID, national_id: str) -> None:
    """Whoever was detached from a site is out of it, in every browser."""
    whose = select(Person.id).where(Person.national_id == national_id).scalar_subquery()
    await db.execute(
        delete(ProSession)
        .where(ProSession.structure_id == structure_id, ProSession.professional_id == whose)
        .execution_options(synchronize_session=False)
    )


async def told_goodbye(db: AsyncSession, subject: str, psc_session: str) -> None:
    """Pro Santé Connect’s own session ended: that one, or all those of the person."""
    one, all_ = ProSession.psc_session == psc_session, ProSession.subject == subject
    ended = one if psc_session else all_
    gone = delete(ProSession).where(ended).returning(ProSession.id, ProSession.professional_id)
    for id_, who in await db.execute(gone.execution_options(synchronize_session=False)):
        authorise(db, Unplaced(who, id_), Action.PRO_SIGN_OUT, None, reason="psc")


async def sweep(db: AsyncSession) -> int:
    """Forget some sessions that ended."""
    past = (
        select(ProSession.id)
        .where(ProSession.ends_at < utcnow())
        .limit(SWEPT_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    gone = delete(ProSession).where(ProSession.id.in_(past.scalar_subquery()))
    done = await db.execute(
        gone.returning(ProSession.id).execution_options(synchronize_session=False)
    )
    return len(done.all())
