"""What a person adds to the record on the screen, changes and takes away: theirs alone to do.

What is kept is a PDF without active content, descriptions or places, whatever was sent; the file
itself is scanned, opened in a process that can do nothing else, and forgotten.
"""

from collections.abc import Collection
from hashlib import sha256
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import delete

from backend.access import Action, authorise
from backend.access.actors import Patient
from backend.access.scopes import (
    Moment,
    changes_for,
    documents_for,
    files_for,
    records_for,
    versions_for,
)
from backend.access.scopes.folders import places_of
from backend.domain.deposits import Deposit, DepositAction, Flags
from backend.domain.documents import OWN_TYPES, DocumentLine, FileFacts
from backend.domain.errors import NotFound, Refused
from backend.domain.own_documents import Given, Sort, Told, check_files, check_made, report_of
from backend.domain.reports import Organisation, Traits
from backend.domain.searching import words_of
from backend.gateways.files import Files
from backend.gateways.outside import Outside
from backend.gateways.pdf import Kind
from backend.services import limits
from backend.services.filing import Filing, file_version, note_visibility, summary_of
from backend.services.lines import line_of, shown_of
from backend.services.sign_in.refusals import Rejected, too_often
from backend.services.words import seal_words
from backend.storage.db import AsyncSession, vault_of
from backend.storage.documents import Document, Opening, StoredFile, Version, VisibilityChange
from backend.storage.outbox import OutboxRow
from backend.storage.records import Record, key_of

AT_ONCE = 20
"""As many as one page of the list."""
KINDS = {Sort.PDF: Kind.PDF, Sort.TEXT: Kind.TEXT, Sort.RTF: Kind.RTF}


async def make_pdf(outside: Outside, given: list[Given]) -> bytes:
    """Refused with what is wrong with the files, Unavailable when they cannot be looked at."""
    sort = check_files(given)
    for one in given:
        await outside.antivirus.scan(one.content)
    if sort is Sort.PICTURE:
        packed = msgspec.msgpack.encode([one.content for one in given])
        pdf = await outside.pdfs.convert(Kind.PICTURES, packed)
    else:
        pdf = await outside.pdfs.convert(KINDS[sort], given[0].content)
    check_made(pdf)
    return pdf


async def add(  # noqa: PLR0917 - who, when, where to, and what
    db: AsyncSession, actor: Patient, at: Moment, files: Files, told: Told, pdf: bytes
) -> UUID | Rejected:
    """File it in the record on the screen; its pages are drawn like those of any other."""
    record = await db.scalar(records_for(actor, at).where(Record.id == actor.record_id))
    if record is None:
        raise NotFound
    if wait := await limits.hit(db, "own-document", str(actor.id)):
        return too_often(wait)
    document, vault = _new(db, actor, at, told), vault_of(db)
    authorise(db, actor, Action.ADD_DOCUMENT, document)
    filing = Filing([document])
    note_visibility(filing, vault, actor, document, at.now)
    report = report_of(document.id, told, pdf)
    nobody = Organisation()
    version = file_version(
        filing,
        Deposit(DepositAction.NEW, Traits(), nobody, document.type_code, pdf, report, Flags()),
        key_of(db, record),
        document=document,
        number=1,
        unique_index=vault.index("own-document", str(document.version_id)),
        digest=sha256(pdf).digest(),
    )
    filing.rows.append(Opening(account_id=actor.id, version_id=version.id, at=at.now))
    await filing.write(db, files)
    return document.id


async def look(db: AsyncSession, actor: Patient, at: Moment, document_id: UUID) -> DocumentLine:
    """One that a patient added, for whoever may change it; NotFound for any other."""
    document, version, record = await _own(db, actor, at, document_id)
    return line_of(document, shown_of(key_of(db, record), version))


