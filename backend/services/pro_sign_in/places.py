"""For which activities somebody may work here: what Pro Santé Connect says, and who attached them.

At a laboratory of ours one works because its administrator said so; its biologists too, whom Pro
Santé Connect names, until the administrator detaches them. Elsewhere the activity is enough.
"""

from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend.access import Action, authorise
from backend.access.actors import Robot
from backend.access.scopes.teams import seats_of, structures_by
from backend.domain.formats.psc import Activity, Person
from backend.domain.laboratory import BIOLOGISTS, Role, roles_held
from backend.storage.db import AsyncSession, utcnow
from backend.storage.structures import Practice, Professional, Structure
from backend.storage.teams import Membership

ROBOT = Robot("pro-santé-connect")


async def known(db: AsyncSession, person: Person) -> Professional:
    """Their line in the directory, made at the first visit; known by their number only."""
    new = {
        "national_id": person.national_id,
        "family": person.family.upper(),
        "given": person.given,
        "profession": person.profession,
    }
    await db.execute(insert(Professional).values(id=uuid4(), **new).on_conflict_do_nothing())
    query = select(Professional).where(Professional.national_id == person.national_id)
    return (await db.scalars(query)).one()


async def places_for(
    db: AsyncSession, professional: Professional, person: Person
) -> list[tuple[UUID, str]]:
    """(structure, profession) of each activity that may be chosen, in the order of its name."""
    by_key = await _structures(db, person.activities)
    seats, ended = await _seats(db, person)
    found: dict[tuple[UUID, str], Structure] = {}
    for activity in person.activities:
        structure = by_key[activity.structure]
        if not structure.laboratory:
            found[structure.id, activity.profession] = structure
            await _practises(db, professional, structure)
        elif _comes_by_itself(activity, structure, seats, ended):
            _attach(db, person, structure)
            seats.setdefault(structure.id, (structure, set()))[1].add(Role.BIOLOGIST)
    for structure, roles in seats.values():
        here = [one.profession for one in person.activities if by_key[one.structure] is structure]
        profession = here[0] if here else person.profession
        if structure.laboratory and roles_held(roles, profession):
            found[structure.id, profession] = structure
    return sorted(found, key=lambda place: (found[place].name, place[1]))


Seats = dict[UUID, tuple[Structure, set[Role]]]
Ended = set[tuple[UUID, Role]]


async def _seats(db: AsyncSession, person: Person) -> tuple[Seats, Ended]:
    """Roles that go on, by site; those that have ended."""
    seats: Seats = {}
    ended: Ended = set()
    for seat, structure in await db.execute(seats_of(person.national_id)):
        if seat.ended_at is None:
            seats.setdefault(structure.id, (structure, set()))[1].add(seat.role)
        else:
            ended.add((structure.id, seat.role))
    return seats, ended


def _comes_by_itself(activity: Activity, structure: Structure, seats: Seats, ended: Ended) -> bool:
    """A biologist of this laboratory whom nobody has attached, nor detached."""
    _, roles = seats.get(structure.id, (structure, set()))
    new = Role.BIOLOGIST not in roles and (structure.id, Role.BIOLOGIST) not in ended
    return new and activity.profession in BIOLOGISTS


async def _structures(db: AsyncSession, activities: tuple[Activity, ...]) -> dict[str, Structure]:
    """Those of these activities, made when nobody worked there before."""
    for activity in activities:
        new = {"finess": activity.structure, "name": activity.name, "city": activity.city}
        await db.execute(insert(Structure).values(id=uuid4(), **new).on_conflict_do_nothing())
    keys = frozenset(activity.structure for activity in activities)
    return {one.finess: one for one in await db.scalars(structures_by(keys))}


async def _practises(db: AsyncSession, professional: Professional, structure: Structure) -> None:
    row = {"professional_id": professional.id, "structure_id": structure.id}
    await db.execute(insert(Practice).values(**row).on_conflict_do_nothing())


def _attach(db: AsyncSession, person: Person, structure: Structure) -> None:
    """A biologist of a laboratory, at their first visit."""
    seat = Membership(
        id=uuid4(),
        structure_id=structure.id,
        national_id=person.national_id,
        role=Role.BIOLOGIST,
        family=person.family.upper(),
        given=person.given,
        attached_at=utcnow(),
    )
    authorise(db, ROBOT, Action.ATTACH_MEMBER, seat)
    db.add(seat)
