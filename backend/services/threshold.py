"""Before a record is opened: whose it is, why one may, and that its person will know."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from backend.access import Action, Denied, authorise, may, note
from backend.access.actors import Professional
from backend.access.scopes import Moment, records_for
from backend.access.scopes.care import link_of, person_at_the_door
from backend.access.scopes.desk import patient_files
from backend.access.scopes.professionals import declared
from backend.domain.emergency import Purpose, read_reason
from backend.domain.errors import NotFound, Refused
from backend.domain.ins import check_matricule
from backend.domain.rniv import Status
from backend.services import consultation, emergency, pro_sign_in
from backend.services.documents import Visit
from backend.services.identification.pacing import pace
from backend.services.keeping_out import kept_out_of
from backend.services.people import shown_name
from backend.services.sign_in.refusals import Rejected
from backend.storage.care import EmergencyAccess
from backend.storage.db import AsyncSession
from backend.storage.desk import PatientFile
from backend.storage.desk import traits_of as traits_of_file
from backend.storage.records import Identity, Record, traits_of

FIND = "record-find"
NOBODY = "Aucun espace santé ouvert ne porte cette INS qualifiée."


class Motive(StrEnum):
    """Why a professional opens a record."""

    TEAM = "equipe"
    CONSENT = "accord"
    KNOWN = "connu"
    """What was said before still holds, or they wrote some of what is there."""


class Whose(Struct, frozen=True):
    """The person, as each page of their record names them."""

    record_id: UUID
    name: str
    given_name: str
    born: date | None
    sex: str

    @property
    def patient(self) -> str:
        """« la patiente », « le patient »."""
        return {"F": "la patiente", "M": "le patient"}.get(self.sex, "la personne")

    @property
    def told(self) -> str:
        """« informée », « informé »."""
        return "informé" if self.sex == "M" else "informée"


class Threshold(Struct, frozen=True):
    """What the page before opening says."""

    whose: Whose
    let_in: bool
    """Something may be opened already."""
    in_team: bool = False
    until: date | None = None
    """The last day of the patient’s accord."""
    urgent: bool = False


class Urgent(Struct, frozen=True):
    """An emergency that runs, on every page of its professional."""

    whose: Whose
    until: datetime
    purpose: Purpose


async def find(db: AsyncSession, pro: Professional, oid: str, matricule: str) -> UUID | Rejected:
    """By an INS that was typed; Refused when it is none, or of nobody. Its person reads of it."""
    check(pro, None)
    number = "".join(matricule.split()).upper()
    check_matricule(number, oid)
    if rejected := await pace(db, pro, FIND):
        return rejected
    record_id = await consultation.find(db, pro, oid, number)
    if record_id is None:
        raise Refused(NOBODY)
    note(db, pro, Action.FIND_RECORD, record_id)
    return record_id


async def find_of_file(db: AsyncSession, pro: Professional, file_id: UUID) -> UUID:
    """From a file of the desk whose identity is qualified; Refused when it is not, or of nobody."""
    check(pro, None)
    file = await db.scalar(patient_files(pro).where(PatientFile.id == file_id))
    if file is None:
        raise NotFound
    if file.standing.status is not Status.QUAL:
        raise Refused("Seule une identité qualifiée ouvre un dossier.")
    authorise(db, pro, Action.OPEN_FILE, file)
    traits = traits_of_file(db, file)
    record_id = await consultation.find(db, pro, traits.oid, traits.matricule)
    if record_id is None:
        raise Refused(NOBODY)
    return record_id


async def look(db: AsyncSession, pro: Professional, at: Moment, record_id: UUID) -> Threshold:
    """Whose record it is and what was said of it before; KeptOut for who is not let in."""
    check(pro, record_id)
    whose = await whose_record(db, pro, record_id)
    let_in = await db.scalar(records_for(pro, at).where(Record.id == record_id)) is not None
    link = await db.scalar(link_of(pro, record_id))
    if link is None:
        urgent = await _is_urgent(db, pro, at, record_id)
        return Threshold(whose, let_in, urgent=urgent)
    if not let_in and (link.blocked or link.objected):
        raise await kept_out_of(db, pro, record_id, consultation.BLOCKED)
    agreed = link.consent_until if not link.in_team else None
    return Threshold(
        whose,
        let_in,
        in_team=link.in_team and link.informed,
        until=agreed if agreed and agreed >= at.today else None,
        urgent=await _is_urgent(db, pro, at, record_id),
    )


async def open_record(
    db: AsyncSession,
    pro: Professional,
    at: Moment,
    record_id: UUID,
    motive: Motive,
    *,
    until: date | None = None,
) -> Visit:
    """Say why, and come in; KeptOut when their person does not let them."""
    check(pro, record_id)
    if motive is Motive.CONSENT and until is None:
        raise Refused("Choisissez le dernier jour de cet accord : aujourd’hui, ou plus tard.")
    asked = motive is not Motive.KNOWN
    last = until if motive is Motive.CONSENT else None
    said = not asked or await consultation.attest(db, pro, at, record_id, until=last)
    visit = await consultation.enter(db, pro, at, record_id) if said else None
    if visit is None:
        raise await kept_out_of(db, pro, record_id, consultation.BLOCKED)
    return visit


async def open_in_emergency(
    db: AsyncSession,
    pro: Professional,
    at: Moment,
    record_id: UUID,
    *,
    purpose: Purpose,
    text: str,
) -> bool:
    """Declare it and come in; False without a proof of a moment ago, KeptOut when it is forbidden.

    The proof serves once.
    """
    check(pro, record_id)
    reason = read_reason(text)
    if not await pro_sign_in.spend(db, pro):
        return False
    said = await emergency.declare(db, pro, at, record_id, purpose=purpose, reason=reason)
    if not said or await consultation.enter(db, pro, at, record_id) is None:
        raise await kept_out_of(
            db, pro, record_id, consultation.SHUT, action=Action.DECLARE_EMERGENCY
        )
    return True


async def whose_record(db: AsyncSession, pro: Professional, record_id: UUID) -> Whose:
    """The person of a live record, by name."""
    found = (await db.execute(person_at_the_door(pro, record_id))).one_or_none()
    if found is None:
        raise NotFound
    return _whose(db, *found)


async def running(db: AsyncSession, pro: Professional, at: Moment) -> list[Urgent]:
    """The emergencies of this professional, the last to end first."""
    query = declared(pro, at).order_by(EmergencyAccess.until.desc())
    found = []
    for one in (await db.scalars(query)).all():
        person = (await db.execute(person_at_the_door(pro, one.record_id))).one_or_none()
        link = await db.scalar(link_of(pro, one.record_id))
        shut = link is not None and (link.blocked or link.objected)
        if person is not None and not shut:  # closed since, or blocked: nothing runs
            found.append(Urgent(_whose(db, *person), one.until, one.purpose))
    return found


async def _is_urgent(db: AsyncSession, pro: Professional, at: Moment, record_id: UUID) -> bool:
    query = declared(pro, at).where(EmergencyAccess.record_id == record_id)
    return await db.scalar(query.limit(1)) is not None


def _whose(db: AsyncSession, record: Record, identity: Identity) -> Whose:
    traits = traits_of(db, record, identity)
    given = (traits.used_given or traits.first_given).title()
    return Whose(record.id, shown_name(traits), given, traits.birth_date, traits.sex)


def check(pro: Professional, record_id: UUID | None) -> None:
    """Not every role of a laboratory opens records."""
    if not may(pro, Action.FIND_RECORD, None):
        raise Denied(Action.FIND_RECORD, record_id, None)
