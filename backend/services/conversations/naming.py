"""Who the other side of a conversation is, in words."""

from collections.abc import Collection, Mapping
from uuid import UUID

from backend.access.actors import Patient
from backend.access.scopes.care import places
from backend.domain.conversations import Head, Side
from backend.services.conversations.holding import Writer
from backend.services.professionals import place_of
from backend.storage.conversations import Conversation
from backend.storage.db import AsyncSession


def name_of(one: Conversation, head: Head, sites: Mapping[UUID, str]) -> str:
    """« Laboratoire de l’Estuaire, Nantes »; outside, the name that they give, or their address."""
    if one.structure_id is None:
        return head.name or head.address
    return sites.get(one.structure_id, "Un professionnel")


async def sites_of(db: AsyncSession, rows: Collection[Conversation]) -> dict[UUID, str]:
    ids = {one.structure_id for one in rows if one.structure_id}
    return {site.id: place_of(site) for site in await db.scalars(places(ids))} if ids else {}


def side_of(actor: Writer) -> Side:
    return Side.PATIENT if isinstance(actor, Patient) else Side.PROFESSIONAL
