"""Who answers, and the end: by a professional, who says why, or with the space itself."""

from uuid import UUID

from msgspec.structs import replace

from backend.access import Action, authorise
from backend.access.actors import Patient, Professional
from backend.access.scopes import Moment
from backend.access.scopes.conversations import conversations_to_close
from backend.domain.conversations import Ending, State, check_open
from backend.services.conversations.holding import Held, hold
from backend.storage.conversations import head_of, seal_head
from backend.storage.db import AsyncSession
from backend.storage.records import key_of


async def assign(db: AsyncSession, actor: Professional, at: Moment, id_: UUID) -> None:
    """« Je m’en occupe »."""
    held = await _to_assign(db, actor, at, id_)
    held.conversation.assigned_to = actor.id


async def release(db: AsyncSession, actor: Professional, at: Moment, id_: UUID) -> None:
    """Anybody of the structure may take it."""
    held = await _to_assign(db, actor, at, id_)
    held.conversation.assigned_to = None


async def close(db: AsyncSession, actor: Professional, at: Moment, id_: UUID, reason: str) -> None:
    """Nobody writes there any more; its person reads why. Refused when it is closed already."""
    held = await hold(db, actor, at, id_)
    check_open(held.conversation.state)
    authorise(db, actor, Action.CLOSE_CONVERSATION, held.conversation)
    end(db, held, at, Ending.PROFESSIONAL, reason)


async def close_all(db: AsyncSession, actor: Patient, at: Moment) -> None:
    """With the space of the record on the screen. The caller holds the record and has authorised
    on it.
    """
    for conversation, record in await db.execute(conversations_to_close(actor.record_id)):
        end(db, Held(conversation, record), at, Ending.SPACE, "")


def end(db: AsyncSession, held: Held, at: Moment, ending: Ending, reason: str) -> None:
    """Closed from now on."""
    conversation, key = held.conversation, key_of(db, held.record)
    head = head_of(key, conversation)
    conversation.state, conversation.ending = State.CLOSED, ending
    conversation.closed_at = conversation.changed_at = at.now
    conversation.sealed_head = seal_head(key, conversation.id, replace(head, reason=reason))


async def _to_assign(db: AsyncSession, actor: Professional, at: Moment, id_: UUID) -> Held:
    held = await hold(db, actor, at, id_)
    check_open(held.conversation.state)
    authorise(db, actor, Action.ASSIGN_CONVERSATION, held.conversation)
    return held
