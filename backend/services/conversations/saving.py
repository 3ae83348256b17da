"""« Ajouter à mes documents »: what came with a message becomes the person’s own."""

from uuid import UUID

from backend.access import Action, authorise
from backend.access.actors import Patient
from backend.access.scopes import Moment
from backend.domain.errors import NotFound
from backend.domain.own_documents import Told
from backend.gateways.files import Files
from backend.services import own_documents
from backend.services.conversations.enclosing import find, pdf_bytes
from backend.services.conversations.holding import look
from backend.services.sign_in.refusals import Rejected
from backend.storage.conversations import enclosed_of
from backend.storage.db import AsyncSession
from backend.storage.records import key_of


async def name_of(
    db: AsyncSession, actor: Patient, at: Moment, conversation_id: UUID, enclosure_id: UUID
) -> str:
    """What it is called; NotFound for a document that is in the record already."""
    held = await look(db, actor, at, conversation_id)
    enclosure = await find(db, actor, at, held.conversation, enclosure_id)
    if enclosure.document_id is not None:
        raise NotFound
    return enclosed_of(key_of(db, held.record), enclosure).name


async def save(
    db: AsyncSession,
    actor: Patient,
    at: Moment,
    files: Files,
    *,
    conversation_id: UUID,
    enclosure_id: UUID,
    told: Told,
) -> UUID | Rejected:
    """The new document."""
    held = await look(db, actor, at, conversation_id)
    enclosure = await find(db, actor, at, held.conversation, enclosure_id)
    if enclosure.document_id is not None:
        raise NotFound
    authorise(db, actor, Action.SAVE_ENCLOSURE, held.conversation)
    pdf = await pdf_bytes(db, files, held.record, enclosure)
    return await own_documents.add(db, actor, at, files, told, pdf)
