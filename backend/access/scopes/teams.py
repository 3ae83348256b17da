"""What professionals see of a laboratory’s team, and where they work themselves."""

from sqlalchemy import Select, false, select

from backend.access.actors import Professional
from backend.domain.laboratory import Ability, can
from backend.storage.structures import Professional as Directory
from backend.storage.structures import Structure
from backend.storage.teams import Membership


def team_of(pro: Professional) -> Select[Membership]:
    """Who works at the site where they are, now; nobody for who works elsewhere."""
    mine = Membership.structure_id == pro.structure_id
    return select(Membership).where(
        mine if can(pro.roles, Ability.SEE_TEAM) else false(), Membership.ended_at.is_(None)
    )


def colleagues_at_work(pro: Professional) -> Select[Membership, Directory]:
    """The others of that team, each with their line of the directory once they came in."""
    mine = select(Directory.national_id).where(Directory.id == pro.id).scalar_subquery()
    known = Directory.national_id == Membership.national_id
    others = team_of(pro).where(Membership.national_id != mine)
    return others.outerjoin(Directory, known).add_columns(Directory)


def seats_of(national_id: str) -> Select[Membership, Structure]:
    """Where this person has a role in a laboratory, whether it goes on or has ended."""
    return (
        select(Membership, Structure)
        .join(Structure, Structure.id == Membership.structure_id)
        .where(Membership.national_id == national_id)
        .order_by(Structure.name, Membership.attached_at)
    )


def structures_by(keys: frozenset[str]) -> Select[Structure]:
    """Structures, which are public, by their numbers."""
    return select(Structure).where(Structure.finess.in_(keys))
