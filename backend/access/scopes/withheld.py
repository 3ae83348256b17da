"""What is withheld from its patient, as the calendar meets it: never what anybody reads."""

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    and_,
    cast,
    exists,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute

from backend.access.scopes.professionals import LIVE
from backend.domain.announcements import STAGES, Call
from backend.domain.calendar import PARIS
from backend.domain.laboratory import Role
from backend.domain.notices import Event
from backend.storage.announcements import Announcement, AnnouncementCall
from backend.storage.documents import Document, DocumentStatus, Notice
from backend.storage.records import Record
from backend.storage.structures import Professional as Directory
from backend.storage.teams import Membership

WITHHELD = and_(
    Document.withheld, Document.status == DocumentStatus.CURRENT, Record.state.in_(LIVE)
)


def documents_to_show(withheld_by: date) -> Select[Document, Record]:
    """Those withheld since this day or before, held until the commit; with whose they are."""
    return (
        select(Document, Record)
        .join(Record, Record.id == Document.record_id)
        .where(WITHHELD, Document.withheld_on <= withheld_by)
        .order_by(Document.id)
        .with_for_update(of=Document)
    )


def waits_to_call_about(today: date) -> Select[Announcement, Document, bool]:
    """Those about which a call is due and was not made, locked; whether their owner is still here.

    The same rule as `domain.announcements.due_calls`, so that what is found is called about.
    """
    remind_on, since = Announcement.remind_on, Document.withheld_on
    due = [and_(remind_on <= today, ~_called(Call.REMINDER, remind_on))]
    ends: ColumnElement[bool] = false()
    for kind, days in STAGES:
        reached = since <= today - timedelta(days)
        at_it = remind_on > today if kind is Call.EVERYBODY else false()
        due.append(and_(reached, ~ends, ~func.coalesce(at_it, false()), ~_called(kind)))
        ends = reached
    return (
        select(Announcement, Document, _is_here())
        .join(Document, Document.id == Announcement.document_id)
        .join(Record, Record.id == Announcement.record_id)
        .where(WITHHELD, Announcement.done_at.is_(None), or_(*due))
        .order_by(Announcement.id)
        .with_for_update(of=Announcement, skip_locked=True)
    )


def _called(
    kind: Call, on: InstrumentedAttribute[date | None] | None = None
) -> ColumnElement[bool]:
    call = select(AnnouncementCall).where(
        AnnouncementCall.announcement_id == Announcement.id,
        AnnouncementCall.kind == kind,
        AnnouncementCall.due_on == on if on is not None else true(),
    )
    return call.correlate(Announcement).exists()


def _is_here() -> ColumnElement[bool]:
    seat = (
        select(Membership)
        .join(Directory, Directory.national_id == Membership.national_id)
        .where(
            Directory.id == Announcement.owner_id,
            Membership.structure_id == Announcement.structure_id,
            Membership.role == Role.BIOLOGIST,
            Membership.ended_at.is_(None),
        )
    )
    return seat.correlate(Announcement).exists()


def calls_made(waits: Collection[UUID]) -> Select[AnnouncementCall]:
    """The calls about these waits so far."""
    return select(AnnouncementCall).where(AnnouncementCall.announcement_id.in_(waits))


def records_to_tell(withheld_by: date, today: date) -> Select[Record]:
    """Records where one was withheld by this day and nobody was told of anything since.

    One mention speaks of all that came before it. Nobody may be told of what is hidden from the
    representatives of a minor.
    """
    told = exists().where(
        Notice.record_id == Document.record_id,
        Notice.kind == Event.UPDATED.value,
        cast(func.timezone(PARIS.key, Notice.at), Date) > Document.withheld_on,
    )
    somebody = or_(
        ~Document.hidden_from_guardians, Record.minor_until.is_(None), Record.minor_until <= today
    )
    silent = select(Document).where(
        Document.record_id == Record.id,
        WITHHELD,
        Document.withheld_on <= withheld_by,
        somebody,
        ~told,
    )
    return select(Record).where(silent.correlate(Record).exists()).order_by(Record.id)
