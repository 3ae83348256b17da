"""What laboratories chose for themselves, as their people and their deposits meet it."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, false, select

from backend.access.actors import Actor, Professional, Supposed
from backend.storage.policies import MessageModel, WithheldFamily

CHOSEN = WithheldFamily.ended_at.is_(None)


def chosen_by(actor: Actor) -> Select[WithheldFamily]:
    """The families that the structure withholds."""
    if isinstance(actor, Supposed) or not isinstance(actor, Professional):
        return select(WithheldFamily).where(false())
    here = actor.structure_id
    return select(WithheldFamily).where(
        CHOSEN, WithheldFamily.structure_id == here if here else false()
    )


def chosen_at(structures: Collection[UUID]) -> Select[WithheldFamily]:
    """Those of these structures, for what is deposited in their name."""
    return select(WithheldFamily).where(CHOSEN, WithheldFamily.structure_id.in_(structures))


def models_for(actor: Actor) -> Select[MessageModel]:
    """The models of messages that the structure keeps."""
    if isinstance(actor, Supposed) or not isinstance(actor, Professional):
        return select(MessageModel).where(false())
    here = actor.structure_id
    return select(MessageModel).where(MessageModel.structure_id == here if here else false())
