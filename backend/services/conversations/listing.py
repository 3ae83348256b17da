"""The inbox: of the record on the screen for its people, of the site for professionals."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Select, and_, func, or_, select

from backend.access import Action, authorise, note
from backend.access.actors import Patient
from backend.access.scopes import Moment
from backend.access.scopes.conversations import conversations_for, messages_for, with_people
from backend.domain.conversations import Side, State
from backend.services.conversations.holding import Writer
from backend.services.conversations.naming import name_of, side_of, sites_of
from backend.services.people import shown_name
from backend.services.professionals import named
from backend.storage.conversations import (
    Conversation,
    ConversationMark,
    Message,
    head_of,
    said_of,
)
from backend.storage.db import AsyncSession
from backend.storage.records import Identity, Record, key_of, traits_of

PAGE = 30
MANY = 100
"""Counted no further."""
EXCERPT = 60
Row = tuple[Conversation, Record, Identity]


class Line(Struct, frozen=True):
    """One conversation of a list."""

    id: UUID
    who: str
    """The other side: a laboratory or a professional; for these, the patient."""
    subject: str
    excerpt: str
    at: datetime
    open: bool
    unread: bool
    ours: bool
    """The reader’s side wrote last."""
    assigned: str = ""


async def inbox(
    db: AsyncSession, actor: Writer, at: Moment, view: str = "", page: int = 1
) -> tuple[list[Line], bool]:
    """The latest first, and whether there are more. Reading the list leaves one line."""
    query = with_people(_viewed(actor, at, view)).order_by(
        Conversation.changed_at.desc(), Conversation.id
    )
    rows = (await db.execute(query.offset((page - 1) * PAGE).limit(PAGE + 1))).all()
    found = [(one, record, identity) for one, record, identity in rows[:PAGE]]
    if isinstance(actor, Patient):
        note(db, actor, Action.LIST_CONVERSATIONS, actor.record_id)
    else:
        authorise(db, actor, Action.LIST_CONVERSATIONS, None)
    return await _lines(db, actor, at, found), len(rows) > PAGE


async def waiting(db: AsyncSession, actor: Writer, at: Moment) -> int:
    """How many wait for an answer of the site; for a person, how many they have not read."""
    query = _unread(actor, at) if isinstance(actor, Patient) else _viewed(actor, at, "a-traiter")
    some = query.with_only_columns(Conversation.id).limit(MANY).subquery()
    return await db.scalar(select(func.count()).select_from(some)) or 0


def _unread(actor: Patient, at: Moment) -> Select[Conversation]:
    mark = and_(
        ConversationMark.conversation_id == Conversation.id,
        ConversationMark.reader_id == actor.id,
    )
    behind = or_(ConversationMark.number.is_(None), ConversationMark.number < Conversation.messages)
    theirs = Conversation.waits_for == Side.PATIENT
    return conversations_for(actor, at).outerjoin(ConversationMark, mark).where(theirs, behind)


def _viewed(actor: Writer, at: Moment, view: str) -> Select[Conversation]:
    query = conversations_for(actor, at)
    match view:
        case "a-traiter":
            waits = Conversation.waits_for == Side.PROFESSIONAL
            return query.where(Conversation.state == State.OPEN, waits)
        case "a-moi":
            return query.where(
                Conversation.state == State.OPEN, Conversation.assigned_to == actor.id
            )
        case "fermees":
            return query.where(Conversation.state == State.CLOSED)
        case _:
            return query


async def _lines(db: AsyncSession, actor: Writer, at: Moment, rows: Collection[Row]) -> list[Line]:
    ids = [one.id for one, _, _ in rows]
    last = {
        message.conversation_id: message
        for message in await db.scalars(
            messages_for(actor, at)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(Message.conversation_id.in_(ids), Message.number == Conversation.messages)
        )
    }
    marks = await _marks(db, actor, ids)
    sites = await sites_of(db, [one for one, _, _ in rows])
    people = await named(db, {one.assigned_to for one, _, _ in rows if one.assigned_to})
    names = {id_: one.name for id_, one in people.items()}
    lines = []
    for row in rows:
        one, record, identity = row
        who = None if isinstance(actor, Patient) else shown_name(traits_of(db, record, identity))
        head = head_of(key_of(db, record), one)
        name = who or name_of(one, head, sites)
        assigned = names.get(one.assigned_to, "") if one.assigned_to else ""
        line = _line(
            db,
            actor,
            row,
            last[one.id],
            name=name,
            assigned=assigned,
            read=marks.get(one.id, 0),
        )
        lines.append(line)
    return lines


def _line(
    db: AsyncSession,
    actor: Writer,
    row: Row,
    message: Message,
    *,
    name: str,
    assigned: str,
    read: int,
) -> Line:
    one, record, _identity = row
    key, ours = key_of(db, record), message.side is side_of(actor)
    text = " ".join(said_of(key, message).text.split())
    return Line(
        id=one.id,
        who=name,
        subject=head_of(key, one).subject,
        excerpt=text if len(text) <= EXCERPT else f"{text[:EXCERPT].rstrip()}…",
        at=one.changed_at,
        open=one.state is State.OPEN,
        unread=not ours and read < one.messages,
        ours=ours,
        assigned=assigned,
    )


async def _marks(db: AsyncSession, actor: Writer, ids: Collection[UUID]) -> dict[UUID, int]:
    query = select(ConversationMark.conversation_id, ConversationMark.number).where(
        ConversationMark.reader_id == actor.id, ConversationMark.conversation_id.in_(ids)
    )
    return {mark.conversation_id: mark.number for mark in await db.execute(query)}
