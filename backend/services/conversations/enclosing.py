"""What comes with messages: chosen among documents, made from files, taken away again."""

from collections.abc import Collection, Sequence
from uuid import UUID

import structlog
from msgspec import Struct
from sqlalchemy import Select

from backend.access import Action, authorise, note
from backend.access.actors import Patient, Professional
from backend.access.scopes import Moment, documents_for
from backend.access.scopes.conversations import (
    enclosures_for,
    pdf_of,
    shown_to_professionals,
    versions_of,
    versions_with_pages,
)
from backend.access.scopes.journals import HIDDEN
from backend.access.scopes.professionals import is_bare
from backend.domain.documents import Summary
from backend.domain.errors import Damaged, NotFound
from backend.domain.own_documents import Given
from backend.gateways.files import Files
from backend.gateways.outside import Outside
from backend.services.conversations.holding import Writer, look
from backend.services.conversations.posting import PART, Piece
from backend.services.documents import mark_opened
from backend.services.own_documents import make_pdf
from backend.storage.conversations import Conversation, Enclosure, enclosed_of
from backend.storage.db import AsyncSession, vault_of
from backend.storage.documents import Document, DocumentStatus, Version, check_visibility
from backend.storage.records import Record, key_of
from backend.storage.vault import RecordKey, Tampered

CHOICES_AT_MOST = 30
log = structlog.get_logger()


class Choice(Struct, frozen=True):
    """A document that may come with a message."""

    id: UUID
    version_id: UUID
    name: str
    on: str


async def choices_for(
    db: AsyncSession, actor: Writer, at: Moment, conversation_id: UUID
) -> list[Choice]:
    """The same, for who answers."""
    held = await look(db, actor, at, conversation_id)
    return await choices(db, actor, at, held.record)


async def choices(
    db: AsyncSession,
    actor: Writer,
    at: Moment,
    record: Record,
    only: Collection[UUID] | None = None,
) -> list[Choice]:
    """Those that both sides may see and that have pages, the latest first."""
    query = _both_see(actor, at, record.id).order_by(Document.dated_on.desc(), Document.id)
    if only is not None:
        query = query.where(Document.id.in_(only))
    documents = (await db.scalars(query.limit(CHOICES_AT_MOST))).all()
    found = await db.scalars(versions_of([one.id for one in documents]))
    versions = {version.document_id: version for version in found}
    key = key_of(db, record)
    if documents:
        note(db, actor, Action.LIST_DOCUMENTS, record.id)
    return [_choice(key, one, versions[one.id]) for one in documents if one.id in versions]


def _both_see(actor: Writer, at: Moment, record_id: UUID) -> Select[Document]:
    """Nothing that is masked, withheld or kept from representatives goes by message.

    Of professionals, only what their own laboratory deposited: to see the rest is a visit.
    """
    query = documents_for(actor, at).where(
        Document.record_id == record_id,
        Document.status == DocumentStatus.CURRENT,
        is_bare(),
        ~Document.withheld,
        ~Document.hidden_from_guardians,
        Document.version_id.in_(versions_with_pages(record_id)),
    )
    if isinstance(actor, Patient):
        return query
    return query.where(Document.structure_id == actor.structure_id)


def _choice(key: RecordKey, document: Document, version: Version) -> Choice:
    summary = key.open_value(Summary, version.sealed_summary, version.id, "summary")
    return Choice(document.id, version.id, summary.title, f"{document.dated_on:%d/%m/%Y}")


async def chosen_pieces(
    db: AsyncSession, actor: Writer, at: Moment, record: Record, ids: Collection[UUID]
) -> list[Piece]:
    """The chosen documents; NotFound for one that is not among choices."""
    chosen = await choices(db, actor, at, record, ids) if ids else []
    if len(chosen) != len({*ids}):
        raise NotFound
    return [Piece(one.name, document_id=one.id, version_id=one.version_id) for one in chosen]


async def make_pieces(outside: Outside, given: Sequence[Given]) -> list[Piece]:
    """Several photos make one document, as people’s own do; Refused with what is wrong."""
    if not given:
        return []
    name = given[0].name.rpartition(".")[0][:80] or "document"
    return [Piece(" ".join(name.split()) or "document", await make_pdf(outside, [*given]))]


async def take(
    db: AsyncSession,
    actor: Patient | Professional,
    at: Moment,
    files: Files,
    *,
    conversation_id: UUID,
    enclosure_id: UUID,
) -> tuple[str, bytes]:
    """(name, PDF) of one enclosure; the taking is in the journal.

    A document of the record is taken as from its own page: said of it, and read from then on.
    """
    held = await look(db, actor, at, conversation_id)
    enclosure = await find(db, actor, at, held.conversation, enclosure_id)
    authorise(db, actor, Action.TAKE_ENCLOSURE, held.conversation)
    if enclosure.document_id is not None:
        await _download(db, actor, at, held.conversation, enclosure.document_id)
    name = enclosed_of(key_of(db, held.record), enclosure).name
    pdf = await pdf_bytes(db, files, held.record, enclosure)  # before any row: it may take long
    if enclosure.version_id is not None:
        await mark_opened(db, actor, enclosure.version_id)
    return name, pdf


async def _download(
    db: AsyncSession, actor: Writer, at: Moment, conversation: Conversation, document_id: UUID
) -> None:
    document = await db.scalar(seen_by(actor, at).where(Document.id == document_id))
    if document is None:
        raise NotFound
    check_visibility(vault_of(db), document)
    why = HIDDEN if conversation.hidden_from_guardians else ""
    authorise(db, actor, Action.DOWNLOAD_DOCUMENT, document, reason=why)


async def find(
    db: AsyncSession, actor: Writer, at: Moment, conversation: Conversation, enclosure_id: UUID
) -> Enclosure:
    """One enclosure of this conversation; NotFound when it may not be seen."""
    query = enclosures_for(actor, at, seen_by(actor, at)).where(
        Enclosure.id == enclosure_id, Enclosure.conversation_id == conversation.id
    )
    if (enclosure := await db.scalar(query)) is None:
        raise NotFound
    return enclosure


def seen_by(actor: Writer, at: Moment) -> Select[Document]:
    """Which documents an enclosure may still show."""
    return documents_for(actor, at) if isinstance(actor, Patient) else shown_to_professionals()


async def pdf_bytes(db: AsyncSession, files: Files, record: Record, enclosure: Enclosure) -> bytes:
    """Opened; NotFound when the document has no pages any more."""
    key = key_of(db, record)
    try:
        if enclosure.file_key is not None:
            sealed = await files.get(enclosure.file_key)
            return key.for_file(enclosure.id).open(sealed, PART)
        stored = await db.scalar(pdf_of(enclosure))
        if stored is None:
            raise NotFound
        sealed = await files.get(stored.file_key)
        return key.for_file(stored.version_id).open(sealed, "pdf", stored.number)
    except Tampered as error:
        log.error("file_damaged", kind=PART)  # noqa: TRY400 - which one, `reperes fsck` says
        raise Damaged from error
