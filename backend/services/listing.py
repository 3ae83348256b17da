"""The list of a record's documents: filters, the words of a search, a page at a time."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Select, func, select, tuple_

from backend.access import Action, note
from backend.access.actors import Guest, Patient, Professional
from backend.access.scopes import Moment, documents_for
from backend.access.scopes.folders import documents_in
from backend.domain.calendar import civil_day
from backend.domain.documents import DocumentLine, Filters, Kind, Summary, kind_of, types_of
from backend.domain.errors import NotFound
from backend.services.lines import Shown, line_of
from backend.services.search import matching
from backend.storage.db import AsyncSession, vault_of
from backend.storage.documents import Document, Opening, Version, check_visibility
from backend.storage.records import Record
from backend.storage.structures import Structure

PAGE = 20
LATEST = (Document.dated_on.desc(), Document.id.desc())
EVERYTHING = Filters()
Reader = Patient | Guest | Professional
Place = tuple[date, UUID]
"""Where a list goes on: the last document of the page before."""


class Facets(Struct, frozen=True):
    """What the documents of a record can be filtered by: nothing that would give an empty list."""

    kinds: tuple[Kind, ...]
    own: bool
    masked: bool
    unread: bool
    laboratories: tuple[tuple[UUID, str], ...]


async def list_documents(
    db: AsyncSession,
    actor: Reader,
    at: Moment,
    filters: Filters = EVERYTHING,
    *,
    after: Place | None = None,
    record_id: UUID | None = None,
    reason: str = "",
) -> tuple[list[DocumentLine], Place | None]:
    """The latest documents first, `PAGE` at a time, and after which one the next page starts.

    A professional says of which record, and for which emergency; it is on the screen of everybody
    else.
    """
    of = _record_of(actor, record_id)
    query = _filtered(actor, at, filters, of)
    if filters.words:
        found = await matching(db, query, filters.words)
        query = documents_for(actor, at).where(Document.id.in_(_page_of(found, after)))
    elif after:
        query = query.where(tuple_(Document.dated_on, Document.id) < after)
    lines = await _lines(db, actor, query.order_by(*LATEST).limit(PAGE + 1))
    note(db, actor, Action.LIST_DOCUMENTS, of, reason=reason)
    last = lines[PAGE - 1] if len(lines) > PAGE else None
    return lines[:PAGE], (civil_day(last.on), last.id) if last else None


async def one_line(db: AsyncSession, actor: Patient, at: Moment, document_id: UUID) -> DocumentLine:
    """What the list says of one document, after something was done to it; or NotFound."""
    query = documents_for(actor, at).where(Document.id == document_id)
    for line in await _lines(db, actor, query):
        return line
    raise NotFound


async def named(
    db: AsyncSession, actor: Patient, at: Moment, ids: Collection[UUID]
) -> dict[UUID, DocumentLine]:
    """Those of these documents that this person may know, the latest first."""
    if not ids:
        return {}
    query = documents_for(actor, at).where(Document.id.in_(ids)).order_by(*LATEST)
    return {line.id: line for line in await _lines(db, actor, query)}


async def latest(db: AsyncSession, actor: Patient, at: Moment, most: int) -> list[DocumentLine]:
    """The latest documents, to choose among."""
    return await _lines(db, actor, documents_for(actor, at).order_by(*LATEST).limit(most))


async def list_unread(db: AsyncSession, actor: Patient, at: Moment) -> list[DocumentLine]:
    """What this account has not opened yet, newest first."""
    return (await list_documents(db, actor, at, Filters(unread=True)))[0]


async def facets(
    db: AsyncSession, actor: Reader, at: Moment, *, record_id: UUID | None = None
) -> Facets:
    """Of what this reader may know, and of nothing else."""
    query = _in_record(actor, at, _record_of(actor, record_id)).with_only_columns(
        Document.type_code,
        Document.structure_id,
        func.bool_or(Document.masked),
        func.bool_or(~_opened_by(actor).exists()),
    )
    rows = (await db.execute(query.group_by(Document.type_code, Document.structure_id))).all()
    kinds = {kind_of(type_code) for type_code, *_ in rows}
    authors = {structure_id for _, structure_id, *_ in rows if structure_id}
    names = await db.execute(
        select(Structure.id, Structure.name)
        .where(Structure.id.in_(authors))
        .order_by(Structure.name, Structure.id)
    )
    return Facets(
        kinds=tuple(kind for kind in Kind if kind in kinds),
        own=any(structure_id is None for _, structure_id, *_ in rows),
        masked=any(masked for _, _, masked, _ in rows),
        unread=any(unread for *_, unread in rows),
        laboratories=tuple((id_, name) for id_, name in names),
    )


def read_place(text: str) -> Place | None:
    """`2026-11-12.<id>`: where the list goes on. Anything else is its beginning."""
    day, _, document_id = text.partition(".")
    try:
        return date.fromisoformat(day), UUID(document_id)
    except ValueError:
        return None


def _record_of(actor: Reader, record_id: UUID | None) -> UUID:
    if isinstance(actor, Patient | Guest):
        return actor.record_id
    assert record_id is not None
    return record_id


def _in_record(actor: Reader, at: Moment, record_id: UUID) -> Select[Document]:
    """A professional’s scope spans the records of all their patients; nobody else’s does."""
    query = documents_for(actor, at)
    if isinstance(actor, Professional):
        query = query.where(Document.record_id == record_id)
    return query


def _filtered(actor: Reader, at: Moment, filters: Filters, record_id: UUID) -> Select[Document]:
    query = _in_record(actor, at, record_id)
    if filters.kind:
        query = query.where(Document.type_code.in_(types_of(filters.kind)))
    if filters.own:
        query = query.where(Document.structure_id.is_(None))
    if filters.masked:
        query = query.where(Document.masked)
    if filters.unread:
        query = query.where(~_opened_by(actor).exists())
    if filters.laboratory:
        query = query.where(Document.structure_id == filters.laboratory)
    if filters.folder and isinstance(actor, Patient):
        query = query.where(Document.id.in_(documents_in(actor, at, filters.folder)))
    return query


def _page_of(found: list[Place], after: Place | None) -> list[UUID]:
    """The next `PAGE` + 1 of what was found, in the order of the list."""
    left = [place for place in found if after is None or place < after]
    return [document_id for _, document_id in sorted(left, reverse=True)[: PAGE + 1]]


def _opened_by(actor: Reader) -> Select[Opening]:
    return select(Opening).where(
        Opening.version_id == Document.version_id, Opening.account_id == actor.id
    )


async def _lines(db: AsyncSession, actor: Reader, query: Select[Document]) -> list[DocumentLine]:
    """Only the columns that a line shows: a sealed report weighs ten times as much."""
    rows = await db.execute(
        query.join(Version, Version.id == Document.version_id)
        .join(Record, Record.id == Document.record_id)
        .add_columns(
            Record.wrapped_key,
            Version.sealed_summary,
            Version.partial,
            Version.corrects_received_at,
            _opened_by(actor).exists().label("opened"),
        )
    )
    vault, lines = vault_of(db), []
    for document, wrapped, sealed, partial, corrects, opened in rows:
        check_visibility(vault, document)
        key = vault.record_key(document.record_id, wrapped)
        summary = key.open_value(Summary, sealed, document.version_id, "summary")
        shown = Shown(summary, partial=partial, corrected=corrects is not None, unread=not opened)
        lines.append(line_of(document, shown))
    return lines
