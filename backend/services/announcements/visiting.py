"""A physician who visits a record announces a result there: who prescribed it, who treats."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row

from backend.access import Action, may
from backend.access.actors import Professional
from backend.access.announcers import as_announcer
from backend.access.scopes import Moment, documents_for
from backend.access.scopes.announcements import open_of
from backend.access.scopes.care import link_of, practitioners
from backend.domain.announcements import Announced
from backend.domain.documents import Summary
from backend.domain.errors import NotFound
from backend.domain.reports import Report
from backend.services import pro_sign_in
from backend.services.announcements.releasing import release_held
from backend.services.announcements.waiting import FRESH
from backend.services.documents import Visit
from backend.services.professionals import name_of
from backend.storage.db import AsyncSession, vault_of
from backend.storage.documents import Document, Version, check_visibility
from backend.storage.records import Record, key_of

Found = Row[Document, Version, Record]


class ToAnnounce(Struct, frozen=True):
    """One result, for the physician who is about to say that it was announced."""

    summary: Summary
    has_copy: bool
    for_guardians: bool
    kept_from_guardians: bool
    by: str
    """The physician’s own name."""


async def announces(
    db: AsyncSession, actor: Professional, at: Moment, visit: Visit, document_id: UUID
) -> bool:
    """Whether it waits for them too: they prescribed it, treat its person, or deposited it."""
    found = await _find(db, actor, at, visit, document_id)
    return found[0].withheld and await _may(db, actor, at, visit, found)


async def to_announce(
    db: AsyncSession, actor: Professional, at: Moment, visit: Visit, document_id: UUID
) -> ToAnnounce:
    """What its page says before; NotFound when it is not theirs to announce, or shows already."""
    found = await _find(db, actor, at, visit, document_id)
    document, version, record = found
    wait = await db.scalar(open_of(document))
    if not document.withheld or wait is None or not await _may(db, actor, at, visit, found):
        raise NotFound
    (me,) = await db.scalars(practitioners([actor.id]))
    return ToAnnounce(
        summary=key_of(db, record).open_value(
            Summary, version.sealed_summary, version.id, "summary"
        ),
        has_copy=wait.sealed_held is not None,
        for_guardians=record.minor_until is not None,
        kept_from_guardians=document.hidden_from_guardians,
        by=name_of(me),
    )


async def release_in_visit(
    db: AsyncSession,
    actor: Professional,
    at: Moment,
    visit: Visit,
    document_id: UUID,
    *,
    made: Announced,
) -> None:
    """« Annonce faite »: it shows from now on. Refused when somebody was first, Denied to others.

    A block waits for this, or this for the block: what they may is read from the locked decision.
    """
    now = await pro_sign_in.present(db, actor)
    found = await _find(db, now, at, visit, document_id, hold=True)
    document, _version, record = found
    announcer = await _as(db, now, at, visit, found, hold=True)
    await release_held(db, announcer, at, (document, record), made)


async def _may(
    db: AsyncSession, actor: Professional, at: Moment, visit: Visit, found: Found
) -> bool:
    return may(await _as(db, actor, at, visit, found), Action.RELEASE_DOCUMENT, found[0])


async def _as(
    db: AsyncSession,
    actor: Professional,
    at: Moment,
    visit: Visit,
    found: Found,
    *,
    hold: bool = False,
) -> Professional:
    """Them, with what the report says of them, and what its person decided, held until the end."""
    document, version, record = found
    query = link_of(actor, record.id)
    asked = query.with_for_update() if hold else query
    link = await db.scalar(asked, execution_options=FRESH)
    (me,) = await db.scalars(practitioners([actor.id]))
    report = key_of(db, record).open_value(Report, version.sealed_report, version.id, "report")
    return as_announcer(
        actor,
        document.id,
        link,
        at,
        prescribed=report.header.prescriber.national_id == me.national_id,
        urgent=visit.purpose is not None,
    )


async def _find(
    db: AsyncSession,
    actor: Professional,
    at: Moment,
    visit: Visit,
    document_id: UUID,
    *,
    hold: bool = False,
) -> Found:
    """A document that they may read in this record, or NotFound."""
    these = documents_for(actor, at).where(
        Document.id == document_id, Document.record_id == visit.record_id
    )
    query = (
        these.join(Version, Version.id == Document.version_id)
        .join(Record, Record.id == Document.record_id)
        .add_columns(Version, Record)
    )
    asked = query.with_for_update(of=Document) if hold else query
    found = (await db.execute(asked, execution_options=FRESH)).first()
    if found is None:
        raise NotFound
    check_visibility(vault_of(db), found[0])
    return found
