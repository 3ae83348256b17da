"""What a professional does in a patient’s record: say why they may, come in, list, open.

Each visit is in the journal, the first one and every emergency are announced at once. Who is kept
out is told so by one sentence, whatever the reason, and its person reads that somebody tried.
"""

from datetime import date, timedelta
from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import insert

from backend.access import Action, Denied, authorise, may, refuse
from backend.access.actors import Professional
from backend.access.scopes import Moment, records_for
from backend.access.scopes.care import (
    at_the_door,
    last_opening,
    link_of,
    patients_by_ins,
    visits_of,
)
from backend.access.scopes.professionals import declared
from backend.domain.documents import DocumentLine, Filters
from backend.domain.emergency import Purpose
from backend.domain.errors import NotFound, Problem, Refused
from backend.domain.notices import Event
from backend.gateways.files import Files
from backend.services import documents, listing, pace
from backend.services.documents import Opened, PageImage, Visit
from backend.services.keeping_out import kept_out_of
from backend.services.listing import Place
from backend.services.notices import announce
from backend.storage.care import CareLink, Consultation, EmergencyAccess
from backend.storage.db import AsyncSession, take_turns, vault_of
from backend.storage.records import Record, ins_index

SAME_VISIT = timedelta(hours=4)
CONSENT_AT_MOST = timedelta(days=3660)
BLOCKED, SHUT = "blocked", "shut"
"""Why somebody was not let in, for the journal."""
FRESH = {"populate_existing": True}


class AskFirst(Problem):
    """No visit goes on: the page before opening is shown again."""

    def __init__(self, record_id: UUID) -> None:
        super().__init__()
        self.record_id = record_id


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
    if why := await why_kept_out(db, pro, at, record_id):
        refuse(db, pro, Action.CONSULT, record_id=record_id, reason=why)
        return None
    visit = Visit(record_id, await _purpose(db, pro, at, record_id))
    if not await _goes_on(db, pro, at, visit):
        await _begin(db, pro, at, visit)
    return visit


async def present(db: AsyncSession, pro: Professional, at: Moment, record_id: UUID) -> Visit:
    """The visit that goes on, for whoever asks something of a record.

    KeptOut once its person does not let them in, AskFirst when they did not come in lately, Denied
    once their role opens no record any more.
    """
    if not may(pro, Action.FIND_RECORD, None):
        raise Denied(Action.CONSULT, record_id, None)
    why = await why_kept_out(db, pro, at, record_id)
    if why == BLOCKED:
        raise await kept_out_of(db, pro, record_id, why)
    visit = Visit(record_id, await _purpose(db, pro, at, record_id))
    if why or not await _goes_on(db, pro, at, visit):
        raise AskFirst(record_id)
    return visit


async def why_kept_out(db: AsyncSession, pro: Professional, at: Moment, record_id: UUID) -> str:
    """Why they may not come in, and nothing when they may."""
    if await db.scalar(records_for(pro, at).where(Record.id == record_id)) is not None:
        return ""
    if await db.scalar(at_the_door(pro).where(Record.id == record_id)) is None:
        raise NotFound
    link = await db.scalar(link_of(pro, record_id))
    return BLOCKED if link is not None and (link.blocked or link.objected) else SHUT


async def _purpose(
    db: AsyncSession, pro: Professional, at: Moment, record_id: UUID
) -> Purpose | None:
    emergency = declared(pro, at).where(EmergencyAccess.record_id == record_id)
    urgent = await db.scalar(emergency.order_by(EmergencyAccess.until.desc()).limit(1))
    return urgent.purpose if urgent else None


async def _begin(db: AsyncSession, pro: Professional, at: Moment, visit: Visit) -> None:
    """A visit, once: of two pages that a professional opens together, one waits for the other."""
    record_id, purpose = visit.record_id, visit.purpose
    await take_turns(db, f"consultation/{record_id}/{pro.id}")
    if await _goes_on(db, pro, at, visit):
        return
    await pace.check(db, pro, at, visit)
    assert pro.structure_id is not None  # the scope shows nothing without an activity
    came = Consultation(
        id=uuid4(),
        record_id=record_id,
        professional_id=pro.id,
        structure_id=pro.structure_id,
        began_at=at.now,
        purpose=purpose,
    )
    calm = visits_of(pro, record_id).where(Consultation.purpose.is_(None))
    first = purpose is None and await db.scalar(calm.limit(1)) is None
    authorise(db, pro, Action.CONSULT, came, reason=purpose or "")
    db.add(came)
    await db.flush()
    if first:  # an emergency was announced when it was declared, and is not the first access
        event = Event.FIRST_ACCESS
        await announce(db, record_id=record_id, event=event, at=at.now, professional_id=pro.id)


async def list_documents(
    db: AsyncSession, pro: Professional, at: Moment, record_id: UUID
) -> list[DocumentLine] | None:
    """The latest that the policy shows them; None when they may not come in."""
    visit = await enter(db, pro, at, record_id)
    return (await look_through(db, pro, at, visit, Filters()))[0] if visit else None


async def look_through(
    db: AsyncSession,
    pro: Professional,
    at: Moment,
    visit: Visit,
    filters: Filters,
    *,
    after: Place | None = None,
) -> tuple[list[DocumentLine], Place | None]:
    """What the policy shows them, the latest first, a page at a time."""
    of, why = visit.record_id, visit.purpose or ""
    return await listing.list_documents(db, pro, at, filters, after=after, record_id=of, reason=why)


async def open_report(
    db: AsyncSession, pro: Professional, at: Moment, record_id: UUID, document_id: UUID
) -> Opened | None:
    """One report; None when they may not come in, NotFound when it does not exist for them."""
    visit = await enter(db, pro, at, record_id)
    if visit is None:
        return None
    return await documents.open_report(db, pro, at, document_id, visit=visit)


async def open_pages(
    db: AsyncSession, pro: Professional, at: Moment, visit: Visit, document_id: UUID
) -> tuple[DocumentLine, str, list[PageImage]]:
    """The pages of the original."""
    return await documents.open_pages(db, pro, at, document_id, visit=visit)


async def take_file(
    db: AsyncSession,
    pro: Professional,
    at: Moment,
    visit: Visit,
    document_id: UUID,
    *,
    files: Files,
    part: str,
    number: int = 1,
) -> tuple[str, bytes, DocumentLine]:
    """One file of a report; its person reads that it was opened, though its page was not."""
    last = await db.scalar(last_opening(pro, document_id, visit.record_id))
    found = await documents.take_file(
        db, pro, at, files, document_id, part=part, number=number, visit=visit
    )
    if part != "pdf" and (last is None or last < at.now - SAME_VISIT):
        await documents.note_opening(db, pro, at, document_id, visit)
    return found


async def hold_at_the_door(db: AsyncSession, pro: Professional, record_id: UUID) -> Record:
    """The record, held: what its person decides about professionals comes before or after."""
    door = at_the_door(pro).where(Record.id == record_id)
    held = door.with_for_update(of=Record, key_share=True)
    record = await db.scalar(held, execution_options=FRESH)
    if record is None:
        raise NotFound
    return record


async def _goes_on(db: AsyncSession, pro: Professional, at: Moment, visit: Visit) -> bool:
    """Their last visit was lately, from the same place and for the same purpose.

    Who signs in again says again why.
    """
    last = await db.scalar(visits_of(pro, visit.record_id).limit(1))
    return (
        last is not None
        and (pro.came_at is None or last.began_at >= pro.came_at)
        and last.structure_id == pro.structure_id
        and last.purpose == visit.purpose
        and last.began_at <= at.now < last.began_at + SAME_VISIT
    )
