"""One conversation, as each side reads it."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from backend.access import Action, authorise
from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.conversations import (
    conversations_for,
    enclosures_for,
    messages_for,
    with_people,
)
from backend.domain.conversations import Ending, Said, State
from backend.domain.dispatches import DispatchState
from backend.domain.dispatches.reasons import reason_of
from backend.services.conversations.enclosing import seen_by
from backend.services.conversations.holding import Held, Writer, look
from backend.services.conversations.naming import name_of, side_of, sites_of
from backend.services.people import shown_name
from backend.services.professionals import named
from backend.storage.conversations import (
    Conversation,
    ConversationMark,
    Enclosure,
    Message,
    enclosed_of,
    head_of,
    said_of,
)
from backend.storage.db import AsyncSession
from backend.storage.records import key_of, traits_of

FAILED = frozenset({DispatchState.BOUNCED, DispatchState.GIVEN_UP, DispatchState.CANCELLED})


class File(Struct, frozen=True):
    """One enclosure."""

    id: UUID
    name: str
    document_id: UUID | None


class Shown(Struct, frozen=True):
    """One message."""

    number: int
    ours: bool
    mine: bool
    author: str
    job: str
    text: str
    at: datetime
    files: tuple[File, ...]
    left_out: tuple[str, ...]
    became: str = ""
    """« Envoyé », « Ouvert »…, of one’s own side."""
    failed: bool = False
    remedy: str = ""


class Thread(Struct, frozen=True):
    """One conversation, whole."""

    id: UUID
    who: str
    address: str
    """Outside: where answers go."""
    subject: str
    open: bool
    reason: str
    by_space: bool
    """It ended with the space."""
    secret: bool
    refused: bool
    """Its person wants no messages any more."""
    assigned_to: UUID | None
    assigned: str
    record_id: UUID
    messages: tuple[Shown, ...]


async def read(db: AsyncSession, actor: Writer, at: Moment, conversation_id: UUID) -> Thread:
    """All of it; the reading is in the journal, and it is no longer unread."""
    held = await look(db, actor, at, conversation_id)
    conversation = held.conversation
    authorise(db, actor, Action.READ_CONVERSATION, conversation)
    head = head_of(key_of(db, held.record), conversation)
    await _mark(db, actor, at, conversation)
    if isinstance(actor, Professional):
        whose = with_people(conversations_for(actor, at).where(Conversation.id == conversation.id))
        _, record, identity = (await db.execute(whose)).one()
        who = shown_name(traits_of(db, record, identity))
    else:
        who = name_of(conversation, head, await sites_of(db, [conversation]))
    assigned = conversation.assigned_to
    people = await named(db, [assigned]) if assigned else {}
    return Thread(
        id=conversation.id,
        who=who,
        address=head.reply_to or head.address,
        subject=head.subject,
        open=conversation.state is State.OPEN,
        reason=head.reason,
        by_space=conversation.ending is Ending.SPACE,
        secret=conversation.hidden_from_guardians,
        refused=held.record.messages_refused,
        assigned_to=assigned,
        assigned=people[assigned].name if assigned else "",
        record_id=conversation.record_id,
        messages=tuple(await _messages(db, actor, at, held)),
    )


async def _messages(db: AsyncSession, actor: Writer, at: Moment, held: Held) -> list[Shown]:
    conversation, key = held.conversation, key_of(db, held.record)
    files: dict[UUID, list[File]] = {}
    query = enclosures_for(actor, at, seen_by(actor, at)).where(
        Enclosure.conversation_id == conversation.id
    )
    for one in await db.scalars(query.order_by(Enclosure.number)):
        shown = File(one.id, enclosed_of(key, one).name, one.document_id)
        files.setdefault(one.message_id, []).append(shown)
    written = messages_for(actor, at).where(Message.conversation_id == conversation.id)
    opened = await _opened_by_others(db, actor, conversation)
    return [
        _shown(actor, one, said_of(key, one), tuple(files.get(one.id, ())), opened)
        for one in await db.scalars(written.order_by(Message.number))
    ]


def _shown(
    actor: Writer, message: Message, said: Said, files: tuple[File, ...], opened: int
) -> Shown:
    ours = message.side is side_of(actor)
    failed = message.sent in FAILED
    remedy = reason_of(message.code).words if failed else ""
    return Shown(
        number=message.number,
        ours=ours,
        mine=message.author_id == actor.id,
        author=said.author,
        job=said.job,
        text=said.text,
        at=message.at,
        files=files,
        left_out=said.left_out,
        became=_became(message, opened) if ours else "",
        failed=ours and failed,
        remedy=remedy if ours else "",
    )


def _became(message: Message, opened: int) -> str:
    match message.sent:
        case None:
            return "Ouvert" if message.number <= opened else "Envoyé"
        case DispatchState.PROMISED:
            return "En cours d’envoi"
        case DispatchState.SENT:
            return "Envoyé"
        case DispatchState.DELIVERED:
            return "Reçu"
        case DispatchState.READ:
            return "Ouvert"
        case _:
            return "Pas arrivé"


async def _opened_by_others(db: AsyncSession, actor: Writer, one: Conversation) -> int:
    """The number of the last message that somebody of the other side has opened."""
    query = select(func.max(ConversationMark.number)).where(
        ConversationMark.conversation_id == one.id, ConversationMark.side != side_of(actor)
    )
    return await db.scalar(query) or 0


async def _mark(db: AsyncSession, actor: Writer, at: Moment, one: Conversation) -> None:
    values = {
        "reader_id": actor.id,
        "conversation_id": one.id,
        "side": side_of(actor),
        "number": one.messages,
        "at": at.now,
    }
    await db.execute(
        insert(ConversationMark)
        .values(values)
        .on_conflict_do_update(
            index_elements=[ConversationMark.reader_id, ConversationMark.conversation_id],
            set_={"number": one.messages, "at": at.now},
        )
    )
