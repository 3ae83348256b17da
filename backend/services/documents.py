"""What a reader does with one document: open it, see its pages, take it away."""

from datetime import datetime
from uuid import UUID

import structlog
from msgspec import Struct
from sqlalchemy import false, select
from sqlalchemy.dialects.postgresql import insert

from backend.access import Action, authorise
from backend.access.actors import Guest, Patient, Professional
from backend.access.scopes import Moment, documents_for, files_for, tombstones_for
from backend.domain.documents import DocumentLine, FileFacts
from backend.domain.emergency import Purpose
from backend.domain.errors import Damaged, NotFound, Problem
from backend.domain.reports import Report
from backend.domain.results import Sheet, analysis_key, make_sheet
from backend.gateways.files import Files
from backend.services.lines import line_of, shown_of
from backend.services.threads import Stage, thread_of
from backend.services.trends import address_of, earlier_values
from backend.storage.db import AsyncSession, utcnow, vault_of
from backend.storage.documents import (
    Document,
    Opening,
    StoredFile,
    Version,
    check_visibility,
)
from backend.storage.records import Record, key_of
from backend.storage.vault import RecordKey, Tampered

log = structlog.get_logger()

Reader = Patient | Guest | Professional


class Withdrawn(Problem):
    """It was there, and its laboratory took it back."""

    title = "Document retiré"
    message = "Le laboratoire a retiré ce document."


class Visit(Struct, frozen=True):
    """A professional is in a record: they read what is in this one, and in no other."""

    record_id: UUID
    purpose: Purpose | None
    """In an emergency: the screen says so all along, and each line of the journal."""


class Opened(Struct, frozen=True):
    """A report as its page shows it."""

    line: DocumentLine
    report: Report
    sheet: Sheet
    replaced_on: datetime | None
    thread: tuple[Stage, ...]
    has_pdf: bool
    pages_state: str
    page_count: int
    figures: tuple[FileFacts, ...]
    analyses: dict[str, UUID]
    """Where the page of each analysis is, by the `analysis` of its card."""
    withheld: bool = False
    """« Attention, ce document n’est pas visible du patient »."""


class PageImage(Struct, frozen=True):
    """One page of the original document."""

    number: int
    width: int
    height: int
    text: str


async def open_report(
    db: AsyncSession, actor: Reader, at: Moment, document_id: UUID, *, visit: Visit | None = None
) -> Opened:
    """The report with its trends; the opening is in the journal and the unread mark is gone."""
    document, version, record = await _find(db, actor, at, document_id, visit)
    authorise(db, actor, Action.OPEN_DOCUMENT, document, reason=_why(visit))
    key = key_of(db, record)
    report = key.open_value(Report, version.sealed_report, version.id, "report")
    past = await earlier_values(db, actor, at, key, document=document, report=report)
    facts = await _facts(db, actor, at, key, version=version, part="figure")
    line = line_of(document, shown_of(key, version))
    await mark_opened(db, actor, version.id)
    return Opened(
        line=line,
        report=report,
        sheet=make_sheet(report, past),
        replaced_on=version.corrects_received_at,
        thread=await thread_of(db, actor, at, version),
        has_pdf=version.pages_state != "none",
        pages_state=version.pages_state,
        page_count=version.page_count,
        figures=tuple(facts),
        analyses={name: address_of(key, name) for name in map(analysis_key, report.results)},
        withheld=document.withheld,
    )


async def open_pages(
    db: AsyncSession, actor: Reader, at: Moment, document_id: UUID, *, visit: Visit | None = None
) -> tuple[DocumentLine, str, list[PageImage]]:
    """The original document's pages: their sizes and text; `waiting` while they are drawn."""
    document, version, record = await _find(db, actor, at, document_id, visit)
    authorise(db, actor, Action.OPEN_DOCUMENT, document, reason=_why(visit))
    key = key_of(db, record)
    facts = await _facts(db, actor, at, key, version=version, part="page-large")
    await mark_opened(db, actor, version.id)
    pages = [
        PageImage(number, fact.width, fact.height, fact.text)
        for number, fact in enumerate(facts, 1)
    ]
    return line_of(document, shown_of(key, version)), version.pages_state, pages


