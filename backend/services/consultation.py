"""What a professional does in a patient’s record: say why they may, come in, list, open.

Each visit is in the journal, the first one and every emergency are announced at once. What is
refused is returned, not raised, so that its line in the journal is kept: its person reads it.
"""

from datetime import date, timedelta
from uuid import UUID, uuid4

from msgspec import Struct
from sqlalchemy import Select
from sqlalchemy.dialects.postgresql import insert

from backend.access import Action, authorise, note, refuse
from backend.access.actors import Professional
from backend.access.scopes import Moment, documents_for, records_for
from backend.access.scopes.care import at_the_door, link_of, patients_by_ins, visits_of
from backend.access.scopes.professionals import declared
from backend.domain.documents import DocumentLine
from backend.domain.emergency import Purpose
from backend.domain.errors import NotFound, Refused
from backend.domain.notices import Event
from backend.domain.reports import Report
from backend.services.lines import line_of, shown_of
from backend.services.notices import announce
from backend.storage.care import CareLink, Consultation, EmergencyAccess
from backend.storage.db import AsyncSession, take_turns, vault_of
from backend.storage.documents import Document, Version, check_visibility
from backend.storage.records import Record, ins_index, key_of

SAME_VISIT = timedelta(hours=4)
CONSENT_AT_MOST = timedelta(days=3660)
BLOCKED, SHUT = "blocked", "shut"
"""Why somebody was not let in, for the journal."""
FRESH = {"populate_existing": True}


class Visit(Struct, frozen=True):
    """A professional is in a record."""

    record_id: UUID
    purpose: Purpose | None
    """In an emergency: the screen says so all along."""


class Opened(Struct, frozen=True):
    """One report before a professional’s eyes."""

    line: DocumentLine
    report: Report
    withheld: bool
    """« Attention, ce document n’est pas visible du patient »."""


async def find(db: AsyncSession, pro: Professional, oid: str, matricule: str) -> UUID | None:
    """The record of the qualified identity that a professional brings; None when none is open."""
    index = ins_index(vault_of(db), oid, matricule)
    record = await db.scalar(patients_by_ins(pro, index))
    return record.id if record else None


async def attest(
    db: AsyncSession, pro: Professional, at: Moment, record_id: UUID, *, until: date | None = None
) -> bool:
    """Record that the patient was told, in the care team; or agreed until a day, outside it.

    False when this person blocked or refused them: only they can undo that.
    """
    if until is not None and not at.today <= until <= at.today + CONSENT_AT_MOST:
        raise Refused("Choisissez le dernier jour de cet accord : aujourd’hui, ou plus tard.")
    await hold_at_the_door(db, pro, record_id)
    values = {"record_id": record_id, "professional_id": pro.id}
    await db.execute(insert(CareLink).values(values).on_conflict_do_nothing())
    locked = link_of(pro, record_id).with_for_update()
    link = (await db.scalars(locked, execution_options=FRESH)).one()
    if link.blocked or link.objected:
        refuse(db, pro, Action.ATTEST_CARE, record_id=record_id, reason=BLOCKED)
        return False
    authorise(db, pro, Action.ATTEST_CARE, link)
    link.in_team, link.informed = until is None, until is None
    link.consent_until, link.agreed_at = until, at.now
    return True


async def enter(db: AsyncSession, pro: Professional, at: Moment, record_id: UUID) -> Visit | None:
    """Come into a record; None for whoever the policy keeps out, which its person will read.

    NotFound when there is no such record, or it is not open.
    """
    if await db.scalar(records_for(pro, at).where(Record.id == record_id)) is None:
        if await db.scalar(at_the_door(pro).where(Record.id == record_id)) is None:
            raise NotFound
        link = await db.scalar(link_of(pro, record_id))
        shut = link is not None and (link.blocked or link.objected)
        refuse(db, pro, Action.CONSULT, record_id=record_id, reason=BLOCKED if shut else SHUT)
        return None
    emergency = declared(pro, at).where(EmergencyAccess.record_id == record_id)
    urgent = await db.scalar(emergency.order_by(EmergencyAccess.until.desc()).limit(1))
    purpose = urgent.purpose if urgent else None
    last = await db.scalar(visits_of(pro, record_id).limit(1))
    if last is None or not _goes_on(last, pro, at, purpose):
        await _begin(db, pro, at, record_id, purpose)
    return Visit(record_id, purpose)


