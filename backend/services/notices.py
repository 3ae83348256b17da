"""What happened in a record, told to its people: a line on their pages, and promises to write.

Nothing at all while the document is withheld: not even a row that would give its date away.
Whether each account may know of it is asked again when it is shown, and when a message leaves.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select, union_all

from backend.domain.jobs import Tell
from backend.domain.notices import ABOUT_THE_RECORD, READABLE, Event
from backend.storage.accounts import Account
from backend.storage.bulk import insert_all
from backend.storage.db import AsyncSession, Base
from backend.storage.documents import Document, Notice
from backend.storage.outbox import promise
from backend.storage.records import Guardianship


async def announce(
    db: AsyncSession,
    *,
    record_id: UUID,
    event: Event,
    at: datetime,
    document: Document | None = None,
    professional_id: UUID | None = None,
) -> None:
    """Tell the holder and the representatives. Call it after `authorise` on a thing of the record.

    `document` for what happens to one, which is not told while it is withheld; `professional_id`
    for an access. An announcement exists if and only if the transaction commits.
    """
    readers = (await readers_of(db, [record_id])).get(record_id, ())
    await insert_all(
        db,
        telling(
            readers,
            record_id=record_id,
            event=event,
            at=at,
            document=document,
            professional_id=professional_id,
        ),
    )


def telling(
    accounts: Iterable[UUID],
    *,
    record_id: UUID,
    event: Event,
    at: datetime,
    document: Document | None = None,
    professional_id: UUID | None = None,
) -> list[Base]:
    """The rows of an announcement, for whoever inserts many at once."""
    assert (document is None) is (event in ABOUT_THE_RECORD)
    if document is not None and document.withheld:
        return []
    notice = Notice(
        id=uuid4(),
        record_id=record_id,
        document_id=document and document.id,
        professional_id=professional_id,
        kind=event.value,
        at=at,
    )
    version_id = document.version_id if document and event in READABLE else None
    rows: list[Base] = [notice]
    for account_id in accounts:
        job = Tell(
            account_id=account_id,
            record_id=record_id,
            event=event,
            document_id=notice.document_id,
            version_id=version_id,
        )
        rows.append(promise(job, key=f"tell/{version_id or notice.id}/{account_id}"))
    return rows


async def readers_of(
    db: AsyncSession, records: Collection[UUID]
) -> Mapping[UUID, Collection[UUID]]:
    """The accounts that may look at each record: its person, its representatives."""
    own = select(Account.record_id, Account.id).where(Account.record_id.in_(records))
    children = select(Guardianship.record_id, Guardianship.account_id).where(
        Guardianship.record_id.in_(records), Guardianship.revoked_at.is_(None)
    )
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for record_id, account_id in await db.execute(union_all(own, children)):
        found[record_id].add(account_id)
    return found
