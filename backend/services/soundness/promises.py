"""Promises seen from the outbox: each is about something that exists and may be spoken of."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from uuid import UUID

import msgspec

from backend.domain.jobs import AnyJob, DrawPages, Tell
from backend.services.soundness.telling import history_of, visible_versions
from backend.services.soundness.verdict import Fault, Tally
from backend.storage.db import AsyncSession
from backend.storage.documents import Document, Notice, Version
from backend.storage.inventory import every, where_in
from backend.storage.outbox import OutboxRow

NOTHING = UUID(int=0)
decode = msgspec.json.Decoder(AnyJob).decode


async def read_promises(db: AsyncSession, tally: Tally) -> None:
    """Every row of the outbox, done or not."""
    async for batch in every(db, OutboxRow):
        tally.counts["promises"] += len(batch)
        tells: list[tuple[OutboxRow, Tell]] = []
        draws: list[tuple[OutboxRow, DrawPages]] = []
        for row in batch:
            match _job(row):
                case Tell() as job:
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
    db: AsyncSession, tells: Sequence[tuple[OutboxRow, Tell]], tally: Tally
) -> None:
    documents = await where_in(db, Document, Document.id, {job.document_id for _, job in tells})
    histories = await history_of(db, documents)
    visible = {
        document_id: {version.id for version, _ in visible_versions(history)}
        for document_id, history in histories.items()
    }
    subjects = {row.id: _subject(row, job) for row, job in tells}
    known = await _known(db, subjects.values())
    notices = await where_in(db, Notice, Notice.id, set(subjects.values()))
    record_of = {document.id: document.record_id for document in documents}
    about: dict[UUID, tuple[UUID | None, UUID | None]] = {
        notice.id: (notice.record_id, notice.document_id) for notice in notices
    }
    about |= {
        version.id: (record_of.get(version.document_id), version.document_id)
        for version in known.values()
    }
    for row, job in tells:
        subject, version_id = subjects[row.id], job.version_id
        if about.get(subject) != (job.record_id, job.document_id) or version_id not in {
            None,
            subject,
        }:
            tally.add(Fault.PROMISE_ASTRAY, row.id)
        elif version_id and version_id not in visible.get(job.document_id or NOTHING, ()):
            tally.add(Fault.PROMISE_UNTIMELY, row.id)


def _subject(row: OutboxRow, job: Tell) -> UUID:
    """The version or the notice that the key of a promise names; nothing that is, when neither."""
    kind, _, rest = row.dedupe_key.partition("/")
    subject, _, account = rest.partition("/")
    named = kind == "tell" and account == str(job.account_id)
    with suppress(ValueError):
        return UUID(subject) if named else NOTHING
    return NOTHING


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
