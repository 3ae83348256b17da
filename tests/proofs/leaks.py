"""Services that tell a little of what they hide: the comparison must notice each of them."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

import pytest
from httpx import ASGITransport
from sqlalchemy import select

from backend.domain.calendar import civil_day
from backend.domain.errors import Forbidden, NotFound
from backend.services import (
    board,
    documents,
    listing,
    masking,
    notices,
    notifications,
    retrieving,
    trends,
)
from backend.services.retrieving import finding
from backend.storage.db import Base
from backend.storage.documents import Document, Notice, StoredResult, Version
from tests.twins import World

Leak = Callable[[pytest.MonkeyPatch], None]


def _of_the_record(table: Any) -> Any:
    """A scope that asks whose it is, and nothing else."""
    return lambda actor, _: select(table).where(table.record_id == actor.record_id)


def forbidden_is_not_absent(patch: pytest.MonkeyPatch) -> None:
    """403 where nobody may say that there is something."""
    real = documents._find

    async def find(db: Any, actor: Any, at: Any, document_id: Any, visit: Any) -> Any:
        try:
            return await real(db, actor, at, document_id, visit)
        except NotFound:
            if await db.scalar(select(Document.id).where(Document.id == document_id)):
                raise Forbidden from None
            raise

    patch.setattr(documents, "_find", find)


def what_may_not_be_masked_is_told(patch: pytest.MonkeyPatch) -> None:
    """The same, for whoever acts without having looked."""
    real = masking.mask

    async def mask(db: Any, actor: Any, at: Any, ids: Any, **more: Any) -> Any:
        try:
            return await real(db, actor, at, ids, **more)
        except NotFound:
            if await db.scalar(select(Document.id).where(Document.id.in_(ids))):
                raise Forbidden from None
            raise

    patch.setattr(masking, "mask", mask)


def pages_are_cut_before_they_are_filtered(patch: pytest.MonkeyPatch) -> None:
    """`LIMIT` counts what is hidden: pages get short, and begin elsewhere."""
    real = listing.list_documents

    async def list_documents(db: Any, actor: Any, at: Any, *asked: Any, after: Any = None) -> Any:
        lines, _ = await real(db, actor, at, *asked, after=after)
        mine = select(Document.id).where(Document.record_id == actor.record_id)
        page = await db.scalars(mine.order_by(*listing.LATEST).limit(listing.PAGE))
        kept = set(page) if after is None else {line.id for line in lines}
        lines = [line for line in lines if line.id in kept]
        return lines, (civil_day(lines[-1].on), lines[-1].id) if lines else None

    patch.setattr(listing, "list_documents", list_documents)


def notices_are_all_shown(patch: pytest.MonkeyPatch) -> None:
    """Notices looked up by record, without asking about their documents."""
    patch.setattr(board, "notices_for", _of_the_record(Notice))


def earlier_values_come_from_everywhere(patch: pytest.MonkeyPatch) -> None:
    """A curve with a point that its reader may not know of."""
    for name, table in (("results_for", StoredResult), ("versions_for", Version)):
        patch.setattr(trends, name, _of_the_record(table))


def what_is_withdrawn_was_always_known(patch: pytest.MonkeyPatch) -> None:
    """« Withdrawn » for whoever could never see it."""
    patch.setattr(documents, "tombstones_for", _of_the_record(Document))


def letters_leave_at_once(patch: pytest.MonkeyPatch) -> None:
    """A letter for whatever is deposited, hidden or not."""
    real = notices.telling

    def telling(accounts: Any, *, document: Any, **what: Any) -> list[Base]:
        seen, document.withheld = document.withheld, False
        rows = real(accounts, document=document, **what)
        document.withheld = seen
        return rows

    patch.setattr("backend.services.deposits.actions.telling", telling)
    patch.setattr(notifications, "documents_for", _of_the_record(Document))


IN_THE_CODE: tuple[Leak, ...] = (
    forbidden_is_not_absent,
    what_may_not_be_masked_is_told,
    pages_are_cut_before_they_are_filtered,
    notices_are_all_shown,
    earlier_values_come_from_everywhere,
    what_is_withdrawn_was_always_known,
)


def a_search_shows_what_is_masked(patch: pytest.MonkeyPatch) -> None:
    """All the documents of the record, whoever reads them."""
    patch.setattr(finding, "documents_for", lambda *_: select(Document))


def a_page_is_cut_before_it_is_filtered(patch: pytest.MonkeyPatch) -> None:
    """What is hidden counts among the documents that one question looks at."""
    real = finding._query

    def query(pro: Any, at: Any, visit: Any, after: Any) -> Any:
        there = select(Document.id).where(Document.record_id == visit.record_id)
        looked_at = there.order_by(*listing.LATEST).limit(5)
        return real(pro, at, visit, after).where(Document.id.in_(looked_at))

    patch.setattr(finding, "_query", query)


def a_content_that_is_masked_is_forbidden(patch: pytest.MonkeyPatch) -> None:
    """403 where nobody may say that there is something."""
    real = retrieving.take

    async def take(db: Any, pro: Any, at: Any, files: Any, name: str) -> Any:
        try:
            return await real(db, pro, at, files, name)
        except NotFound:
            if await db.scalar(select(Version.id).where(Version.id == UUID(name[:36]))):
                raise Forbidden from None
            raise

    patch.setattr(retrieving, "take", take)


IN_FHIR: tuple[Leak, ...] = (
    a_search_shows_what_is_masked,
    a_page_is_cut_before_it_is_filtered,
    a_content_that_is_masked_is_forbidden,
)


def with_header(world: World, reader: str, name: str, query: str) -> None:
    """This reader’s answers carry what a careless `query` says of the whole database."""
    client = world.clients[reader]
    inner = cast(Any, client._transport).app

    async def telling(scope: Any, receive: Any, send: Any) -> None:
        rows = await world.run(query)
        value = sha256(repr(rows).encode()).hexdigest() if name == "etag" else str(rows[0][0])

        async def adding(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (name.encode(), value.encode())]
            await send(message)

        await inner(scope, receive, adding)

    client._transport = ASGITransport(app=telling)


IN_THE_HEADERS = {
    "x-total-count": "SELECT count(*) FROM document",
    "etag": "SELECT version_id FROM document ORDER BY id",
}
