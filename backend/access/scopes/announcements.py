"""Results that wait for their announcement, as those who announce them and the calendar meet them.

Like a dispatch, a wait names the patient: it is for the people of the laboratory that deposited.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, select

from backend.access.actors import Actor, Professional, Supposed
from backend.access.scopes.professionals import LIVE
from backend.storage.announcements import Announcement, AnnouncementCall
from backend.storage.care import CareLink
from backend.storage.documents import Document, DocumentStatus, Version
from backend.storage.records import Identity, Record
from backend.storage.structures import Professional as Directory
from backend.storage.teams import Membership

OPEN = Announcement.done_at.is_(None)
WAITS = and_(OPEN, Document.withheld, Document.status == DocumentStatus.CURRENT)


def announcements_for(actor: Actor) -> Select[Announcement]:
    """Those of the structure, of live records, that wait or that are done.

    Not for a professional whom the patient blocked.
    """
    return (
        select(Announcement)
        .join(Document, Document.id == Announcement.document_id)
        .where(Document.status == DocumentStatus.CURRENT, _follows(actor))
    )


def waiting_for(actor: Actor) -> Select[Announcement]:
    """Those that still wait."""
    return announcements_for(actor).where(WAITS)


def announced_outside(actor: Actor, since: datetime) -> Select[Announcement]:
    """Those that somebody released who has no role at the site, since then."""
    seats = select(Directory.id).join(Membership, Membership.national_id == Directory.national_id)
    ours = seats.where(Membership.structure_id == Announcement.structure_id)
    return announcements_for(actor).where(
        Announcement.done_at >= since,
        Announcement.done_by.is_not(None),
        Announcement.done_by.not_in(ours.correlate(Announcement)),
    )


def with_what_waits(
    of: Select[Announcement],
) -> Select[Announcement, Document, Version, Record, Identity]:
    """The same, each with the document as it stands and whose it is."""
    return (
        of.join(Version, Version.id == Document.version_id)
        .join(Record, Record.id == Document.record_id)
        .join(Identity, Identity.record_id == Record.id)
        .add_columns(Document, Version, Record, Identity)
    )


def calls_for(actor: Actor) -> Select[AnnouncementCall]:
    """Who was called about them."""
    of = announcements_for(actor).where(
        Announcement.id == AnnouncementCall.announcement_id,
        Announcement.record_id == AnnouncementCall.record_id,
    )
    return select(AnnouncementCall).where(of.correlate(AnnouncementCall).exists())


def open_of(document: Document) -> Select[Announcement]:
    """The wait of a document that the caller may change, locked."""
    return (
        select(Announcement)
        .where(
            Announcement.document_id == document.id,
            Announcement.record_id == document.record_id,
            OPEN,
        )
        .with_for_update()
    )


def colleagues_of(pro: Professional) -> Select[Membership, Directory]:
    """Who has a role at the site and came in once: something may be given to them."""
    return (
        select(Membership, Directory)
        .join(Directory, Directory.national_id == Membership.national_id)
        .where(
            Membership.structure_id == pro.structure_id if pro.structure_id else false(),
            Membership.ended_at.is_(None),
        )
        .order_by(Membership.family, Membership.given)
    )


def _follows(actor: Actor) -> ColumnElement[bool]:
    if isinstance(actor, Supposed) or not isinstance(actor, Professional):
        return false()
    if not isinstance(actor.structure_id, UUID):
        return false()
    live = select(Record).where(Record.id == Announcement.record_id, Record.state.in_(LIVE))
    blocked = select(CareLink).where(
        CareLink.record_id == Announcement.record_id,
        CareLink.professional_id == actor.id,
        CareLink.blocked,
    )
    return and_(
        Announcement.structure_id == actor.structure_id,
        live.correlate(Announcement).exists(),
        ~blocked.exists(),
    )
