"""Writing one version into a record: sealed bytes, sealed results, files and their promises."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from uuid import uuid4

from msgspec import Struct
from msgspec.structs import replace

from backend.access import Actor
from backend.domain.calendar import civil_day
from backend.domain.deposits import Deposit
from backend.domain.documents import FileFacts, Summary
from backend.domain.jobs import DrawPages
from backend.domain.reports import Report, ReportStatus
from backend.domain.results import analyte_key, count, document_title, is_critical
from backend.domain.searching import words_of
from backend.gateways.files import Files
from backend.services.words import seal_words
from backend.storage.bulk import insert_all
from backend.storage.db import AsyncSession, Base, utcnow
from backend.storage.documents import (
    ONLY_SENT,
    Document,
    StoredFile,
    StoredResult,
    Version,
    VisibilityChange,
    set_visibility,
)
from backend.storage.outbox import promise
from backend.storage.vault import RecordKey, Vault

FIGURES = frozenset({"image/png", "image/jpeg", "image/gif"})


class NewFile(Struct, frozen=True):
    """A file made from a version, before it is sealed."""

    part: str
    number: int
    media_type: str
    content: bytes
    facts: FileFacts = FileFacts()


@dataclass(slots=True)
class Filing:
    """What one transaction adds to records: rows, and the files that must be safe before them."""

    rows: list[Base] = field(default_factory=list)
    files: list[tuple[str, bytes]] = field(default_factory=list)

    async def write(self, db: AsyncSession, files: Files) -> None:
        """The files first: a row never names bytes that a power cut could take."""
        await asyncio.gather(*(files.put(name, sealed) for name, sealed in self.files))
        await insert_all(db, self.rows)


def file_version(
    filing: Filing,
    deposit: Deposit,
    key: RecordKey,
    *,
    document: Document,
    number: int,
    unique_index: bytes,
    digest: bytes,
) -> Version:
    """Version `document.version_id` with what belongs to it: its bytes, when it is only sent."""
    report = deposit.report
    summary = summary_of(report)
    version = Version(
        id=document.version_id,
        record_id=document.record_id,
        document_id=document.id,
        number=number,
        unique_index=unique_index,
        sha256=digest,
        pdf_fingerprint=None if report.pdf is None else pdf_fingerprint(key, report.pdf),
        size=len(deposit.content),
        received_at=utcnow(),
        partial=report.header.status is ReportStatus.PARTIAL,
        sealed_summary=key.seal_value(summary, document.version_id, "summary"),
        sealed_report=key.seal_value(replace(report, media=()), document.version_id, "report"),
        sealed_words=seal_words(key, document.version_id, words_of(summary, report)),
        file_key=file_key(document.version_id.hex, "original"),
        pages_state=_pages_of(deposit),
    )
    filing.rows.append(version)
    filing.files.append(
        (version.file_key, key.for_file(version.id).seal(deposit.content, "original"))
    )
    if not deposit.only_sent:
        _file_results(filing, report, document, key)
        _file_media(filing, report, version, key)
    return version


def _pages_of(deposit: Deposit) -> str:
    if deposit.only_sent:
        return ONLY_SENT
    return "none" if deposit.report.pdf is None else "waiting"


def pdf_fingerprint(key: RecordKey, pdf: bytes) -> bytes:
    """What tells, within a record, that two documents carry the same PDF."""
    return key.fingerprint(f"pdf/{sha256(pdf).hexdigest()}")


def _file_results(filing: Filing, report: Report, document: Document, key: RecordKey) -> None:
    """Each result of the current version on its own row, for trends."""
    for position, result in enumerate(report.results):
        row_id = uuid4()
        filing.rows.append(
            StoredResult(
                id=row_id,
                record_id=document.record_id,
                document_id=document.id,
                version_id=document.version_id,
                position=position,
                analyte=key.fingerprint(analyte_key(result)),
                dated_on=document.dated_on,
                sealed=key.seal_value(result, row_id, document.version_id),
            )
        )


def _file_media(filing: Filing, report: Report, version: Version, key: RecordKey) -> None:
    """The PDF and the figures; the page images are drawn later, by the worker."""
    if report.pdf is not None:
        add_file(filing, version, key, NewFile("pdf", 1, "application/pdf", report.pdf))
        job = DrawPages(version_id=version.id)
        filing.rows.append(promise(job, key=f"draw-pages/{version.id}"))
    figures = [media for media in report.media if media.media_type in FIGURES]
    for number, media in enumerate(figures, 1):
        facts = FileFacts(title=media.title)
        made = NewFile("figure", number, media.media_type, media.content, facts)
        add_file(filing, version, key, made)


def add_file(filing: Filing, version: Version, key: RecordKey, made: NewFile) -> None:
    """Seal one file of a version and remember where it lies."""
    name = file_key(version.id.hex, f"{made.part}-{made.number}-{uuid4().hex[:8]}")
    sealed = key.for_file(version.id).seal(made.content, made.part, made.number)
    filing.files.append((name, sealed))
    row_id = uuid4()
    filing.rows.append(
        StoredFile(
            id=row_id,
            record_id=version.record_id,
            version_id=version.id,
            part=made.part,
            number=made.number,
            media_type=made.media_type,
            file_key=name,
            sealed_facts=key.seal_value(made.facts, row_id, version.id, made.part),
        )
    )


def file_key(version: str, name: str) -> str:
    """A place in the object store that says nothing of whose it is."""
    return f"{version[:2]}/{version}/{name}"


def summary_of(report: Report) -> Summary:
    """What lists show, made once."""
    header = report.header
    organisation = header.custodian.name or header.author_organisation.name
    return Summary(
        title=document_title(report),
        laboratory=organisation,
        on=header.sampled_at or header.created,
        prescriber=header.prescriber.name,
        partial=header.status is ReportStatus.PARTIAL,
        critical=is_critical(report),
        count=count(report),
        figures=sum(media.media_type in FIGURES for media in report.media),
        has_pdf=report.pdf is not None,
        level=report.level,
    )


def note_visibility(
    filing: Filing, vault: Vault, actor: Actor, document: Document, now: datetime
) -> None:
    """Seal the flags as they stand, then add them to their history."""
    document.withheld_on = (document.withheld_on or civil_day(now)) if document.withheld else None
    set_visibility(vault, document)
    filing.rows.append(
        VisibilityChange(
            record_id=document.record_id,
            document_id=document.id,
            number=document.visibility_number,
            at=now,
            actor_kind=type(actor).__name__,
            actor_id=actor.id,
            masked=document.masked,
            withheld=document.withheld,
            hidden_from_guardians=document.hidden_from_guardians,
        )
    )
