"""The structured report of pages that were deposited by hand is their next version, not a second.

They are the same when a PDF in it is the very file that was deposited: nothing else tells it, for
nobody is asked the number of an order at the desk. What is masked, withheld or kept from guardians
stays so, whatever the report asks; its author’s identifiers and numbers go on from there.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from msgspec.structs import replace

from backend.access.scopes import deposited_by
from backend.domain.deposits import DepositAction, Flags
from backend.domain.reports import Report
from backend.services.deposits.lookup import FRESH, Known, Sent, by_author
from backend.services.filing import pdf_fingerprint
from backend.storage.db import AsyncSession
from backend.storage.documents import Document, DocumentStatus, Version
from backend.storage.records import key_of

Followed = dict[bytes, Document]
"""By message: the document that it says more of, held until the commit."""
PDF = "application/pdf"


async def find_followed(db: AsyncSession, known: Known, batch: Sequence[Sent]) -> Followed:
    """One query for each author, none for what is not structured."""
    found: Followed = {}
    for actor, theirs in by_author(batch):
        asked = [(sent, mark) for sent in theirs for mark in _pages(db, known, sent)]
        if not asked:
            continue
        by_hand = (
            deposited_by(actor)
            .join(Version, Version.id == Document.version_id)
            .where(
                Document.status == DocumentStatus.CURRENT,
                Document.author_id.is_not(None),
                Version.pdf_fingerprint.in_([mark for _, (_, mark) in asked]),
            )
            .add_columns(Version)
            .order_by(Document.id)  # several are held at once, always in the same order
            .with_for_update(of=Document)
        )
        there = {
            (version.record_id, version.pdf_fingerprint): (document, version)
            for document, version in await db.execute(by_hand, execution_options=FRESH)
        }
        for sent, pages in asked:
            document, version = there.get(pages, (None, None))
            if document and version and _says_nothing_else(db, known, sent, version):
                found[sent.message_index] = document
    return found


def as_followed(followed: Followed, sent: Sent) -> Sent:
    """The deposit as the next version of what it says more of, and no more visible than that."""
    if (document := followed.get(sent.message_index)) is None:
        return sent
    asked = sent.deposit.flags
    flags = Flags(
        masked=asked.masked or document.masked,
        withheld=asked.withheld or document.withheld,
        hidden_from_guardians=asked.hidden_from_guardians or document.hidden_from_guardians,
    )
    deposit = replace(sent.deposit, action=DepositAction.REPLACE, flags=flags)
    return replace(sent, deposit=deposit, follows=document.id)


def _pages(db: AsyncSession, known: Known, sent: Sent) -> Iterator[tuple[UUID, bytes]]:
    """The record, and the mark of each PDF of a structured report that nobody knows yet."""
    report, there = sent.deposit.report, known.records.get(sent.ins_index)
    if not sent.is_new or report.level == 1 or there is None or sent.set_index in known.sets:
        return
    for media in report.media:
        if media.media_type == PDF:
            yield there[0].id, pdf_fingerprint(key_of(db, there[0]), media.content)


def _says_nothing_else(db: AsyncSession, known: Known, sent: Sent, version: Version) -> bool:
    """It is its PDF and no more: a structured report is never taken over by another."""
    key = key_of(db, known.records[sent.ins_index][0])
    return key.open_value(Report, version.sealed_report, version.id, "report").level == 1
