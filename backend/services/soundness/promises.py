"""Promises seen from the outbox: each is about something that exists and may be spoken of."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from backend.domain.jobs import AnyJob, DrawPages, TellNewDocument
from backend.services.soundness.telling import history_of, visible_versions
from backend.services.soundness.verdict import Fault, Tally
from backend.storage.db import AsyncSession
from backend.storage.documents import Document, Version
from backend.storage.inventory import every, where_in
from backend.storage.outbox import OutboxRow

decode = msgspec.json.Decoder(AnyJob).decode


async def read_promises(db: AsyncSession, tally: Tally) -> None:
    """Every row of the outbox, done or not."""
    async for batch in every(db, OutboxRow):
        tally.counts["promises"] += len(batch)
        tells: list[tuple[OutboxRow, TellNewDocument]] = []
        draws: list[tuple[OutboxRow, DrawPages]] = []
        for row in batch:
            match _job(row):
                case TellNewDocument() as job:
                    tells.append((row, job))
                case DrawPages() as job:
                    draws.append((row, job))
                case None:
                    tally.add(Fault.PROMISE_BROKEN, row.id)
        await _check_tells(db, tells, tally)
        await _check_draws(db, draws, tally)


def _job(row: OutboxRow) -> AnyJob | None:
    try:
        job: AnyJob = decode(row.job)
    except msgspec.MsgspecError:
        return None
    return job


async def _check_tells(
    db: AsyncSession, tells: Sequence[tuple[OutboxRow, TellNewDocument]], tally: Tally
) -> None:
    documents = await where_in(db, Document, Document.id, {job.document_id for _, job in tells})
    record_of = {document.id: document.record_id for document in documents}
    histories = await history_of(db, documents)
    visible = {
        document_id: {version.id for version, _ in visible_versions(history)}
        for document_id, history in histories.items()
    }
    known = await _known(db, (job.version_id for _, job in tells))
    for row, job in tells:
        key = f"tell-new-document/{job.version_id}/{job.account_id}"
        version = known.get(job.version_id)
        sound = (
            row.dedupe_key == key
            and version is not None
            and version.document_id == job.document_id
            and version.record_id == record_of.get(job.document_id) == job.record_id
        )
        if not sound:
            tally.add(Fault.PROMISE_ASTRAY, row.id)
        elif job.version_id not in visible.get(job.document_id, ()):
            tally.add(Fault.PROMISE_UNTIMELY, row.id)


async def _check_draws(
    db: AsyncSession, draws: Sequence[tuple[OutboxRow, DrawPages]], tally: Tally
) -> None:
    known = await _known(db, (job.version_id for _, job in draws))
    for row, job in draws:
        version = known.get(job.version_id)
        named = row.dedupe_key == f"draw-pages/{job.version_id}"
        if version is None or version.pages_state == "none" or not named:
            tally.add(Fault.PROMISE_ASTRAY, row.id)


async def _known(db: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Version]:
    return {version.id: version for version in await where_in(db, Version, Version.id, set(ids))}
