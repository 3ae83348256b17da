"""The documents of a record that a question is about, the latest first, a page at a time."""

import asyncio
from base64 import b64encode
from hashlib import sha1

import structlog
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Select, tuple_

from backend.access import Action, note
from backend.access.actors import Professional
from backend.access.scopes import Moment, documents_for, files_for
from backend.access.scopes.care import person_at_the_door
from backend.domain.errors import NotFound
from backend.domain.formats.cda import InvalidDocument
from backend.domain.formats.pdsm import Content, Pointer, Search, matches
from backend.domain.formats.pdsm.values import ENOUGH
from backend.domain.formats.xdm import entry_of
from backend.domain.formats.xdm.schemes import NO_PROFILE
from backend.domain.formats.xdm.values import Entry
from backend.domain.reports import Report, Traits
from backend.gateways.files import Files
from backend.services.documents import Visit
from backend.services.listing import LATEST, Place
from backend.storage.db import AsyncSession, vault_of
from backend.storage.documents import Document, StoredFile, Version, check_visibility
from backend.storage.records import Record, key_of, traits_of
from backend.storage.vault import RecordKey, Tampered

log = structlog.get_logger()

MOST_READ = 60
"""Documents that one question looks at: the next page goes on from there."""


class Found(Struct, frozen=True):
    """What answers, whose it is, and after which document the next page begins."""

    pointers: list[Pointer]
    whose: Traits
    after: Place | None


async def look_up(
    db: AsyncSession,
    pro: Professional,
    at: Moment,
    files: Files,
    *,
    visit: Visit,
    search: Search,
    after: Place | None = None,
) -> Found:
    """Of what the policy shows them, as on the screen; hidden documents are looked at by nobody."""
    rows = (await db.execute(_query(pro, at, visit, after))).all()
    found: list[Pointer] = []
    last: Place | None = None
    for document, version, record in rows[:MOST_READ]:
        check_visibility(vault_of(db), document)
        key = key_of(db, record)
        stored = await db.scalar(
            files_for(pro, at).where(StoredFile.version_id == version.id, StoredFile.part == "pdf")
        )
        pointer = await _point(files, key, document, version, stored)
        if labels := _labels(pro, document):
            pointer = replace(pointer, labels=labels)
        last = document.dated_on, document.id
        if matches(pointer, search.criteria):
            found.append(pointer)
        if len(found) == search.count:
            break
    note(db, pro, Action.LIST_DOCUMENTS, visit.record_id)
    whole = not rows or last == (rows[-1][0].dated_on, rows[-1][0].id)
    return Found(found, await _whose(db, pro, visit), None if whole else last)


def _query(
    pro: Professional, at: Moment, visit: Visit, after: Place | None
) -> Select[Document, Version, Record]:
    query = (
        documents_for(pro, at)
        .where(Document.record_id == visit.record_id)
        .join(Version, Version.id == Document.version_id)
        .join(Record, Record.id == Document.record_id)
        .add_columns(Version, Record)
        .order_by(*LATEST)
        .limit(MOST_READ + 1)
    )
    if after:
        query = query.where(tuple_(Document.dated_on, Document.id) < after)
    return query


async def _whose(db: AsyncSession, pro: Professional, visit: Visit) -> Traits:
    person = (await db.execute(person_at_the_door(pro, visit.record_id))).one_or_none()
    if person is None:
        raise NotFound
    return traits_of(db, *person)


async def _point(
    files: Files, key: RecordKey, document: Document, version: Version, pdf: StoredFile | None
) -> Pointer:
    report = key.open_value(Report, version.sealed_report, version.id, "report")
    own = document.structure_id is None
    entry, contents = None, []
    if not own:
        entry, content = await _original(files, key, version)
        contents.append(content)
    if pdf:
        contents.append(await _pdf(files, key, pdf))
    return Pointer(
        id=str(version.id),
        header=report.header,
        entry=entry,
        received_at=version.received_at,
        own=own,
        labels=(),
        contents=tuple(contents),
    )


def _labels(pro: Professional, document: Document) -> tuple[str, ...]:
    """Professionals are warned of what a patient does not see; who deposited it knows the rest."""
    ours = document.structure_id == pro.structure_id
    shown = {
        "MASQUE_PS": document.masked and ours,
        "INVISIBLE_PATIENT": document.withheld,
        "INVISIBLE_REPRESENTANTS_LEGAUX": document.hidden_from_guardians and ours,
    }
    return tuple(code for code, there in shown.items() if there)


async def _original(files: Files, key: RecordKey, version: Version) -> tuple[Entry | None, Content]:
    sealed = await files.get(version.file_key)
    id_ = f"{version.id}.xml"
    try:
        content = key.for_file(version.id).open(sealed, "original")
    except Tampered:
        log.error("file_damaged", kind="original")  # noqa: TRY400 - which one, `reperes fsck` says
        return None, Content(id_, "application/xml", version.size, "", NO_PROFILE)
    digest = _digest(content)
    try:
        entry = await asyncio.to_thread(entry_of, content)
    except InvalidDocument:  # without an INS of its own: its message had it
        return None, Content(id_, "application/xml", len(content), digest, NO_PROFILE)
    return entry, Content(id_, "application/xml", len(content), digest, entry.format)


async def _pdf(files: Files, key: RecordKey, stored: StoredFile) -> Content:
    sealed = await files.get(stored.file_key)
    id_, kind = f"{stored.version_id}.pdf", stored.media_type
    try:
        content = key.for_file(stored.version_id).open(sealed, "pdf", stored.number)
    except Tampered:
        log.error("file_damaged", kind="pdf")  # noqa: TRY400 - which one, `reperes fsck` says
        return Content(id_, kind, 0, "", ENOUGH)
    return Content(id_, kind, len(content), _digest(content), ENOUGH)


def _digest(content: bytes) -> str:
    return b64encode(sha1(content, usedforsecurity=False).digest()).decode()
