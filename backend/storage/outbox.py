"""Work promised in the transaction that needs it, done later by `jobs/worker.py`."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import Index, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.jobs import Job
from backend.storage.db import AsyncSession, Base, utcnow

CHANNEL = "reperes_outbox"


class OutboxState(StrEnum):
    """`cancelled`: the policy said no at the time of sending. `failed`: given up, visible."""

    DUE = "due"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class OutboxRow(Base):
    """One promise. `dedupe_key` makes the same promise once."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "due_at", postgresql_where=text("state = 'due'")),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    job: Mapped[bytes]
    state: Mapped[OutboxState] = mapped_column(default=OutboxState.DUE)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """When to try; while a worker holds it, the end of its lease."""
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(default="")
    """Class of the last error, never its text."""
    done_at: Mapped[datetime | None]


def promise(job: Job, *, key: str, due_at: datetime | None = None) -> OutboxRow:
    """The row that promises `job`, for whoever inserts many rows at once."""
    now = utcnow()
    return OutboxRow(
        id=uuid4(),
        dedupe_key=key,
        job=msgspec.json.encode(job),
        created_at=now,
        due_at=due_at or now,
    )


async def enqueue(db: AsyncSession, job: Job, *, key: str, due_at: datetime | None = None) -> None:
    """Promise `job`, once for this key. It exists if and only if the transaction commits."""
    row = promise(job, key=key, due_at=due_at)
    await db.execute(
        insert(OutboxRow)
        .values(
            id=row.id,
            dedupe_key=row.dedupe_key,
            job=row.job,
            state=OutboxState.DUE,
            created_at=row.created_at,
            due_at=row.due_at,
            attempts=0,
            error="",
        )
        .on_conflict_do_nothing(index_elements=[OutboxRow.dedupe_key])
    )


async def attempts_of(db: AsyncSession, key: str) -> int:
    """How many times what was promised under this key was tried."""
    query = select(OutboxRow.attempts).where(OutboxRow.dedupe_key == key)
    return await db.scalar(query) or 0


OUTBOX_WAKE_DDL = f"""
DO $do$
BEGIN
    CREATE OR REPLACE FUNCTION wake_workers() RETURNS trigger LANGUAGE plpgsql AS $wake$
    BEGIN
        NOTIFY {CHANNEL};
        RETURN NULL;
    END $wake$;

    CREATE OR REPLACE TRIGGER wake AFTER INSERT ON outbox
        FOR EACH STATEMENT EXECUTE FUNCTION wake_workers();
END $do$
"""
"""Whoever promises something wakes the workers, at the commit, without having to think of it."""
