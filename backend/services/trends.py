"""Earlier values of the same analyses, across the laboratories of one record."""

from collections.abc import Sequence
from uuid import UUID

from backend.access.actors import Patient
from backend.access.scopes import Moment, results_for
from backend.domain.documents import Summary
from backend.domain.reports import Report, Result
from backend.domain.results import Past, analyte_key
from backend.storage.db import AsyncSession
from backend.storage.documents import StoredResult, Version
from backend.storage.vault import RecordKey


async def earlier_values(
    db: AsyncSession,
    actor: Patient,
    at: Moment,
    key: RecordKey,
    *,
    document_id: UUID,
    report: Report,
) -> Sequence[Past]:
    """Earlier values of the same analytes, from every report of the record the actor may see."""
    analytes = {key.fingerprint(analyte_key(result)) for result in report.results}
    rows = await db.execute(
        results_for(actor, at)
        .where(StoredResult.analyte.in_(analytes), StoredResult.document_id != document_id)
        .join(Version, Version.id == StoredResult.version_id)
        .add_columns(Version)
    )
    past = []
    for stored, version in rows:
        result = key.open_value(Result, stored.sealed, stored.id, version.id)
        summary = key.open_value(Summary, version.sealed_summary, version.id, "summary")
        past.append(
            Past(
                result=result,
                on=result.on or summary.on,
                laboratory=summary.laboratory,
                document_id=stored.document_id,
                provisional=version.partial,
            )
        )
    return past
