"""The people of a laboratory are called about what waits: each time once, each for one reason.

They have no mailbox here that may carry it: a call is a line on their pages, until it is acted on.
"""

from collections import defaultdict
from datetime import date
from uuid import UUID

from backend.access import Action, authorise
from backend.access.actors import Robot
from backend.access.scopes.withheld import calls_made, waits_to_call_about
from backend.domain.announcements import Call, due_calls
from backend.domain.calendar import civil_day
from backend.storage.announcements import Announcement, AnnouncementCall
from backend.storage.bulk import insert_all
from backend.storage.db import AsyncSession, utcnow

CALENDAR = Robot("calendar")
AT_ONCE = 100


async def call(db: AsyncSession) -> int:
    """Make the calls that are due today; how many."""
    now = utcnow()
    today = civil_day(now)
    waits = (await db.execute(waits_to_call_about(today).limit(AT_ONCE))).all()
    made = await _made(db, [wait.id for wait, *_ in waits])
    rows = []
    for wait, document, is_here in waits:
        since, whom = document.withheld_on or today, wait.owner_id if is_here else None
        for kind, on in due_calls(since, wait.remind_on, today, made[wait.id]):
            authorise(db, CALENDAR, Action.CALL_ABOUT_IT, wait)
            rows.append(_row(wait, kind, on, whom))
    await insert_all(db, rows)
    return len(rows)


def _row(wait: Announcement, kind: Call, on: date, whom: UUID | None) -> AnnouncementCall:
    """To its owner while they work there, else to every biologist."""
    return AnnouncementCall(
        record_id=wait.record_id,
        announcement_id=wait.id,
        kind=kind,
        due_on=on,
        owner_id=None if kind is Call.EVERYBODY else whom,
        at=utcnow(),
    )


async def _made(db: AsyncSession, waits: list[UUID]) -> dict[UUID, list[tuple[Call, date]]]:
    found: dict[UUID, list[tuple[Call, date]]] = defaultdict(list)
    for one in await db.scalars(calls_made(waits)):
        found[one.announcement_id].append((one.kind, one.due_on))
    return found
