"""What physicians outside the laboratory announced lately: its people read by whom."""

from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from backend.access import Action, authorise
from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.announcements import announced_outside, with_what_waits
from backend.domain.documents import Summary
from backend.services.professionals import named
from backend.storage.announcements import Announcement, outcome_of
from backend.storage.db import AsyncSession
from backend.storage.records import key_of, traits_of

LATELY, AT_MOST = timedelta(days=30), 10


class Outside(Struct, frozen=True):
    """One result, and who announced it."""

    id: UUID
    patient: str
    title: str
    on: date
    by: str
    """Who spoke to the patient, as it was written."""
    released_by: str
    at: datetime


async def announced_lately(
    db: AsyncSession, actor: Professional, at: Moment
) -> tuple[Outside, ...]:
    """The latest first."""
    authorise(db, actor, Action.LIST_ANNOUNCEMENTS, None)
    asked = announced_outside(actor, at.now - LATELY)
    query = with_what_waits(asked).order_by(Announcement.done_at.desc()).limit(AT_MOST)
    rows = (await db.execute(query)).all()
    names = await named(db, {wait.done_by for wait, *_ in rows if wait.done_by})
    found = []
    for wait, _document, version, record, identity in rows:
        key, who = key_of(db, record), traits_of(db, record, identity)
        made = outcome_of(key, wait)
        if made is None or wait.done_by is None or wait.done_at is None:
            continue
        summary = key.open_value(Summary, version.sealed_summary, version.id, "summary")
        patient = f"{who.first_given.title()} {who.birth_name.title()}"
        by = names[wait.done_by].name
        found.append(Outside(wait.id, patient, summary.title, made.on, made.by, by, wait.done_at))
    return tuple(found)
