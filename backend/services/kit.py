"""« Kit d’accueil »: for whom it is made; nothing in it is about a patient."""

from msgspec import Struct

from backend.access import Action, authorise
from backend.access.actors import Professional
from backend.access.scopes.care import places
from backend.storage.db import AsyncSession


class Laboratory(Struct, frozen=True):
    """Whose name is on the papers."""

    name: str
    city: str


async def open_kit(db: AsyncSession, actor: Professional) -> Laboratory:
    """The laboratory where they work; Forbidden for who has no role in one."""
    authorise(db, actor, Action.OPEN_KIT, None)
    here = [actor.structure_id] if actor.structure_id else []
    structure = (await db.scalars(places(here))).one()
    return Laboratory(structure.name, structure.city)
