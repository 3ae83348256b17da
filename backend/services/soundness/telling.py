"""Who was told what: flags under their MAC, notices, and a promised e-mail for each reader.

The versions of a document and the changes of its flags made by who deposits come in pairs, in
order, but for the releases, which announcements date: from that a reader can tell what was visible
when. A version that was never visible has told nobody anything, not even that it exists.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backend.domain.calendar import civil_day
from backend.domain.notices import Event
from backend.services.soundness.verdict import Fault, Tally
from backend.storage.announcements import Announcement
from backend.storage.db import AsyncSession, vault_of
from backend.storage.documents import (
    ONLY_SENT,
    Document,
    DocumentStatus,
    Notice,
    Version,
    VisibilityChange,
    check_visibility,
)
from backend.storage.inventory import every, notices_of, readers, where_in
from backend.storage.outbox import OutboxRow, OutboxState
from backend.storage.vault import Tampered

DEPOSITORS = frozenset({"Machine", "Professional"})
Change = tuple[VisibilityChange, Version | None]
"""A change of flags, with the version that it brought when a machine made it."""


@dataclass(frozen=True, slots=True)
class Reader:
    """An account that may look at a record."""

    account_id: UUID
    made_at: datetime
    from_day: date | None
    """Of a representative."""

    def was_there(self, at: datetime) -> bool:
        """Already at that moment, as far as the rows of today tell."""
        return self.made_at < at and (self.from_day is None or self.from_day <= civil_day(at))


async def read_telling(db: AsyncSession, tally: Tally) -> None:
    """Every document, with its history."""
    async for batch in every(db, Document):
        tally.counts["documents"] += len(batch)
        histories = await history_of(db, batch)
        notices = _by_document(await notices_of(db, batch))
        for document in batch:
            _check_flags(db, document, tally)
            _check_since(document, histories[document.id], tally)
            if document.structure_id and not _is_only_sent(histories[document.id]):
                _check_notices(document, histories[document.id], notices[document.id], tally)
        await _check_promises(db, batch, histories, tally)


async def history_of(
    db: AsyncSession, documents: Sequence[Document]
) -> defaultdict[UUID, list[Change]]:
    """What happened to the flags of each document, in order."""
    ids = [document.id for document in documents]
    versions = _by_document(await where_in(db, Version, Version.document_id, ids))
    changes = _by_document(await where_in(db, VisibilityChange, VisibilityChange.document_id, ids))
    waits = await where_in(db, Announcement, Announcement.document_id, ids)
    released = {(wait.document_id, wait.done_at) for wait in waits if wait.done_by}
    histories = defaultdict[UUID, list[Change]](list)
    for document in documents:
        brought = iter(sorted(versions[document.id], key=lambda version: version.number))
        for change in sorted(changes[document.id], key=lambda change: change.number):
            added = document.structure_id is None and change.number == 0
            deposited = change.actor_kind in DEPOSITORS
            alone = (document.id, change.at) in released
            version = next(brought, None) if added or (deposited and not alone) else None
            histories[document.id].append((change, version))
    return histories


def visible_versions(history: Iterable[Change]) -> Iterator[tuple[Version, bool]]:
    """Each version that was visible, and whether it was from its first moment."""
    current: Version | None = None
    told: set[UUID] = set()
    for change, version in history:
        current = version or current
        if current and not change.withheld and current.id not in told:
            told.add(current.id)
            yield current, version is not None


def _check_flags(db: AsyncSession, document: Document, tally: Tally) -> None:
    try:
        check_visibility(vault_of(db), document)
    except Tampered:
        tally.add(Fault.FLAGS_ALTERED, document.id)


def _check_since(document: Document, history: list[Change], tally: Tally) -> None:
    """The day that the law counts from is the one of the history."""
    since: date | None = None
    for change, _version in history:
        since = (since or civil_day(change.at)) if change.withheld else None
    if since != document.withheld_on:
        tally.add(Fault.WITHHELD_ON_DIFFERS, document.id)


def _is_only_sent(history: list[Change]) -> bool:
    """Nobody is told of it; nor of what people add themselves."""
    return any(
        version is not None and version.pages_state == ONLY_SENT for _change, version in history
    )


def _check_notices(
    document: Document, history: list[Change], notices: list[Notice], tally: Tally
) -> None:
    """One for each version that came visible and each release; one for a withdrawal.

    What a laboratory answers about a misfiling is told besides.
    """
    was_withheld, told = True, 0
    for change, version in history:
        told += not change.withheld and (version is not None or was_withheld)
        was_withheld = change.withheld
    withdrawn = document.status is DocumentStatus.WITHDRAWN and not document.withheld
    notices = [notice for notice in notices if notice.kind != Event.CHECKED.value]
    said = sum(notice.kind == Event.WITHDRAWN.value for notice in notices)
    missing = max(told - (len(notices) - said), int(withdrawn) - said)
    too_many = max(len(notices) - said - told, said - int(withdrawn))
    if missing > 0:
        tally.add(Fault.NOTICE_MISSING, document.id)
    if too_many > 0:
        tally.add(Fault.NOTICE_TOO_MANY, document.id)


async def _check_promises(
    db: AsyncSession,
    documents: Sequence[Document],
    histories: defaultdict[UUID, list[Change]],
    tally: Tally,
) -> None:
    """An e-mail for each reader of a version that came visible; pages for a PDF that waits."""
    told = defaultdict[UUID, list[Reader]](list)
    records = {document.record_id for document in documents}
    for record_id, account_id, made_at, from_day in await readers(db, records):
        told[record_id].append(Reader(account_id, made_at, from_day))
    mails: dict[str, Version] = {}
    pages: dict[str, tuple[Version, Document]] = {}
    for document in documents:
        history = histories[document.id]
        if document.structure_id:
            mails |= _mails(history, told[document.record_id])
        pages |= {key: (version, document) for key, version in _drawings(history)}
    rows = await where_in(db, OutboxRow, OutboxRow.dedupe_key, [*mails, *pages])
    promised = {row.dedupe_key: row for row in rows}
    for version_id in {version.id for key, version in mails.items() if key not in promised}:
        tally.add(Fault.MAIL_NOT_PROMISED, version_id)
    for key, (version, document) in pages.items():
        if not _will_be_drawn(promised.get(key), version, document):
            tally.add(Fault.PAGES_NOT_PROMISED, version.id)


def _mails(history: Iterable[Change], told: Iterable[Reader]) -> dict[str, Version]:
    """The key of each promise that the deposit of a visible version had to make."""
    return {
        f"tell/{version.id}/{reader.account_id}": version
        for version, at_once in visible_versions(history)
        for reader in told
        if at_once and reader.was_there(version.received_at)
    }


def _drawings(history: Iterable[Change]) -> Iterator[tuple[str, Version]]:
    for _change, version in history:
        if version and version.pages_state == "waiting":
            yield f"draw-pages/{version.id}", version


def _will_be_drawn(row: OutboxRow | None, version: Version, document: Document) -> bool:
    """Still to do; or done without drawing, because the version was no longer the current one."""
    if row is None:
        return False
    live = document.version_id == version.id and document.status is DocumentStatus.CURRENT
    return not live or row.state in {OutboxState.DUE, OutboxState.FAILED}


def _by_document(rows: Iterable[Any]) -> defaultdict[Any, list[Any]]:
    found = defaultdict[Any, list[Any]](list)
    for row in rows:
        found[row.document_id].append(row)
    return found