async def take_file(
    db: AsyncSession,
    actor: Reader,
    at: Moment,
    files: Files,
    document_id: UUID,
    *,
    part: str,
    number: int = 1,
    visit: Visit | None = None,
) -> tuple[str, bytes, DocumentLine]:
    """(media type, bytes, document) of one file of the current version: PDF, page or figure."""
    document, version, record = await _find(db, actor, at, document_id, visit)
    stored = await db.scalar(
        files_for(actor, at).where(
            StoredFile.version_id == version.id,
            StoredFile.part == part,
            StoredFile.number == number,
        )
    )
    if stored is None:
        raise NotFound
    action = Action.DOWNLOAD_DOCUMENT if part == "pdf" else Action.SEE_PAGE
    authorise(db, actor, action, document, reason=_why(visit))
    key = key_of(db, record)
    sealed = await files.get(stored.file_key)  # before any row is written: it may take long
    if part == "pdf":  # a person who has it has read it: it cannot be withheld afterwards
        await mark_opened(db, actor, version.id)
    try:
        content = key.for_file(version.id).open(sealed, part, number)
    except Tampered as error:
        log.error("file_damaged", kind=part)  # noqa: TRY400 - which one, `reperes fsck` says
        raise Damaged from error
    return stored.media_type, content, line_of(document, shown_of(key, version))


async def take_original(
    db: AsyncSession, actor: Reader, at: Moment, files: Files, document_id: UUID, *, visit: Visit
) -> bytes:
    """The very bytes that a laboratory deposited; NotFound for what a patient added."""
    document, version, record = await _find(db, actor, at, document_id, visit)
    if document.structure_id is None:
        raise NotFound
    authorise(db, actor, Action.DOWNLOAD_DOCUMENT, document, reason=_why(visit))
    try:
        sealed = await files.get(version.file_key)
        return key_of(db, record).for_file(version.id).open(sealed, "original")
    except Tampered as error:
        log.error("file_damaged", kind="original")  # noqa: TRY400 - which one, `reperes fsck` says
        raise Damaged from error


async def note_opening(
    db: AsyncSession, actor: Reader, at: Moment, document_id: UUID, visit: Visit
) -> None:
    """Something of it was read without its page: the journal says that it was opened."""
    document, *_ = await _find(db, actor, at, document_id, visit)
    authorise(db, actor, Action.OPEN_DOCUMENT, document, reason=_why(visit))


async def _find(
    db: AsyncSession, actor: Reader, at: Moment, document_id: UUID, visit: Visit | None
) -> tuple[Document, Version, Record]:
    this = [Document.id == document_id]
    if isinstance(actor, Professional):
        this.append(Document.record_id == visit.record_id if visit else false())
    query = (
        documents_for(actor, at)
        .where(*this)
        .join(Version, Version.id == Document.version_id)
        .join(Record, Record.id == Document.record_id)
        .add_columns(Version, Record)
    )
    found = (await db.execute(query)).one_or_none()
    if found is None:
        gone = tombstones_for(actor, at).where(*this)
        raise Withdrawn if await db.scalar(select(gone.exists())) else NotFound
    document, version, record = found
    check_visibility(vault_of(db), document)
    return document, version, record


async def _facts(
    db: AsyncSession, actor: Reader, at: Moment, key: RecordKey, *, version: Version, part: str
) -> list[FileFacts]:
    rows = await db.scalars(
        files_for(actor, at)
        .where(StoredFile.version_id == version.id, StoredFile.part == part)
        .order_by(StoredFile.number)
    )
    return [key.open_value(FileFacts, row.sealed_facts, row.id, version.id, part) for row in rows]


async def mark_opened(db: AsyncSession, actor: Reader, version_id: UUID) -> None:
    """What a guest or a professional has read stays unread for its person."""
    if not isinstance(actor, Patient):
        return
    await db.execute(
        insert(Opening)
        .values(account_id=actor.id, version_id=version_id, at=utcnow())
        .on_conflict_do_nothing()
    )


def _why(visit: Visit | None) -> str:
    return visit.purpose or "" if visit else ""
