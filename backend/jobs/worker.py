"""Does what the outbox promised: at least once, by lease, with patience, and visibly when it fails.

A worker claims one due row by pushing its due date (the lease and the back-off in one), runs the
handler in a second transaction and marks the row in that same transaction. Killed in between, the
lease runs out and another worker does it again: handlers carry the row's key outside.

Mails by MSSanté have a lane of their own: an operator that does not answer holds nothing else.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.domain.errors import Refused
from backend.domain.jobs import AnyJob, Job
from backend.storage.db import SKEW, AsyncSession, Sessions, utcnow
from backend.storage.listening import listen
from backend.storage.outbox import CHANNEL, OutboxRow, OutboxState

Handler = Callable[[AsyncSession, Job, str], Awaitable[None]]
"""(session, job, dedupe key). Refused means give up; any other error means try again."""

LEASE = timedelta(seconds=60)
FIRST_RETRY = timedelta(seconds=10)
LAST_RETRY = timedelta(minutes=5)
HORIZON = timedelta(hours=48)
IDLE = 5.0
SLOW = "dispatch/"
"""What begins the key of a job that waits for an operator of MSSanté."""
STOP_SECONDS = 15
"""How long a stopping worker finishes what it began; the rest is given back."""
INTERRUPTED = "Interrupted"
DEATHS = 5
FATAL = frozenset({f"{INTERRUPTED}{DEATHS + 1}"})

log = structlog.get_logger()
decode = msgspec.json.Decoder(AnyJob).decode


class Cancelled(Exception):
    """The policy, asked again at the time of sending, says no."""


class Later(Exception):
    """Not now: the person asked for quiet hours."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at


async def work(
    sessions: Sessions,
    engine: AsyncEngine,
    handlers: Mapping[type[Job], Handler],
    stop: asyncio.Event,
    lanes: int = 3,
) -> None:
    """Do promised work until `stop`: what is begun is finished, or given back.

    `lanes` jobs at a time, and one slow one besides. A job that is given back is due at once, for
    the next worker; nothing waits for its lease.
    """
    wakes = asyncio.Event(), asyncio.Event()  # one clears its own only: the other would sleep on
    listening = asyncio.create_task(
        listen(engine, CHANNEL, lambda _: _wake(wakes), lambda: _wake(wakes))
    )
    try:
        async with asyncio.TaskGroup() as group:
            working = [
                group.create_task(_lane(sessions, handlers, wakes[slow], stop, slow=slow))
                for slow in (*[False] * lanes, True)
            ]
            await stop.wait()
            _wake(wakes)
            _, late = await asyncio.wait(working, timeout=STOP_SECONDS)
            for lane in late:
                lane.cancel()
    finally:
        listening.cancel()
        await asyncio.wait({listening})


async def do_one(
    sessions: Sessions, handlers: Mapping[type[Job], Handler], *, slow: bool | None = None
) -> bool:
    """Take one due job, slow, not slow or any, and do it. False when there is nothing to do."""
    claimed = await _claim(sessions, slow=slow)
    if claimed is None:
        return False
    row_id, key, body = claimed
    if not body:
        return True
    try:
        job = decode(body)
        async with sessions.begin() as db:
            await handlers[type(job)](db, job, key)
            await _mark(db, row_id, OutboxState.DONE)
    except asyncio.CancelledError:
        await _give_back(sessions, row_id)
        raise
    except Cancelled:
        await _close(sessions, row_id, OutboxState.CANCELLED, "Cancelled")
    except Later as later:
        await _postpone(sessions, row_id, later.at)
    except Refused as refusal:
        await _close(sessions, row_id, OutboxState.FAILED, type(refusal).__name__)
    except Exception as error:  # noqa: BLE001 - whatever it is, the promise is kept for later
        await _put_back(sessions, row_id, type(error).__name__)
    return True


async def _claim(sessions: Sessions, *, slow: bool | None) -> tuple[UUID, str, bytes] | None:
    now, is_slow = utcnow(), OutboxRow.dedupe_key.startswith(SLOW)
    async with sessions.begin() as db:
        row = await db.scalar(
            select(OutboxRow)
            .where(
                OutboxRow.state == OutboxState.DUE,
                or_(OutboxRow.due_at <= now, OutboxRow.created_at > now + SKEW),
                *([] if slow is None else [is_slow if slow else ~is_slow]),
            )
            .order_by(OutboxRow.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is None:
            return None
        row.attempts += 1
        row.due_at = now + LEASE
        row.error = _interrupted(row.error)
        if row.error in FATAL:  # whoever takes it dies of it
            row.state, row.done_at = OutboxState.FAILED, now
            log.error("job_fatal", job=row.dedupe_key.split("/")[0], tries=row.attempts)
            return row.id, row.dedupe_key, b""
        return row.id, row.dedupe_key, row.job


def _interrupted(error: str) -> str:
    """What stays in the row when nobody comes back from the job: how many times in a row."""
    times = int(error.removeprefix(INTERRUPTED)) if error.startswith(INTERRUPTED) else 0
    return f"{INTERRUPTED}{times + 1}"


async def _give_back(sessions: Sessions, row_id: UUID) -> None:
    """This worker is stopped, which is nobody's fault."""
    with suppress(Exception):  # the lease is for that
        async with sessions.begin() as db:
            row = await db.get_one(OutboxRow, row_id, with_for_update=True)
            if row.state is OutboxState.DUE:
                row.due_at, row.error = utcnow(), "Stopped"


async def _postpone(sessions: Sessions, row_id: UUID, at: datetime) -> None:
    async with sessions.begin() as db:
        row = await db.get_one(OutboxRow, row_id, with_for_update=True)
        row.due_at, row.error, row.attempts = at, "Later", 0


async def _put_back(sessions: Sessions, row_id: UUID, error: str) -> None:
    """Try later, twice as late each time; after two days, give up visibly."""
    async with sessions.begin() as db:
        row = await db.get_one(OutboxRow, row_id, with_for_update=True)
        row.error = error
        delay = min(FIRST_RETRY * 2 ** min(row.attempts - 1, 16), LAST_RETRY)
        row.due_at = utcnow() + delay * random.uniform(0.8, 1.2)  # noqa: S311 - jitter
        if utcnow() - row.created_at > HORIZON:
            row.state = OutboxState.FAILED
        log.warning("job_failed", job=row.dedupe_key.split("/")[0], error=error, tries=row.attempts)


async def _close(sessions: Sessions, row_id: UUID, state: OutboxState, error: str) -> None:
    async with sessions.begin() as db:
        await _mark(db, row_id, state, error)


async def _mark(db: AsyncSession, row_id: UUID, state: OutboxState, error: str = "") -> None:
    row = await db.get(OutboxRow, row_id)
    if row is not None:  # else taken back meanwhile, with what it was about
        row.state, row.error, row.done_at = state, error, utcnow()


async def _lane(
    sessions: Sessions,
    handlers: Mapping[type[Job], Handler],
    wake: asyncio.Event,
    stop: asyncio.Event,
    *,
    slow: bool,
) -> None:
    """One job after another. It looks at `stop` itself: libraries may swallow a cancellation."""
    while not stop.is_set():
        wake.clear()  # before looking: what is promised meanwhile wakes somebody
        try:
            if await do_one(sessions, handlers, slow=slow):
                continue
        except Exception as error:  # noqa: BLE001 - the database itself: wait, then go on
            log.warning("worker_stumbled", error=type(error).__name__)
        if stop.is_set():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(IDLE):
                await wake.wait()


def _wake(sleepers: Iterable[asyncio.Event]) -> None:
    for one in sleepers:
        one.set()
