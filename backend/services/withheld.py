"""What the law does with a result that nobody announced: a mention, then its release (R.1111-53).

The scopes show it from the first minute of its day; what is done here makes that lasting: flags,
their history and the journal say it, and its people are told as of a new document.
"""

from backend.access import Action, authorise
from backend.access.actors import Robot
from backend.access.scopes.withheld import documents_to_show, records_to_tell
from backend.domain.calendar import civil_day
from backend.domain.notices import Event
from backend.domain.withholding import mentioned_since, shows_since
from backend.services import announcements
from backend.services.notices import announce
from backend.storage.db import AsyncSession, utcnow

CALENDAR = Robot("calendar")
AT_ONCE = 100


async def release(db: AsyncSession) -> int:
    """Show what has been withheld for a month; how many."""
    now = utcnow()
    query = documents_to_show(shows_since(civil_day(now))).limit(AT_ONCE)
    due = (await db.execute(query, execution_options={"populate_existing": True})).all()
    for document, record in due:
        authorise(db, CALENDAR, Action.RELEASE_DOCUMENT, document)
        await announcements.show(db, CALENDAR, document, record, now)
    return len(due)


async def mention(db: AsyncSession) -> int:
    """Tell that something came, once for all that waits; of how many records.

    Nothing says what, when or how much: the notice names no document.
    """
    now = utcnow()
    query = records_to_tell(mentioned_since(now), civil_day(now)).limit(AT_ONCE)
    due = (await db.scalars(query)).all()
    for record in due:
        authorise(db, CALENDAR, Action.MENTION_UPDATE, record)
        await announce(db, record_id=record.id, event=Event.UPDATED, at=now)
    return len(due)
