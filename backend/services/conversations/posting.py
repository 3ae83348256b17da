"""One more message in a conversation: its row, its files, the notice or the mail that follows."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from msgspec import Struct

from backend.access.scopes import Moment
from backend.domain.conversations import Enclosed, Said, Side
from backend.domain.dispatches import DispatchState
from backend.domain.jobs import SendAnswer
from backend.domain.notices import Event
from backend.domain.own_documents import Given
from backend.gateways.files import Files
from backend.services.conversations.holding import Held
from backend.services.notices import announce
from backend.storage.conversations import Enclosure, Message, answer_key
from backend.storage.db import AsyncSession, vault_of
from backend.storage.dispatches import message_index
from backend.storage.outbox import enqueue
from backend.storage.records import Record, key_of

PART = "enclosure"
ROOM = 100
"""Numbers of enclosures that a message may have."""


class Piece(Struct, frozen=True):
    """What is to come with a message: a document of the record, or a file made into a PDF."""

    name: str
    pdf: bytes = b""
    document_id: UUID | None = None
    version_id: UUID | None = None


class Stored(Struct, frozen=True):
    """The same, its bytes safe already: nothing is written that they could still fail."""

    id: UUID
    piece: Piece
    file_key: str | None = None


class Writing(Struct, frozen=True):
    """What somebody sends: words, documents of the record, files as they came."""

    text: str
    documents: tuple[UUID, ...] = ()
    given: Sequence[Given] = ()


class Posting(Struct, frozen=True):
    """One message to add."""

    side: Side
    author_id: UUID | None
    said: Said
    stored: Sequence[Stored] = ()
    mail_index: bytes | None = None
    """Of a mail that came in."""


async def store(
    db: AsyncSession, files: Files, record: Record, pieces: Sequence[Piece]
) -> list[Stored]:
    """Before anything is authorised or written; what no row names afterwards is left over."""
    key, stored = key_of(db, record), []
    for piece in pieces:
        row_id = uuid4()
        file_key = None
        if piece.document_id is None:
            file_key = f"{row_id.hex[:2]}/{row_id.hex}/{PART}"
            await files.put(file_key, key.for_file(row_id).seal(piece.pdf, PART))
        stored.append(Stored(row_id, piece, file_key))
    return stored


async def post(db: AsyncSession, held: Held, at: Moment, posting: Posting) -> Message:
    """Add it. The caller holds the conversation, and has authorised on it."""
    conversation = held.conversation
    conversation.messages += 1
    conversation.changed_at = at.now
    by_us = posting.side is Side.PROFESSIONAL
    conversation.waits_for = Side.PATIENT if by_us else Side.PROFESSIONAL
    message_id = uuid4()
    mail_index = posting.mail_index
    leaves = posting.side is Side.PATIENT and conversation.structure_id is None
    if leaves:
        vault = vault_of(db)
        mail_index = message_index(vault, answer_key(vault, message_id))
    key = key_of(db, held.record)
    message = Message(
        id=message_id,
        record_id=conversation.record_id,
        conversation_id=conversation.id,
        number=conversation.messages,
        side=posting.side,
        author_id=posting.author_id,
        at=at.now,
        sealed=key.seal_value(posting.said, message_id, conversation.id),
        mail_index=mail_index,
        sent=DispatchState.PROMISED if leaves else None,
        code="",
    )
    db.add(message)
    await db.flush()
    _enclose(db, held, message, posting.stored)
    await db.flush()
    if leaves:
        job = SendAnswer(message_id=message_id)
        await enqueue(db, job, key=f"dispatch/answer/{message_id}")
    if by_us and not conversation.hidden_from_guardians:
        await announce(db, record_id=conversation.record_id, event=Event.MESSAGE, at=at.now)
    return message


def _enclose(db: AsyncSession, held: Held, message: Message, stored: Sequence[Stored]) -> None:
    key = key_of(db, held.record)
    for number, one in enumerate(stored, 1):
        facts = Enclosed(one.piece.name, len(one.piece.pdf))
        db.add(
            Enclosure(
                id=one.id,
                record_id=message.record_id,
                conversation_id=message.conversation_id,
                message_id=message.id,
                number=message.number * ROOM + number,
                document_id=one.piece.document_id,
                version_id=one.piece.version_id,
                file_key=one.file_key,
                sealed_facts=key.seal_value(facts, one.id, message.id),
            )
        )
