"""The same pages by two ways, by hand and by a system, are one document.

Of what says nothing but its PDF only: a structured report brings more than its pages, and is the
next version of them (`structured`).
"""

from collections.abc import Sequence
from uuid import UUID

from backend.access.actors import Professional
from backend.access.scopes import deposited_by
from backend.services.deposits.lookup import Known, Sent, by_author
from backend.services.filing import pdf_fingerprint
from backend.storage.db import AsyncSession
from backend.storage.documents import Document, DocumentStatus, Version
from backend.storage.records import key_of

Same = dict[bytes, Version]
"""By message: the version that has its pages already."""


async def find_same_pdfs(db: AsyncSession, known: Known, batch: Sequence[Sent]) -> Same:
    """No query for what is structured; else one for each author."""
    found: Same = {}
    for actor, theirs in by_author(batch):
        asked = {one.message_index: _pages(db, known, one) for one in theirs}
        wanted = {pages for pages in asked.values() if pages}
        if not wanted:
            continue
        mine = (
            deposited_by(actor)
            .join(Version, Version.id == Document.version_id)
            .where(
                Document.status == DocumentStatus.CURRENT,
                Version.pdf_fingerprint.in_([mark for _, mark in wanted]),
            )
            .with_only_columns(Version, Document.author_id)
        )
        if not isinstance(actor, Professional):  # a system knows what itself has sent
            mine = mine.where(Document.author_id.is_not(None))
        there = {
            (version.record_id, version.pdf_fingerprint): version
            for version, _ in await db.execute(mine)
        }
        found |= {index: there[pages] for index, pages in asked.items() if pages in there}
    return found


def _pages(db: AsyncSession, known: Known, sent: Sent) -> tuple[UUID, bytes] | None:
    """The record and the mark of its PDF, of a new document that has nothing else to say."""
    report, there = sent.deposit.report, known.records.get(sent.ins_index)
    if not sent.is_new or report.level != 1 or report.pdf is None or there is None:
        return None
    record = there[0]
    return record.id, pdf_fingerprint(key_of(db, record), report.pdf)
