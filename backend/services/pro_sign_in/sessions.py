"""Sessions of professionals: opaque tokens known by their hash, one activity, looked at each time.

Pro Santé Connect’s own session lasts four hours, or thirty minutes without a click: ours as much,
so that neither outlives the other.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from secrets import token_urlsafe
from uuid import UUID, uuid4

from msgspec import Struct
from sqlalchemy import ScalarSelect, Select, delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from backend.access import Action, authorise
from backend.access.actors import Actor, Professional, Unplaced, Visitor
from backend.access.doors import ProSignInFirst
from backend.domain.errors import NotFound
from backend.domain.laboratory import Role, profession_at, roles_held
from backend.services.sign_in.sessions import hash_token
from backend.storage.db import SKEW, AsyncSession, utcnow, vault_of
from backend.storage.structures import Professional as Person
from backend.storage.structures import Structure
from backend.storage.teams import Membership, ProSession

IDLE, ABSOLUTE = timedelta(minutes=30), timedelta(hours=4)
AT_MOST = 3
TOUCH_EVERY = timedelta(minutes=1)
FRESH = {"populate_existing": True}


class Proved(Struct, frozen=True):
    """What Pro Santé Connect proved of a session of its own."""

    subject: str
    psc_session: str
    hint: str
    """The id_token, to end it there too."""
    since: datetime | None
    """When the person authenticated there."""


def running(now: datetime) -> Select[ProSession, Person, bool | None, Sequence[str] | None]:
    """(Session, professional, whether the place is a laboratory, roles held there now)."""
    roles = roles_at(ProSession.structure_id)
    return (
        select(ProSession, Person, Structure.laboratory, roles)
        .join(Person, Person.id == ProSession.professional_id)
        .outerjoin(Structure, Structure.id == ProSession.structure_id)
        .where(
            ProSession.ends_at > now,
            ProSession.seen_at > now - IDLE,
            ProSession.created_at < now + SKEW,
        )
    )


def roles_at(
    structure_id: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None],
) -> ScalarSelect[Sequence[str] | None]:
    """The roles that a professional of the same question holds there now."""
    return (
        select(func.array_agg(Membership.role))
        .where(
            Membership.structure_id == structure_id,
            Membership.national_id == Person.national_id,
            Membership.ended_at.is_(None),
        )
        .scalar_subquery()
    )


async def actor_of(db: AsyncSession, token: str, *, attended: bool = True) -> Actor:
    """Who holds this token now. What they are at the site is asked again on every request.

    What a page asks by itself is not `attended`: nobody is there because of it.
    """
    now = utcnow()
    query = running(now).where(ProSession.token_hash == hash_token(token))
    found = (await db.execute(query)).one_or_none()
    if found is None:
        return Visitor()
    session = found[0]
    if attended and now - session.seen_at >= TOUCH_EVERY:
        touched = update(ProSession).where(ProSession.id == session.id)
        await db.execute(touched.values(seen_at=now))
    return _actor(*found)


def _actor(
    session: ProSession,
    person: Person,
    laboratory: bool | None,  # noqa: FBT001 - a column
    attached: Sequence[str] | None,
) -> Actor:
    """At a laboratory, nobody without a role; elsewhere the activity is enough."""
    if session.structure_id is None:
        return Unplaced(person.id, session.id)
    roles = roles_held([Role(one) for one in attached or ()], session.profession)
    if laboratory and not roles:
        return Visitor()
    return Professional(
        person.id,
        session.structure_id,
        profession_at(session.profession, roles),
        roles=roles,
        session_id=session.id,
        ends_at=session.ends_at,
        came_at=session.created_at,
    )


async def present(db: AsyncSession, actor: Professional, *, hold: bool = True) -> Professional:
    """The same professional as they are now, their session held until the commit.

    ProSignInFirst once they are out, or elsewhere: what changes a team begins here. Without `hold`,
    for who only looks.
    """
    query = running(utcnow()).where(ProSession.id == actor.session_id)
    asked = query.with_for_update(of=ProSession) if hold else query
    found = (await db.execute(asked, execution_options=FRESH)).one_or_none()
    now = _actor(*found) if found else Visitor()
    if not isinstance(now, Professional) or now.structure_id != actor.structure_id:
        raise ProSignInFirst
    return now


async def open_session(
    db: AsyncSession,
    person: Person,
    places: Sequence[tuple[UUID, str]],
    proved: Proved,
    *,
    browser: str,
) -> str | None:
    """A token for whoever was proved; None when Pro Santé Connect’s session is about to end.

    With one activity, it is chosen.
    """
    now, token, id_ = utcnow(), token_urlsafe(32), uuid4()
    ends_at = min(now, proved.since or now) + ABSOLUTE
    if ends_at <= now:
        return None
    session = ProSession(
        id=id_,
        token_hash=hash_token(token),
        professional_id=person.id,
        places=[[str(structure), profession] for structure, profession in places],
        profession="",
        subject=proved.subject,
        psc_session=proved.psc_session,
        sealed_hint=vault_of(db).seal("psc-hint", proved.hint.encode(), id_),
        created_at=now,
        seen_at=now,
        ends_at=ends_at,
        browser=browser,
    )
    authorise(db, Unplaced(person.id, id_), Action.PRO_SIGN_IN, None)
    if len(places) == 1:
        session.structure_id, session.profession = places[0]
        _say(db, Unplaced(person.id, id_), session)
    db.add(session)
    await db.flush()
    await _end_oldest(db, person.id)
    return token


async def choose(
    db: AsyncSession, actor: Professional | Unplaced, structure_id: UUID, profession: str
) -> str:
    """Work for this activity from now on, under another token; NotFound when it is not theirs."""
    query = select(ProSession).where(
        ProSession.id == actor.session_id, ProSession.ends_at > utcnow()
    )
    session = await db.scalar(query.with_for_update(), execution_options=FRESH)
    if session is None:
        raise ProSignInFirst
    if [str(structure_id), profession] not in session.places:
        raise NotFound
    token = token_urlsafe(32)
    session.structure_id, session.profession = structure_id, profession
    session.token_hash, session.seen_at = hash_token(token), utcnow()
    session.fresh_at = session.fresh_for = None
    await db.flush()
    found = (await db.execute(running(utcnow()).where(ProSession.id == session.id))).one()
    if not isinstance(_actor(*found), Professional):
        raise NotFound  # detached since
    _say(db, actor, session)
    return token


def _say(db: AsyncSession, actor: Professional | Unplaced, session: ProSession) -> None:
    """The journal’s line, whose reason is where."""
    who = actor if isinstance(actor, Unplaced) else replace(actor, structure_id=None)
    authorise(db, who, Action.CHOOSE_ACTIVITY, None, reason=f"structure {session.structure_id}")


async def _end_oldest(db: AsyncSession, professional_id: UUID) -> None:
    extra = (
        select(ProSession.id)
        .where(ProSession.professional_id == professional_id)
        .order_by(ProSession.created_at.desc())
        .offset(AT_MOST)
    )
    await db.execute(
        delete(ProSession)
        .where(ProSession.id.in_(extra.scalar_subquery()))
        .execution_options(synchronize_session=False)
    )
