"""Where a deposit by hand is made from: the laboratory, its biologists, who it is."""

from msgspec import Struct

from backend.access.actors import Professional
from backend.access.scopes.care import practitioners
from backend.access.scopes.desk import ones_structure
from backend.access.scopes.teams import team_of
from backend.domain.errors import NotFound
from backend.domain.laboratory import Ability, Role, can
from backend.domain.reports import Organisation, Person
from backend.services import announcements
from backend.storage.db import AsyncSession
from backend.storage.structures import Professional as Practitioner
from backend.storage.teams import Membership


class Site(Struct, frozen=True):
    """Where one deposits, and who may answer for a report there."""

    organisation: Organisation
    me: Person
    biologists: dict[str, Person]
    """By national number."""
    is_biologist: bool
    my_id: str
    owners: dict[str, str]
    """By id, those who may announce what is withheld; none for who may not say so."""


async def site_of(db: AsyncSession, actor: Professional) -> Site:
    """The laboratory and its biologists."""
    structure = await db.scalar(ones_structure(actor))
    if structure is None:
        raise NotFound
    query = team_of(actor).where(Membership.role == Role.BIOLOGIST)
    seats = await db.scalars(query.order_by(Membership.family, Membership.given))
    me = (await db.scalars(practitioners([actor.id]))).one()
    biologists = {
        one.national_id: Person(one.national_id, one.family, one.given, "Dr") for one in seats
    }
    may_say = can(actor.roles, Ability.RELEASE)
    owners = await announcements.announcers(db, actor) if may_say else {}
    return Site(
        Organisation(f"1{structure.finess}", structure.name, structure.city),
        _person(me),
        biologists,
        Role.BIOLOGIST in actor.roles,
        str(actor.id),
        {str(id_): name for id_, name in owners.items()},
    )


def _person(one: Practitioner) -> Person:
    doctor = one.profession.partition("/")[0] in {"10", "21", "40"}
    return Person(one.national_id, one.family, one.given, "Dr" if doctor else "")
