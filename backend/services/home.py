"""The home page: what is new since last time."""

from datetime import datetime

from msgspec import Struct

from backend.access.actors import Patient
from backend.access.scopes import Moment
from backend.domain.documents import DocumentLine
from backend.services import listing, measures, medical_profile
from backend.services.analyses import Known, list_pinned
from backend.services.board import Told, board
from backend.storage.accounts import BrowserSession
from backend.storage.db import AsyncSession

NOTICES = 3


class Home(Struct, frozen=True):
    """What the home page shows."""

    fresh: tuple[DocumentLine, ...]
    latest: DocumentLine | None
    last_login: datetime | None
    notices: tuple[Told, ...]
    pinned: tuple[Known, ...]
    medical: medical_profile.Fact
    last_measure: datetime | None


async def look_in(db: AsyncSession, actor: Patient, at: Moment) -> Home:
    """Unread documents, the latest one, notices that are not about them, the last login."""
    fresh = await listing.list_unread(db, actor, at)
    lines, _more = await listing.list_documents(db, actor, at)
    session = await db.get(BrowserSession, actor.session_id)
    return Home(
        fresh=tuple(fresh),
        latest=lines[0] if lines else None,
        last_login=session.previous_login_at if session else None,
        pinned=tuple(await list_pinned(db, actor, at)),
        medical=await medical_profile.fact(db, actor, at),
        last_measure=await measures.last_day(db, actor, at),
        notices=tuple(await board(db, actor, at, most=NOTICES, waiting=True)),
    )
