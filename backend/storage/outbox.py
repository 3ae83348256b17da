"""Work promised in the transaction that needs it, done later by `jobs/worker.py`."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import Index, text
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


async def enqueue(db: AsyncSession, job: Job, *, key: str, due_at: datetime | None = None) -> None:
    """Promise `job`, once for this key. It exists if and only if the transaction commits."""
    now = utcnow()
    await db.execute(
        insert(OutboxRow)
        .values(
            id=uuid4(),
            dedupe_key=key,
            job=msgspec.json.encode(job),
            state=OutboxState.DUE,
            created_at=now,
            due_at=due_at or now,
            attempts=0,
            error="",
        )
        .on_conflict_do_nothing(index_elements=[OutboxRow.dedupe_key])
    )
    await db.execute(text(f"NOTIFY {CHANNEL}"))  # delivered at the commit: wakes a worker
