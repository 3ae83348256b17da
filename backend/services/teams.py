"""The team of a laboratory’s site: who works there, attached and detached by its administrator."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct

from backend.access import Action, authorise, may
from backend.access.actors import Actor, Professional, Robot
from backend.access.scopes.care import practitioners
from backend.access.scopes.teams import structures_by, team_of
from backend.domain.errors import Forbidden, NotFound, Refused
from backend.domain.laboratory import ROLE_NAMES, Ability, Role, can
from backend.services import limits, pro_sign_in
from backend.services.professionals import named
from backend.storage.db import AsyncSession, take_turns, utcnow
from backend.storage.teams import Membership

TOO_MANY = "Vous avez attaché beaucoup de personnes. Attendez quelques minutes."
LAST = (
    "C’est la seule personne qui administre ce site. Attachez d’abord un autre "
    "administrateur, puis recommencez."
)


class Newcomer(Struct, frozen=True):
    """Whom to attach, as what."""

    national_id: str
    family: str
    given: str
    role: Role


class Seat(Struct, frozen=True):
    """One role of one person, as the team reads it."""

    id: UUID
    name: str
    national_id: str
    job: str
    since: datetime
    by: str
    """Who attached them; empty for who came by Pro Santé Connect."""
    me: bool


async def list_team(db: AsyncSession, actor: Professional) -> list[Seat]:
    """Everybody at the site, by name."""
    authorise(db, actor, Action.SEE_TEAM, None)
    query = team_of(actor).order_by(Membership.family, Membership.given, Membership.role)
    seats = (await db.scalars(query)).all()
    return await _seats(db, actor, seats)


async def attach(db: AsyncSession, actor: Professional, newcomer: Newcomer) -> None:
    """Somebody works here from now on; Refused when they do already, as that."""
    now = await _their_turn(db, actor)
    if await limits.hit(db, "pro-attach", str(now.structure_id)):
        raise Refused(TOO_MANY)
    if now.structure_id is None:
        raise Forbidden
    seat = seat_for(newcomer, now.structure_id, by=now.id)
    same = team_of(now).where(
        Membership.national_id == newcomer.national_id, Membership.role == newcomer.role
    )
    if may(now, Action.ATTACH_MEMBER, seat) and await db.scalar(same):
        raise Refused("Cette personne a déjà ce rôle sur ce site.")
    authorise(db, now, Action.ATTACH_MEMBER, seat)
    db.add(seat)


def seat_for(newcomer: Newcomer, structure_id: UUID, *, by: UUID | None) -> Membership:
    """The row that says so."""
    return Membership(
        id=uuid4(),
        structure_id=structure_id,
        national_id=newcomer.national_id,
        role=newcomer.role,
        family=newcomer.family.upper(),
        given=newcomer.given,
        attached_by=by,
        attached_at=utcnow(),
    )


async def begin_site(
    db: AsyncSession, actor: Actor, structure_id: UUID, newcomers: Sequence[Newcomer]
) -> None:
    """Its first people, attached by whoever runs the service: afterwards it is theirs to do."""
    for newcomer in newcomers:
        seat = seat_for(newcomer, structure_id, by=None)
        authorise(db, actor, Action.ATTACH_MEMBER, seat)
        db.add(seat)


async def appoint(db: AsyncSession, finess: str, newcomer: Newcomer) -> bool:
    """Whoever runs the service names who administers a laboratory; False without a structure."""
    structure = await db.scalar(structures_by(frozenset({finess})).with_for_update())
    if structure is None:
        return False
    structure.laboratory = True
    await begin_site(db, Robot("operator"), structure.id, [newcomer])
    return True


async def look(db: AsyncSession, actor: Professional, seat_id: UUID) -> Seat:
    """One seat, to ask whether it is to end; NotFound elsewhere, Forbidden without the role."""
    if not can(actor.roles, Ability.MANAGE_TEAM):
        raise Forbidden
    seat = await db.scalar(team_of(actor).where(Membership.id == seat_id))
    if seat is None:
        raise NotFound
    return (await _seats(db, actor, [seat]))[0]


async def detach(db: AsyncSession, actor: Professional, seat_id: UUID) -> None:
    """Somebody no longer works here as that: they are out of it at once, in every browser.

    With another role left, they come in again and have that one.
    """
    now = await _their_turn(db, actor)
    seat = await db.scalar(team_of(now).where(Membership.id == seat_id))
    if seat is None:
        raise NotFound
    others = team_of(now).where(Membership.role == Role.ADMINISTRATOR, Membership.id != seat_id)
    last = seat.role is Role.ADMINISTRATOR and await db.scalar(others.limit(1)) is None
    if last and may(now, Action.DETACH_MEMBER, seat):
        raise Refused(LAST)
    authorise(db, now, Action.DETACH_MEMBER, seat)
    seat.ended_at = utcnow()
    await pro_sign_in.end_at(db, seat.structure_id, seat.national_id)


async def _their_turn(db: AsyncSession, actor: Professional) -> Professional:
    """Nobody else changes this team meanwhile; then who they are now.

    In that order: whoever changes it may end the session that another one holds.
    """
    await take_turns(db, f"team/{actor.structure_id}")
    return await pro_sign_in.present(db, actor)


async def _seats(db: AsyncSession, actor: Professional, rows: Sequence[Membership]) -> list[Seat]:
    me = (await db.scalars(practitioners([actor.id]))).one().national_id
    by = await named(db, {row.attached_by for row in rows if row.attached_by})
    return [
        Seat(
            row.id,
            f"{row.given} {row.family.title()}",
            row.national_id,
            ROLE_NAMES[row.role],
            row.attached_at,
            by[row.attached_by].name if row.attached_by else "",
            row.national_id == me,
        )
        for row in rows
    ]
