"""Masking: some documents, a category, or everything, kept from professionals by their person.

A mask survives new versions and closing; whoever deposited a document goes on seeing it
(rules P3 and P5). Professionals are not told that something is masked.
"""

from collections.abc import Collection
from uuid import UUID

from msgspec import Struct

from backend.access import Action, authorise
from backend.access.actors import Patient
from backend.access.scopes import Moment, documents_for, records_for
from backend.domain.categories import Category
from backend.domain.documents import DocumentLine
from backend.domain.errors import NotFound
from backend.services import treating
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
    db: AsyncSession, actor: Patient, at: Moment, ids: Collection[UUID], *, masked: bool
) -> list[UUID]:
    """Mask them or show them again, all or none: from the commit on. Which ones changed.

    NotFound when the person may not know one of them. Only the documents are locked: who deposits
    a next version locks its document first, and the record afterwards.
    """
    these = documents_for(actor, at).where(Document.id.in_(ids)).order_by(Document.id)
    held = these.with_for_update(of=Document)
    found = (await db.scalars(held, execution_options=FRESH)).all()
    if not ids or {document.id for document in found} != set(ids):
        raise NotFound
    vault, filing, changed = vault_of(db), Filing(), []
    for document in found:
        check_visibility(vault, document)
        if document.masked is masked:
            continue
        authorise(db, actor, Action.MASK_DOCUMENT if masked else Action.UNMASK_DOCUMENT, document)
        document.masked = masked
        document.visibility_number += 1
        note_visibility(filing, vault, actor, document, at.now)
        changed.append(document.id)
    db.add_all(filing.rows)
    return changed


class Standing(Struct, frozen=True):
    """What is masked besides single documents, what comes included."""

    everything: bool
    categories: frozenset[Category]
    in_emergency: bool
    """An emergency opens what is masked."""
    treating_sees: bool
    """The médecin traitant sees what is masked, when they may see the record: article L.1111-16."""
    treating: str
    """Their name, when the person said who it is and they see what is masked."""

    def covers(self, document: DocumentLine) -> bool:
        """The document is masked with others, whether or not it is by itself."""
        return self.everything or document.kind.value in self.categories


async def standing(db: AsyncSession, actor: Patient, at: Moment) -> Standing:
    """Of the record on the screen; NotFound without one."""
    record = await db.scalar(records_for(actor, at).where(Record.id == actor.record_id))
    if record is None:
        raise NotFound
    categories = frozenset(map(Category, record.masked_categories))
    urgent = record.emergency_unmasks and (record.samu_allowed or record.emergency_allowed)
    by_law = at.policy.masked_visible_to_treating_physician
    who = await treating.declared(db, actor, at) if by_law else None
    return Standing(record.mask_all, categories, urgent, by_law, who.name if who else "")


async def mask_all(db: AsyncSession, actor: Patient, at: Moment, *, masked: bool) -> None:
    """Everything, now and later; or no more than what is masked one by one or by category."""
    record = await _hold(db, actor, at)
    if record.mask_all is not masked:
        authorise(db, actor, Action.MASK_ALL if masked else Action.UNMASK_ALL, record)
        record.mask_all = masked


async def mask_categories(
    db: AsyncSession, actor: Patient, at: Moment, chosen: Collection[Category]
) -> None:
    """Always mask these, and no other category: the documents there are and those to come."""
    record = await _hold(db, actor, at)
    before, after = frozenset(record.masked_categories), frozenset(one.value for one in chosen)
    if after - before:
        authorise(db, actor, Action.MASK_CATEGORIES, record)
    if before - after:
        authorise(db, actor, Action.UNMASK_CATEGORIES, record)
    if before != after:
        record.masked_categories = sorted(after)


async def _hold(db: AsyncSession, actor: Patient, at: Moment) -> Record:
    """The record on the screen, locked; deposits do not wait."""
    own = records_for(actor, at).where(Record.id == actor.record_id)
    held = own.with_for_update(of=Record, key_share=True)
    record = await db.scalar(held, execution_options=FRESH)
    if record is None:
        raise NotFound
    return record
