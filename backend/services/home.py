"""The home page: what is new since last time."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend.access.actors import Patient
from backend.access.scopes import Moment, notices_for
from backend.domain.documents import DocumentLine
from backend.domain.notices import TITLES, Event
from backend.services import listing
from backend.services.analyses import Known, list_pinned
from backend.storage.accounts import BrowserSession
from backend.storage.db import AsyncSession
from backend.storage.documents import Notice

NOTICES = 3


class Told(Struct, frozen=True):
    """One in-app notice."""

    event: Event
    at: datetime
    document_id: UUID | None

    @property
    def title(self) -> str:
        """In words."""
        return TITLES[self.event]


class Home(Struct, frozen=True):
    """What the home page shows."""

    fresh: tuple[DocumentLine, ...]
    latest: DocumentLine | None
    last_login: datetime | None
    notices: tuple[Told, ...]
    pinned: tuple[Known, ...]


async def look_in(db: AsyncSession, actor: Patient, at: Moment) -> Home:
    """Unread documents, the latest one, notices that are not about them, the last login."""
    fresh = await listing.list_unread(db, actor, at)
    lines, _more = await listing.list_documents(db, actor, at)
    session = await db.get(BrowserSession, actor.session_id)
    rows = await db.scalars(
        notices_for(actor, at)
        .where(Notice.kind != Event.NEW.value)
        .order_by(Notice.at.desc())
        .limit(NOTICES)
    )
    return Home(
        fresh=tuple(fresh),
        latest=lines[0] if lines else None,
        last_login=session.previous_login_at if session else None,
        pinned=tuple(await list_pinned(db, actor, at)),
        notices=tuple(Told(Event(row.kind), row.at, row.document_id) for row in rows),
    )
