"""Masking: one document, or everything, kept from professionals by whoever the record is about.

A mask survives new versions and closing; whoever deposited a document goes on seeing it
(rules P3 and P5). Professionals are not told that something is masked.
"""

from uuid import UUID

from backend.access import Action, authorise
from backend.access.actors import Patient
from backend.access.scopes import Moment, documents_for, records_for
from backend.domain.documents import DocumentLine
from backend.domain.errors import NotFound
from backend.services.filing import Filing, note_visibility
from backend.services.lines import line_of, shown_of
from backend.storage.db import AsyncSession, vault_of
from backend.storage.documents import Document, Version, check_visibility
from backend.storage.records import Record, key_of

FRESH = {"populate_existing": True}


async def look(db: AsyncSession, actor: Patient, at: Moment, document_id: UUID) -> DocumentLine:
    """The document whose visibility is asked about; NotFound when the person may not know it."""
    query = (
        documents_for(actor, at)
        .where(Document.id == document_id)
        .join(Version, Version.id == Document.version_id)
        .join(Record, Record.id == Document.record_id)
        .add_columns(Version, Record)
    )
    found = (await db.execute(query)).one_or_none()
    if found is None:
        raise NotFound
    document, version, record = found
    return line_of(document, shown_of(key_of(db, record), version))


async def mask(
    db: AsyncSession, actor: Patient, at: Moment, document_id: UUID, *, masked: bool
) -> None:
    """Mask it or show it again: from the commit on. Nothing when it is so already.

    NotFound when the person may not know the document. Only the document is locked: who deposits
    its next version locks it first, and the record afterwards.
    """
    query = documents_for(actor, at).where(Document.id == document_id).with_for_update(of=Document)
    document = await db.scalar(query, execution_options=FRESH)
    if document is None:
        raise NotFound
    vault = vault_of(db)
    check_visibility(vault, document)
    if document.masked is masked:
        return
    authorise(db, actor, Action.MASK_DOCUMENT if masked else Action.UNMASK_DOCUMENT, document)
    document.masked = masked
    document.visibility_number += 1
    filing = Filing()
    note_visibility(filing, vault, actor, document, at.now)
    db.add_all(filing.rows)


async def masks_all(db: AsyncSession, actor: Patient, at: Moment) -> bool:
    """Whether everything in the record on the screen is masked, what comes included."""
    query = records_for(actor, at).with_only_columns(Record.mask_all)
    return bool(await db.scalar(query.where(Record.id == actor.record_id)))


async def mask_all(db: AsyncSession, actor: Patient, at: Moment, *, masked: bool) -> None:
    """Everything, now and later; or no more than what is masked one by one."""
    own = records_for(actor, at).where(Record.id == actor.record_id)
    held = own.with_for_update(of=Record, key_share=True)  # deposits do not wait
    record = await db.scalar(held, execution_options=FRESH)
    if record is None:
        raise NotFound
    if record.mask_all is not masked:
        authorise(db, actor, Action.MASK_ALL if masked else Action.UNMASK_ALL, record)
        record.mask_all = masked