async def _begin(
    db: AsyncSession, pro: Professional, at: Moment, record_id: UUID, purpose: Purpose | None
) -> None:
    """A visit, once: of two pages that a professional opens together, one waits for the other."""
    await take_turns(db, f"consultation/{record_id}/{pro.id}")
    last = await db.scalar(visits_of(pro, record_id).limit(1))
    if last is not None and _goes_on(last, pro, at, purpose):
        return
    assert pro.structure_id is not None  # the scope shows nothing without an activity
    visit = Consultation(
        id=uuid4(),
        record_id=record_id,
        professional_id=pro.id,
        structure_id=pro.structure_id,
        began_at=at.now,
        purpose=purpose,
    )
    authorise(db, pro, Action.CONSULT, visit, reason=purpose or "")
    db.add(visit)
    await db.flush()
    if last is None and purpose is None:  # an emergency was announced when it was declared
        event = Event.FIRST_ACCESS
        await announce(db, record_id=record_id, event=event, at=at.now, professional_id=pro.id)


async def list_documents(
    db: AsyncSession, pro: Professional, at: Moment, record_id: UUID
) -> list[DocumentLine] | None:
    """What the policy shows them, the latest first; None when they may not come in."""
    if await enter(db, pro, at, record_id) is None:
        return None
    note(db, pro, Action.LIST_DOCUMENTS, record_id)
    query = _with_versions(pro, at, record_id).order_by(Document.dated_on.desc(), Document.id)
    return [_line(db, *row) for row in await db.execute(query)]


async def open_report(
    db: AsyncSession, pro: Professional, at: Moment, record_id: UUID, document_id: UUID
) -> Opened | None:
    """One report; None when they may not come in, NotFound when it does not exist for them."""
    visit = await enter(db, pro, at, record_id)
    if visit is None:
        return None
    query = _with_versions(pro, at, record_id).where(Document.id == document_id)
    found = (await db.execute(query)).one_or_none()
    if found is None:
        raise NotFound
    document, version, record = found
    authorise(db, pro, Action.OPEN_DOCUMENT, document, reason=visit.purpose or "")
    report = key_of(db, record).open_value(Report, version.sealed_report, version.id, "report")
    return Opened(_line(db, *found), report, document.withheld)


def _with_versions(
    pro: Professional, at: Moment, record_id: UUID
) -> Select[Document, Version, Record]:
    return (
        documents_for(pro, at)
        .where(Document.record_id == record_id)
        .join(Version, Version.id == Document.version_id)
        .join(Record, Record.id == Document.record_id)
        .add_columns(Version, Record)
    )


def _line(db: AsyncSession, document: Document, version: Version, record: Record) -> DocumentLine:
    check_visibility(vault_of(db), document)
    return line_of(document, shown_of(key_of(db, record), version))


async def hold_at_the_door(db: AsyncSession, pro: Professional, record_id: UUID) -> Record:
    """The record, held: what its person decides about professionals comes before or after."""
    door = at_the_door(pro).where(Record.id == record_id)
    held = door.with_for_update(of=Record, key_share=True)
    record = await db.scalar(held, execution_options=FRESH)
    if record is None:
        raise NotFound
    return record


def _goes_on(last: Consultation, pro: Professional, at: Moment, purpose: Purpose | None) -> bool:
    return (
        last.structure_id == pro.structure_id
        and last.purpose == purpose
        and last.began_at <= at.now < last.began_at + SAME_VISIT
    )