async def change(
    db: AsyncSession, actor: Patient, at: Moment, document_id: UUID, told: Told
) -> None:
    """Its title, its category, its day. What is on its pages stays."""
    document, version, record = await _own(db, actor, at, document_id)
    authorise(db, actor, Action.CHANGE_DOCUMENT, document)
    key, report = key_of(db, record), report_of(document.id, told)
    document.type_code, document.dated_on = OWN_TYPES[told.kind], told.on
    facts = await db.scalars(
        files_for(actor, at).where(
            StoredFile.version_id == version.id, StoredFile.part == "page-large"
        )
    )
    pages = [
        key.open_value(FileFacts, row.sealed_facts, row.id, version.id, row.part).text
        for row in facts
    ]
    summary = msgspec.structs.replace(summary_of(report), has_pdf=True)
    version.sealed_summary = key.seal_value(summary, version.id, "summary")
    version.sealed_report = key.seal_value(report, version.id, "report")
    version.sealed_words = seal_words(key, version.id, words_of(summary, report, pages))


async def look_several(
    db: AsyncSession, actor: Patient, at: Moment, ids: Collection[UUID]
) -> list[DocumentLine]:
    """Those that a patient added, as chosen; Refused for none or too many, NotFound for another."""
    if not ids:
        raise Refused("Cochez au moins un document.")
    if len(ids) > AT_ONCE:
        raise Refused(f"Choisissez {AT_ONCE} documents au plus à la fois.")
    return [await look(db, actor, at, id_) for id_ in ids]


async def remove_several(
    db: AsyncSession, actor: Patient, at: Moment, ids: Collection[UUID]
) -> None:
    """All of them or none: NotFound when one is not what a patient added."""
    await look_several(db, actor, at, sorted(ids))  # locked in one order, whoever asks
    for id_ in ids:
        await remove(db, actor, at, id_)


async def remove(db: AsyncSession, actor: Patient, at: Moment, document_id: UUID) -> None:
    """Nothing of it stays but the line of the journal; its files are left over from then on."""
    document, version, _record = await _own(db, actor, at, document_id)
    await db.refresh(version, with_for_update=True)  # its pages may be drawn just now
    authorise(db, actor, Action.DELETE_DOCUMENT, document)
    files = files_for(actor, at).where(StoredFile.version_id == version.id)
    changes = changes_for(actor, at).where(VisibilityChange.document_id == document.id)
    placed = places_of(document.id)
    for rows in (await db.scalars(files), await db.scalars(changes), await db.scalars(placed)):
        for row in rows.all():
            await db.delete(row)
    await db.execute(delete(Opening).where(Opening.version_id == version.id))
    await db.execute(delete(OutboxRow).where(OutboxRow.dedupe_key == f"draw-pages/{version.id}"))
    await db.flush()
    await db.delete(version)
    await db.flush()
    await db.delete(document)


def _new(db: AsyncSession, actor: Patient, at: Moment, told: Told) -> Document:
    id_ = uuid4()
    return Document(
        id=id_,
        record_id=actor.record_id,
        structure_id=None,
        set_index=vault_of(db).index("own-document", str(id_)),
        type_code=OWN_TYPES[told.kind],
        deposited_at=at.now,
        dated_on=told.on,
        version_id=uuid4(),
        masked=False,
        withheld=False,
        hidden_from_guardians=False,
        visibility_number=0,
    )


async def _own(
    db: AsyncSession, actor: Patient, at: Moment, document_id: UUID
) -> tuple[Document, Version, Record]:
    """Locked like a document that is masked: the row of the document first."""
    query = documents_for(actor, at).where(
        Document.id == document_id, Document.structure_id.is_(None)
    )
    document = await db.scalar(query.with_for_update(of=Document))
    if document is None:
        raise NotFound
    version = await db.scalar(versions_for(actor, at).where(Version.document_id == document.id))
    record = await db.scalar(records_for(actor, at).where(Record.id == document.record_id))
    if version is None or record is None:
        raise NotFound
    return document, version, record
