"""« À savoir »: what happened in the record on the screen, as this account still has to know it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.dialects.postgresql import insert

from backend.access import Action, authorise, may
from backend.access.actors import Patient
from backend.access.scopes import Moment, notices_for
from backend.domain.errors import NotFound
from backend.domain.notices import TITLES, Event
from backend.services.professionals import name_of
from backend.storage.browsers import NoticeMark
from backend.storage.db import AsyncSession
from backend.storage.documents import Notice, Opening, Version
from backend.storage.structures import Professional

SHOWN = 50


class Told(Struct, frozen=True):
    """One in-app notice."""

    event: Event
    at: datetime
    document_id: UUID | None
    id: UUID = UUID(int=0)
    who: str = ""
    """The professional, for an access."""
    unread: bool = True

    @property
    def title(self) -> str:
        """In words."""
        return TITLES[self.event].format(who=self.who or "Un professionnel")


async def board(
    db: AsyncSession,
    actor: Patient,
    at: Moment,
    *,
    most: int = SHOWN,
    waiting: bool = False,
    only: UUID | None = None,
) -> Sequence[Told]:
    """The latest first; put away by this account, it is no longer there.

    `waiting`: only what has not been read, but new documents, which have a card of their own;
    `only`: that one.
    """
    read = _read(actor)
    query = (
        notices_for(actor, at)
        .add_columns(read.label("read"), Professional)
        .outerjoin(Professional, Professional.id == Notice.professional_id)
        .outerjoin(NoticeMark, _mine(actor))
        .where(or_(NoticeMark.put_away.is_(None), ~NoticeMark.put_away))
        .order_by(Notice.at.desc(), Notice.id)
        .limit(most)
    )
    if only:
        query = query.where(Notice.id == only)
    if waiting:
        query = query.where(~read, Notice.kind != Event.NEW.value)
    return [
        Told(
            Event(notice.kind),
            notice.at,
            notice.document_id,
            notice.id,
            name_of(who) if who else "",
            unread=not was_read,
        )
        for notice, was_read, who in await db.execute(query)
    ]


def may_mark(actor: Patient) -> bool:
    """An aidant only looks."""
    return may(actor, Action.MARK_NOTICE, Notice(record_id=actor.record_id))


async def mark(
    db: AsyncSession, actor: Patient, at: Moment, notice_id: UUID, *, put_away: bool
) -> None:
    """Read, or put away, for this account only. NotFound when it is not theirs to know."""
    notice = await db.scalar(notices_for(actor, at).where(Notice.id == notice_id))
    if notice is None:
        raise NotFound
    authorise(db, actor, Action.MARK_NOTICE, notice)
    await _note(db, actor, at, notice, put_away=put_away)


async def mark_all(db: AsyncSession, actor: Patient, at: Moment) -> None:
    """All that is on the page is read."""
    shown = [told.id for told in await board(db, actor, at) if told.unread]
    for notice in await db.scalars(notices_for(actor, at).where(Notice.id.in_(shown))):
        authorise(db, actor, Action.MARK_NOTICE, notice)
        await _note(db, actor, at, notice, put_away=False)


async def _note(
    db: AsyncSession, actor: Patient, at: Moment, notice: Notice, *, put_away: bool
) -> None:
    new = {"account_id": actor.id, "notice_id": notice.id, "read_at": at.now, "put_away": put_away}
    row, known = insert(NoticeMark).values(new), [NoticeMark.account_id, NoticeMark.notice_id]
    await db.execute(
        row.on_conflict_do_update(index_elements=known, set_={"put_away": True})
        if put_away
        else row.on_conflict_do_nothing(index_elements=known)
    )


def _mine(actor: Patient) -> ColumnElement[bool]:
    return and_(NoticeMark.notice_id == Notice.id, NoticeMark.account_id == actor.id)


def _read(actor: Patient) -> ColumnElement[bool]:
    """Marked by this account; or its document was opened by it since."""
    opened = (
        select(Opening.at)
        .join(Version, Version.id == Opening.version_id)
        .where(
            Version.document_id == Notice.document_id,
            Version.record_id == Notice.record_id,
            Opening.account_id == actor.id,
            Opening.at >= Notice.at,
        )
    )
    return or_(NoticeMark.read_at.is_not(None), opened.correlate(Notice).exists())
