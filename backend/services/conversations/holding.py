"""A conversation held for writing: what closes it, blocks its writer or its space comes first."""

from dataclasses import dataclass
from uuid import UUID

from backend.access import Action, Denied, may
from backend.access.actors import Patient, Professional
from backend.access.scopes import Moment
from backend.access.scopes.conversations import (
    conversations_for,
    record_to_write_in,
    with_people,
)
from backend.domain.errors import NotFound
from backend.storage.conversations import Conversation
from backend.storage.db import AsyncSession
from backend.storage.records import Record

FRESH = {"populate_existing": True}
Writer = Patient | Professional


@dataclass(frozen=True, slots=True)
class Held:
    """One conversation, and whose it is: nobody else’s to change until the commit."""

    conversation: Conversation
    record: Record


async def look(db: AsyncSession, actor: Writer, at: Moment, conversation_id: UUID) -> Held:
    """The same without keeping anybody waiting, for who reads."""
    mine = conversations_for(actor, at).where(Conversation.id == conversation_id)
    found = (await db.execute(with_people(mine))).one_or_none()
    if found is None:
        raise NotFound
    conversation, record, _identity = found
    return Held(conversation, record)


async def hold(db: AsyncSession, actor: Writer, at: Moment, conversation_id: UUID) -> Held:
    """NotFound when it does not exist for them.

    The record first, then the scope asked again: a block that was being made is seen.
    """
    mine = conversations_for(actor, at).where(Conversation.id == conversation_id)
    record_id = await db.scalar(mine.with_only_columns(Conversation.record_id))
    if record_id is None:
        raise NotFound
    record = await hold_record(db, actor, at, record_id)
    held = mine.with_for_update(of=Conversation, key_share=True)
    conversation = await db.scalar(held, execution_options=FRESH)
    if conversation is None:
        raise NotFound
    return Held(conversation, record)


def check_may(actor: Writer, action: Action, conversation: Conversation) -> None:
    """Denied before any work on files; whoever changes something authorises all the same."""
    if not may(actor, action, conversation):
        raise Denied(action, conversation.record_key, conversation.id)


async def hold_record(db: AsyncSession, actor: Writer, at: Moment, record_id: UUID) -> Record:
    """The record, which its person can neither close nor shut to somebody meanwhile."""
    query = record_to_write_in(actor, at).where(Record.id == record_id)
    held = query.with_for_update(read=True, of=Record)
    record = await db.scalar(held, execution_options=FRESH)
    if record is None:
        raise NotFound
    return record
