"""What each page of a professional says of them: who, as what, where."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import select

from backend.access.actors import Professional, Unplaced
from backend.access.scopes.care import places
from backend.domain.habilitation import profession_name
from backend.domain.laboratory import ROLE_NAMES, Role
from backend.services.professionals import name_of, place_of
from backend.storage.db import AsyncSession
from backend.storage.structures import Professional as Person
from backend.storage.teams import ProSession


class Place(Struct, frozen=True):
    """One activity that may be chosen."""

    id: UUID
    profession: str
    name: str
    job: str
    here: bool = False


class Frame(Struct, frozen=True):
    """Who is at this desk."""

    name: str
    initials: str
    job: str
    """« secrétaire »; several roles are all said."""
    place: str
    several: bool
    """There is another activity to choose."""


async def frame_of(db: AsyncSession, actor: Professional) -> Frame:
    """For the head of each page."""
    person = await db.get_one(Person, actor.id)
    structure = (await db.scalars(places([actor.structure_id] if actor.structure_id else []))).one()
    mine = select(ProSession.places).where(ProSession.id == actor.session_id)
    return Frame(
        name=name_of(person),
        initials=f"{person.given[:1]}{person.family[:1]}".upper(),
        job=_job(actor),
        place=place_of(structure),
        several=len(await db.scalar(mine) or ()) > 1,
    )


async def places_of(db: AsyncSession, actor: Professional | Unplaced) -> list[Place]:
    """The activities of this session, in words."""
    mine = select(ProSession.places).where(ProSession.id == actor.session_id)
    kept = [(UUID(id_), profession) for id_, profession in await db.scalar(mine) or ()]
    named = {one.id: place_of(one) for one in await db.scalars(places([id_ for id_, _ in kept]))}
    here = getattr(actor, "structure_id", None)
    return [
        Place(id_, profession, named[id_], profession_name(profession), id_ == here)
        for id_, profession in kept
    ]


def _job(actor: Professional) -> str:
    if not actor.roles:
        return profession_name(actor.profession)
    return ", ".join(ROLE_NAMES[role] for role in Role if role in actor.roles)
