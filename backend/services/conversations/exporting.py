"""Messages in the file that a person takes away: a table, and the files that came with them."""

from collections.abc import Iterator, Sequence

from backend.access.actors import Patient
from backend.access.scopes import Moment
from backend.access.scopes.conversations import (
    conversations_for,
    enclosures_for,
    messages_for,
)
from backend.domain.calendar import PARIS
from backend.domain.export import write_table
from backend.gateways.files import Files
from backend.services.conversations.enclosing import pdf_bytes, seen_by
from backend.services.conversations.naming import name_of, sites_of
from backend.storage.conversations import (
    Conversation,
    Enclosure,
    Message,
    enclosed_of,
    head_of,
    said_of,
)
from backend.storage.db import AsyncSession
from backend.storage.records import Record, key_of

COLUMNS = ("date", "heure", "avec", "objet", "auteur", "message", "pièces jointes", "fermé car")
MOST_BYTES = 50_000_000
"""Of files in one export: beyond, they are named and taken from their own page."""
Member = tuple[str, str | bytes]


async def exported(
    db: AsyncSession, eyes: Patient, at: Moment, files: Files, record: Record
) -> list[Member]:
    """Nothing when nobody ever wrote."""
    found = conversations_for(eyes, at).order_by(Conversation.opened_at, Conversation.id)
    conversations = (await db.scalars(found)).all()
    if not conversations:
        return []
    sites, rows, members = await sites_of(db, conversations), [], list[Member]()
    room = MOST_BYTES
    for one in conversations:
        head = head_of(key_of(db, record), one)
        enclosures = await _enclosures(db, eyes, at, one)
        for enclosure in enclosures:
            if enclosure.file_key is not None and room > 0:
                pdf = await pdf_bytes(db, files, record, enclosure)
                room -= len(pdf)
                members.append((f"messages/{len(members) + 1:04}.pdf", pdf))
        written = messages_for(eyes, at).where(Message.conversation_id == one.id)
        messages = (await db.scalars(written.order_by(Message.number))).all()
        told = (name_of(one, head, sites), head.subject)
        reason = head.reason
        rows += [*_rows(db, record, messages, enclosures, told=told, reason=reason)]
    return [("messages.csv", write_table(COLUMNS, rows)), *members]


async def _enclosures(
    db: AsyncSession, eyes: Patient, at: Moment, one: Conversation
) -> Sequence[Enclosure]:
    query = enclosures_for(eyes, at, seen_by(eyes, at)).where(Enclosure.conversation_id == one.id)
    return (await db.scalars(query.order_by(Enclosure.number))).all()


def _rows(
    db: AsyncSession,
    record: Record,
    messages: Sequence[Message],
    enclosures: Sequence[Enclosure],
    *,
    told: tuple[str, str],
    reason: str,
) -> Iterator[tuple[str, ...]]:
    key = key_of(db, record)
    for message in messages:
        said, at = said_of(key, message), message.at.astimezone(PARIS)
        names = [enclosed_of(key, one).name for one in enclosures if one.message_id == message.id]
        when = (f"{at:%Y-%m-%d}", f"{at:%H:%M}")
        yield (*when, *told, said.author, said.text, ", ".join(names), reason)
