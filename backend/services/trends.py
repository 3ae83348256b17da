"""Earlier values of the same analyses, across the laboratories of one record."""

from collections.abc import Collection, Sequence
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ARRAY, LargeBinary, column, func, literal, select, true

from backend.access.actors import Guest, Patient, Professional
from backend.access.scopes import Moment, results_for, versions_for
from backend.domain.documents import Summary
from backend.domain.reports import Report, Result
from backend.domain.results import Past, stored_keys
from backend.storage.db import AsyncSession
from backend.storage.documents import Document, StoredResult, Version
from backend.storage.vault import RecordKey

Reader = Patient | Guest | Professional
LATEST = 40
"""Earlier values of one analyte, at most: more would be a blot on a phone."""


def address_of(key: RecordKey, analysis: str) -> UUID:
    """How addresses name an analysis: another in each record, and it tells nothing."""
    return UUID(bytes=key.fingerprint(f"analysis:{analysis}"))


async def earlier_values(
    db: AsyncSession,
    actor: Reader,
    at: Moment,
    key: RecordKey,
    *,
    document: Document,
    report: Report,
) -> Sequence[Past]:
    """The latest earlier values of the same analytes, from every report the actor may see."""
    names = {name for result in report.results for name in stored_keys(result)}
    analytes = {key.fingerprint(name) for name in names}
    of = document.record_id
    return await latest_values(
        db, actor, at, key, analytes, record_id=of, limit=LATEST, but=document.id
    )


async def latest_values(
    db: AsyncSession,
    actor: Reader,
    at: Moment,
    key: RecordKey,
    analytes: Collection[bytes],
    *,
    record_id: UUID,
    limit: int,
    but: UUID | None = None,
) -> Sequence[Past]:
    """The latest `limit` values under each of these fingerprints, in the documents in sight.

    Those of the document `but` are left out.
    """
    if not analytes:
        return []
    given = func.unnest(literal(list(analytes), ARRAY(LargeBinary)))
    wanted = given.table_valued(column("analyte", LargeBinary)).render_derived(name="wanted")
    seen = results_for(actor, at).where(
        StoredResult.record_id == record_id, StoredResult.analyte == wanted.c.analyte
    )
    if but:
        seen = seen.where(StoredResult.document_id != but)
    latest = (
        seen.order_by(StoredResult.dated_on.desc(), StoredResult.id.desc())
        .limit(limit)
        .with_only_columns(StoredResult.id, StoredResult.sealed, StoredResult.version_id)
        .lateral("latest")
    )
    rows = (await db.execute(select(latest).select_from(wanted.join(latest, true())))).all()
    sources = await _sources(db, actor, at, key, {row.version_id for row in rows})
    return [
        _past(key.open_value(Result, row.sealed, row.id, row.version_id), sources[row.version_id])
        for row in rows
    ]


class Source(Struct, frozen=True):
    """The report that a value comes from."""

    document_id: UUID
    partial: bool
    summary: Summary


def _past(result: Result, source: Source) -> Past:
    return Past(
        result=result,
        on=result.on or source.summary.on,
        laboratory=source.summary.laboratory,
        document_id=source.document_id,
        provisional=source.partial or result.status == "active",
    )


async def _sources(
    db: AsyncSession, actor: Reader, at: Moment, key: RecordKey, ids: set[UUID]
) -> dict[UUID, Source]:
    """By version: its summary is opened once for all its values."""
    found = await db.execute(
        versions_for(actor, at)
        .where(Version.id.in_(ids))
        .with_only_columns(Version.id, Version.document_id, Version.partial, Version.sealed_summary)
    )
    return {
        id_: Source(document_id, partial, key.open_value(Summary, sealed, id_, "summary"))
        for id_, document_id, partial, sealed in found
    }
