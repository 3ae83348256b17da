"""A professional proves once more who they are, in the session that they have.

It serves once, for the record that they left from.
"""

from datetime import timedelta
from secrets import token_urlsafe
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select, update

from backend.access import Action, authorise
from backend.access.actors import Professional, Unplaced
from backend.domain.emergency import FRESH_FOR
from backend.gateways.psc import Identified
from backend.services.pro_sign_in.entries import Proofs
from backend.services.pro_sign_in.sessions import FRESH, running
from backend.services.sign_in.sessions import hash_token
from backend.storage.db import AsyncSession, utcnow, vault_of
from backend.storage.teams import ProSession

CLOCKS = timedelta(seconds=30)
"""How far the clock of Pro Santé Connect may be from ours."""


async def prove(db: AsyncSession, who: Identified, proofs: Proofs, token: str) -> str | None:
    """The new token of the session; None unless the same person has just authenticated."""
    query = running(utcnow()).where(
        ProSession.id == proofs.again, ProSession.token_hash == hash_token(token)
    )
    held = query.with_for_update(of=ProSession)
    found = (await db.execute(held, execution_options=FRESH)).one_or_none()
    if found is None or proofs.left_at is None or who.since is None:
        return None
    session, person = found[0], found[1]
    if person.national_id != who.person.national_id or who.since < proofs.left_at - CLOCKS:
        return None
    authorise(db, Unplaced(person.id, session.id), Action.PRO_STEP_UP, None)
    fresh = token_urlsafe(32)
    session.token_hash, session.fresh_at, session.seen_at = hash_token(fresh), utcnow(), utcnow()
    session.fresh_for = proofs.about
    session.psc_session, session.subject = who.session, who.subject
    session.sealed_hint = vault_of(db).seal("psc-hint", who.hint.encode(), session.id)
    return fresh


async def is_fresh(db: AsyncSession, actor: Professional, record_id: UUID) -> bool:
    """Whether a proof of a moment ago is there to serve, for this record."""
    query = select(ProSession.id).where(_fresh(actor, record_id))
    return await db.scalar(query) is not None


async def spend(db: AsyncSession, actor: Professional, record_id: UUID) -> bool:
    """Use it up; False when there is none for this record, or it has served."""
    served = update(ProSession).where(_fresh(actor, record_id))
    used = served.values(fresh_at=None, fresh_for=None).returning(ProSession.id)
    return await db.scalar(used.execution_options(synchronize_session=False)) is not None


def _fresh(actor: Professional, record_id: UUID) -> ColumnElement[bool]:
    now = utcnow()
    return and_(
        ProSession.id == actor.session_id,
        ProSession.fresh_for == record_id,
        ProSession.fresh_at > now - FRESH_FOR,
        ProSession.fresh_at <= now + CLOCKS,
    )
