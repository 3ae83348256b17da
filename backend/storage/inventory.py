"""Everything that is kept, a batch at a time: for who checks the whole store, never to show it."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, not_, null, or_, select, text
from sqlalchemy.orm import InstrumentedAttribute, aliased

from backend.storage.accounts import Account
from backend.storage.db import AsyncSession, Base
from backend.storage.documents import (
    Document,
    DocumentStatus,
    Notice,
    Receipt,
    StoredFile,
    Version,
    VisibilityChange,
)
from backend.storage.records import Guardianship
from backend.storage.traces import Trace

T = TypeVar("T", bound=Base)
Ids = Select[*tuple[Any, ...]]

BATCH = 100
STREAMED = 1_000
FIRST = UUID(int=0)


async def freeze(db: AsyncSession) -> None:
    """From here on this transaction sees one moment, and can write nothing. Call it first."""
    await db.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))


async def every(db: AsyncSession, kind: type[T], size: int = BATCH) -> AsyncIterator[Sequence[T]]:
    """All the rows of a table, in the order of their ids; each batch is forgotten after use."""
    id_: InstrumentedAttribute[UUID] = kind.id  # type: ignore[attr-defined]
    last = FIRST
    while rows := (
        await db.scalars(select(kind).where(id_ > last).order_by(id_).limit(size))
    ).all():
        yield rows
        last = rows[-1].id  # type: ignore[attr-defined]
        db.expunge_all()


async def where_in(
    db: AsyncSession, kind: type[T], column: InstrumentedAttribute[Any], values: Collection[Any]
) -> Sequence[T]:
    """The rows whose `column` is one of `values`."""
    return (await db.scalars(select(kind).where(column.in_(values)))).all()


async def notices_of(db: AsyncSession, documents: Sequence[Document]) -> Sequence[Notice]:
    """All the notices about these documents."""
    records = {document.record_id for document in documents}
    ids = [document.id for document in documents]
    about = select(Notice).where(Notice.record_id.in_(records), Notice.document_id.in_(ids))
    return (await db.scalars(about)).all()


async def ids(db: AsyncSession, of: Ids) -> AsyncIterator[UUID]:
    """What a statement below finds, as a stream."""
    async for found in await db.stream_scalars(of.execution_options(yield_per=STREAMED)):
        yield found


async def readers(
    db: AsyncSession, records: Collection[UUID]
) -> Sequence[tuple[UUID, UUID, datetime, date | None]]:
    """(record, account, made when, reader from which day): who is told of a new document."""
    own = select(Account.record_id, Account.id, Account.created_at, null())
    children = (
        select(
            Guardianship.record_id,
            Guardianship.account_id,
            Account.created_at,
            Guardianship.valid_from,
        )
        .join(Account, Account.id == Guardianship.account_id)
        .where(Guardianship.record_id.in_(records), Guardianship.revoked_at.is_(None))
    )
    found = await db.execute(own.where(Account.record_id.in_(records)))
    return [*found, *await db.execute(children)]


# --- what should find nothing

Current = aliased(Version)

CURRENT_MISSING: Ids = select(Document.id).where(
    not_(
        exists().where(
            Version.id == Document.version_id,
            Version.document_id == Document.id,
            Version.record_id == Document.record_id,
        )
    )
)
CURRENT_SUPERSEDED: Ids = (
    select(Document.id)
    .join(Version, Version.id == Document.version_id)
    .where(Document.status == DocumentStatus.CURRENT, Version.superseded_at.is_not(None))
)
NOT_SUPERSEDED: Ids = (
    select(Version.id)
    .join(Document, Document.id == Version.document_id)
    .where(
        Version.superseded_at.is_(None),
        or_(Document.version_id != Version.id, Document.status == DocumentStatus.WITHDRAWN),
    )
)
NUMBER_ABOVE_CURRENT: Ids = (
    select(Version.id)
    .join(Document, Document.id == Version.document_id)
    .join(Current, Current.id == Document.version_id)
    .where(Version.number > Current.number)
)

ADDED = Receipt.action.in_(["new", "replace"])
FIRST_ACTIONS = ("document:deposit", "document:add")
"""By which a document begins: a laboratory’s, a patient’s."""
LATER_ACTIONS = ("replace", "withdraw", "delete")
WITHOUT_RECEIPT: Ids = (
    select(Version.id)
    .join(Document, Document.id == Version.document_id)
    .where(
        Document.structure_id.is_not(None),  # nobody gives a receipt to a patient
        not_(exists().where(Receipt.version_id == Version.id, ADDED)),
    )
)
TWO_RECEIPTS: Ids = (
    select(Receipt.version_id).where(ADDED).group_by(Receipt.version_id).having(func.count() > 1)
)
WITHDRAWN_WITHOUT_RECEIPT: Ids = select(Document.id).where(
    Document.status == DocumentStatus.WITHDRAWN,
    not_(exists().where(Receipt.version_id == Document.version_id, Receipt.action == "withdraw")),
)
RECEIPT_ASTRAY: Ids = select(Receipt.id).where(
    not_(exists().where(Version.id == Receipt.version_id))
)

VERSION_ASTRAY: Ids = select(Version.id).where(
    not_(
        exists().where(Document.id == Version.document_id, Document.record_id == Version.record_id)
    )
)
FILE_ASTRAY: Ids = select(StoredFile.id).where(
    not_(
        exists().where(
            Version.id == StoredFile.version_id, Version.record_id == StoredFile.record_id
        )
    )
)
NOTICE_ASTRAY: Ids = select(Notice.id).where(
    Notice.document_id.is_not(None),
    not_(exists().where(Document.id == Notice.document_id, Document.record_id == Notice.record_id)),
)

_CHANGES = (
    select(
        VisibilityChange.document_id,
        func.min(VisibilityChange.number).label("first"),
        func.max(VisibilityChange.number).label("last"),
        func.count().label("lines"),
    )
    .group_by(VisibilityChange.document_id)
    .subquery()
)
HISTORY_BROKEN: Ids = (
    select(Document.id)
    .outerjoin(_CHANGES, _CHANGES.c.document_id == Document.id)
    .where(
        or_(
            _CHANGES.c.lines.is_(None),
            _CHANGES.c.first != 0,
            _CHANGES.c.last != Document.visibility_number,
            _CHANGES.c.lines != Document.visibility_number + 1,
        )
    )
)
HISTORY_DIFFERS: Ids = (
    select(Document.id)
    .join(
        VisibilityChange,
        and_(
            VisibilityChange.document_id == Document.id,
            VisibilityChange.number == Document.visibility_number,
        ),
    )
    .where(
        or_(
            VisibilityChange.masked != Document.masked,
            VisibilityChange.withheld != Document.withheld,
            VisibilityChange.hidden_from_guardians != Document.hidden_from_guardians,
        )
    )
)

# The journal cannot be cut without its chain showing it, so what it says happened did happen.
_WRITTEN = (
    select(
        Trace.record_id,
        Trace.thing_id,
        func.count().filter(Trace.action.in_(FIRST_ACTIONS)).label("deposits"),
        func.count().filter(Trace.action == "document:replace").label("replacements"),
        func.count().filter(Trace.action == "document:withdraw").label("withdrawals"),
        func.count().filter(Trace.action == "document:delete").label("deletions"),
    )
    .where(
        Trace.allowed,
        Trace.action.in_([*FIRST_ACTIONS, *(f"document:{what}" for what in LATER_ACTIONS)]),
    )
    .group_by(Trace.record_id, Trace.thing_id)
    .subquery()
)
_VERSIONS = (
    select(Version.document_id, func.count().label("lines"))
    .group_by(Version.document_id)
    .subquery()
)
_TRACED = (
    select(Document.id)
    .outerjoin(
        _WRITTEN,
        and_(_WRITTEN.c.thing_id == Document.id, _WRITTEN.c.record_id == Document.record_id),
    )
    .outerjoin(_VERSIONS, _VERSIONS.c.document_id == Document.id)
)
_REPLACED = func.coalesce(_VERSIONS.c.lines, 0) - 1
_IS_WITHDRAWN = Document.status == DocumentStatus.WITHDRAWN
NOT_IN_JOURNAL: Ids = _TRACED.where(
    or_(
        func.coalesce(_WRITTEN.c.deposits, 0) != 1,
        func.coalesce(_WRITTEN.c.replacements, 0) < _REPLACED,
        and_(_IS_WITHDRAWN, func.coalesce(_WRITTEN.c.withdrawals, 0) != 1),
    )
)
CHANGE_LOST: Ids = _TRACED.where(
    or_(_WRITTEN.c.replacements > _REPLACED, and_(~_IS_WITHDRAWN, _WRITTEN.c.withdrawals > 0))
)
DOCUMENT_LOST: Ids = select(_WRITTEN.c.thing_id).where(
    not_(exists().where(Document.id == _WRITTEN.c.thing_id)),
    _WRITTEN.c.deletions == 0,
)
