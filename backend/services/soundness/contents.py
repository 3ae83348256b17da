"""Versions, their results and their files: each opens under its key and says what its row says."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

from msgspec import MsgspecError

from backend.domain.documents import FileFacts, Summary
from backend.domain.errors import Unavailable
from backend.domain.reports import Report, Result
from backend.gateways.files import Files
from backend.services.soundness.records import key_or_none
from backend.services.soundness.verdict import Fault, Tally
from backend.storage.db import AsyncSession
from backend.storage.documents import ONLY_SENT, StoredFile, StoredResult, Version
from backend.storage.inventory import every, where_in
from backend.storage.records import Record
from backend.storage.vault import RecordKey, Tampered

T = TypeVar("T")

AT_ONCE = 8
"""Versions whose files are in memory together."""


async def read_contents(db: AsyncSession, files: Files, tally: Tally) -> None:
    """Every version, a few at a time."""
    one_of_few = asyncio.Semaphore(AT_ONCE)

    async def read(content: Content) -> None:
        async with one_of_few:
            await content.read()

    async for batch in every(db, Version):
        contents = await _contents(db, batch, files, tally)
        tally.counts["versions"] += len(batch)
        await asyncio.gather(*map(read, contents))


async def _contents(
    db: AsyncSession, batch: Sequence[Version], files: Files, tally: Tally
) -> list["Content"]:
    """What belongs to each version; those of a broken record are left out."""
    ids = [version.id for version in batch]
    kept = _by_version(await where_in(db, StoredFile, StoredFile.version_id, ids))
    results = _by_version(await where_in(db, StoredResult, StoredResult.version_id, ids))
    of = {version.record_id for version in batch}
    keys = {
        record.id: key_or_none(db, record) for record in await where_in(db, Record, Record.id, of)
    }
    return [
        Content(version, kept[version.id], results[version.id], key, files, tally)
        for version in batch
        if (key := keys.get(version.record_id))
    ]


def _by_version(rows: Iterable[Any]) -> dict[Any, list[Any]]:
    found = defaultdict(list)
    for row in rows:
        found[row.version_id].append(row)
    return found


@dataclass(frozen=True, slots=True)
class Content:
    """One version with all that belongs to it."""

    version: Version
    kept: list[StoredFile]
    results: list[StoredResult]
    key: RecordKey
    files: Files
    tally: Tally

    async def read(self) -> None:
        """Open everything."""
        self._read_values()
        await self._read_original()
        for stored in self.kept:
            await self._read_file(stored)

    def _read_values(self) -> None:
        version = self.version
        summary = self._open(
            Summary, version.sealed_summary, version.id, "summary", fault=Fault.SUMMARY_BROKEN
        )
        if summary and not self._has_its_parts(summary):
            self.tally.add(Fault.PARTS_DIFFER, version.id)
        report = self._open(
            Report, version.sealed_report, version.id, "report", fault=Fault.REPORT_BROKEN
        )
        opened = {row.position: self._result(row) for row in self.results}
        self.tally.counts["results"] += len(self.results)
        results = () if version.pages_state == ONLY_SENT or report is None else report.results
        if report and None not in opened.values() and opened != dict(enumerate(results)):
            self.tally.add(Fault.RESULTS_DIFFER, version.id)

    def _has_its_parts(self, summary: Summary) -> bool:
        """The PDF, the figures, and two images of each page once they are drawn."""
        version = self.version
        if version.pages_state == ONLY_SENT:
            return not self.kept
        there = defaultdict[str, set[int]](set)
        for stored in self.kept:
            there[stored.part].add(stored.number)
        pages = version.page_count if version.pages_state == "ready" else 0
        expected = {
            "pdf": int(summary.has_pdf),
            "figure": summary.figures,
            "page-small": pages,
            "page-large": pages,
        }
        wanted = {part: set(range(1, count + 1)) for part, count in expected.items() if count}
        return there == wanted and (version.pages_state != "none") == summary.has_pdf

    def _result(self, row: StoredResult) -> Result | None:
        return self._open(Result, row.sealed, row.id, row.version_id, fault=Fault.RESULT_BROKEN)

    async def _read_original(self) -> None:
        version = self.version
        sealed = await self._get(version.file_key, Fault.ORIGINAL_MISSING, version.id)
        if sealed is None:
            return
        try:
            content = self.key.for_file(version.id).open(sealed, "original")
        except Tampered:
            self.tally.add(Fault.ORIGINAL_BROKEN, version.id)
            return
        if (len(content), sha256(content).digest()) != (version.size, version.sha256):
            self.tally.add(Fault.ORIGINAL_DIFFERS, version.id)

    async def _read_file(self, stored: StoredFile) -> None:
        row = (stored.id, stored.version_id, stored.part)
        self._open(FileFacts, stored.sealed_facts, *row, fault=Fault.FACTS_BROKEN)
        sealed = await self._get(stored.file_key, Fault.FILE_MISSING, stored.id)
        if sealed is None:
            return
        try:
            self.key.for_file(stored.version_id).open(sealed, stored.part, stored.number)
        except Tampered:
            self.tally.add(Fault.FILE_BROKEN, stored.id)

    async def _get(self, name: str, fault: Fault, id_: UUID) -> bytes | None:
        try:
            sealed = await self.files.get(name)
        except Unavailable:
            self.tally.add(fault, id_)
            return None
        self.tally.counts["files"] += 1
        return sealed

    def _open(
        self, kind: type[T], sealed: bytes, id_: UUID, *parts: object, fault: Fault
    ) -> T | None:
        """The sealed value of the row `id_`; told when it does not open."""
        try:
            return self.key.open_value(kind, sealed, id_, *parts)
        except (Tampered, MsgspecError):
            self.tally.add(fault, id_)
            return None
