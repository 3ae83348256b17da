"""Writing one version into a record: sealed bytes, sealed results, notices and promises."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid4

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Select, or_, select

from backend.access import Actor
from backend.domain.deposits import RAPID_TEST, Deposit
from backend.domain.documents import FileFacts, Kind, Summary
from backend.domain.jobs import DrawPages, TellNewDocument
from backend.domain.reports import Report, ReportStatus
from backend.domain.results import analyte_key, count, document_title, is_critical
from backend.gateways.files import Files
from backend.storage.accounts import Account
from backend.storage.db import AsyncSession, utcnow, vault_of
from backend.storage.documents import (
    Document,
    Notice,
    StoredFile,
    StoredResult,
    Version,
    VisibilityChange,
    set_visibility,
)
from backend.storage.outbox import enqueue
from backend.storage.records import Guardianship, Record, key_of
from backend.storage.vault import RecordKey

FIGURES = frozenset({"image/png", "image/jpeg", "image/gif"})


class NewFile(Struct, frozen=True):
    """A file made from a version, before it is sealed."""

    part: str
    number: int
    media_type: str
    content: bytes
    facts: FileFacts = FileFacts()


async def file_version(
    db: AsyncSession,
    files: Files,
    deposit: Deposit,
    record: Record,
    *,
    document: Document,
    number: int,
    unique_index: bytes,
) -> Version:
    """Version `document.version_id`: its bytes are safe in the object store before it is added."""
    report, key = deposit.report, key_of(db, record)
    version = Version(
        id=document.version_id,
        record_id=record.id,
        document_id=document.id,
        number=number,
        unique_index=unique_index,
        sha256=sha256(deposit.content).digest(),
        size=len(deposit.content),
        received_at=utcnow(),
        partial=report.header.status is ReportStatus.PARTIAL,
        sealed_summary=key.seal_value(summary_of(report), document.version_id, "summary"),
        sealed_report=key.seal_value(replace(report, media=()), document.version_id, "report"),
        file_key=file_key(document.version_id.hex, "original"),
    )
    db.add(version)
    await db.flush()  # rows that point at it follow
    bytes_key = key.for_file(version.id)
    await files.put(version.file_key, bytes_key.seal(deposit.content, "original"))
    _file_results(db, report, version, key)
    await _file_media(db, files, report, version, key)
    return version


def _file_results(db: AsyncSession, report: Report, version: Version, key: RecordKey) -> None:
    """Each result on its own row, for trends."""
    for position, result in enumerate(report.results):
        row_id = uuid4()
        db.add(
            StoredResult(
                id=row_id,
                record_id=version.record_id,
                document_id=version.document_id,
                version_id=version.id,
                position=position,
                analyte=key.fingerprint(analyte_key(result)),
                sealed=key.seal_value(result, row_id, version.id),
            )
        )


async def _file_media(
    db: AsyncSession, files: Files, report: Report, version: Version, key: RecordKey
) -> None:
    """The PDF and the figures; the page images are drawn later, by the worker."""
    if report.pdf is not None:
        await add_file(db, files, version, key, NewFile("pdf", 1, "application/pdf", report.pdf))
        version.pages_state = "waiting"
        await enqueue(db, DrawPages(version_id=version.id), key=f"draw-pages/{version.id}")
    figures = [media for media in report.media if media.media_type in FIGURES]
    for number, media in enumerate(figures, 1):
        facts = FileFacts(title=media.title)
        made = NewFile("figure", number, media.media_type, media.content, facts)
        await add_file(db, files, version, key, made)


async def add_file(
    db: AsyncSession,
    files: Files,
    version: Version,
    key: RecordKey,
    made: NewFile,
) -> None:
    """Seal one file of a version and remember where it lies."""
    name = file_key(version.id.hex, f"{made.part}-{made.number}-{uuid4().hex[:8]}")
    await files.put(name, key.for_file(version.id).seal(made.content, made.part, made.number))
    row_id = uuid4()
    db.add(
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
        kind=Kind.SCREENING if header.type_code == RAPID_TEST else Kind.BIOLOGY,
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


async def write_visibility(
    db: AsyncSession, actor: Actor, document: Document, now: datetime
) -> None:
    """Seal the flags as they stand, then add them to their history."""
    set_visibility(vault_of(db), document)
    db.add(document)
    await db.flush()  # rows that point at it follow
    db.add(
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


async def tell_people(db: AsyncSession, document: Document, version: Version, kind: str) -> None:
    """The in-app notice, and one promised e-mail for each account that may look at the record.

    Nothing at all while the document is withheld: not even a row that would give its date away.
    Whether each account may see it is asked again at the time of sending.
    """
    if document.withheld:
        return
    now = utcnow()
    db.add(Notice(record_id=document.record_id, document_id=document.id, kind=kind, at=now))
    for account_id in await db.scalars(_accounts_of(document)):
        job = TellNewDocument(
            account_id=account_id,
            record_id=document.record_id,
            document_id=document.id,
            version_id=version.id,
        )
        await enqueue(db, job, key=f"tell-new-document/{version.id}/{account_id}")


def _accounts_of(document: Document) -> Select[UUID]:
    guardians = select(Guardianship.account_id).where(
        Guardianship.record_id == document.record_id, Guardianship.revoked_at.is_(None)
    )
    return select(Account.id).where(
        or_(Account.record_id == document.record_id, Account.id.in_(guardians))
    )
