"""« Profil médical »: what people tell of their health themselves, for them and not professionals.

A section is one answer. Who changes it says which version they read: when somebody changed it
meanwhile, nothing is written, and both answers are shown. The synthesis becomes a document of the
record; professionals read that one.
"""

from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct
from msgspec.structs import replace

from backend.access import Action, authorise, note
from backend.access.actors import Patient
from backend.access.scopes import Moment, profile_for, records_for
from backend.domain.documents import Kind
from backend.domain.errors import NotFound
from backend.domain.medical_profile import (
    Answer,
    Around,
    Entry,
    Operation,
    Section,
    State,
    Tie,
    after,
    alike,
    clash,
    section_of,
    sections_for,
    ties_of,
)
from backend.domain.own_documents import Told
from backend.gateways.files import Files
from backend.services import own_documents, profile_links
from backend.services.doers import given_names
from backend.services.sign_in.refusals import Rejected
from backend.storage.db import AsyncSession, take_turns
from backend.storage.medical_profile import ProfileSection, answer_of, place_of, seal_answer
from backend.storage.records import Record, key_of
from backend.storage.vault import RecordKey

SYNTHESIS = "Synthèse du profil médical"


class Shown(Struct, frozen=True):
    """One section as its card shows it."""

    section: Section
    answer: Answer
    version: int = 0
    """0 when it was never answered."""
    changed_at: datetime | None = None
    by: UUID | None = None
    people: dict[UUID, str] = {}
    """Given names by account; empty for who has no access any more."""
    around: Around = Around()
    """What its entries may go with."""

    @property
    def answered(self) -> bool:
        return self.answer.state is not State.UNANSWERED

    def name(self, account: UUID | None) -> str:
        """Who answered."""
        return self.people.get(account, "Quelqu’un qui n’a plus accès") if account else ""

    def ties(self, entry: Entry) -> list[tuple[str, tuple[Tie, ...]]]:
        """What an entry goes with, by label."""
        return ties_of(self.section, entry, self.around)


class Conflict(Struct, frozen=True):
    """Somebody else answered since the page was shown."""

    theirs: Shown
    mine: Shown
    """What would be kept with the answer that was sent."""


class Fact(Struct, frozen=True):
    """What the home page says of it."""

    answered: int
    total: int
    changed_at: datetime | None


async def read(db: AsyncSession, actor: Patient, at: Moment) -> list[Shown]:
    """Every section that is asked of this person, answered or not."""
    note(db, actor, Action.READ_PROFILE, actor.record_id)
    return await told(db, actor, at)


async def take(db: AsyncSession, actor: Patient, at: Moment) -> list[Shown]:
    """The same, to take away."""
    note(db, actor, Action.TAKE_SYNTHESIS, actor.record_id)
    return await told(db, actor, at)


async def open_section(db: AsyncSession, actor: Patient, at: Moment, code: str) -> Shown:
    """One of them; NotFound when it is not asked of this person."""
    shown = await look(db, actor, at, code)
    note(db, actor, Action.READ_PROFILE, actor.record_id)
    return shown


async def look(db: AsyncSession, actor: Patient, at: Moment, code: str) -> Shown:
    """The same without a line of the journal: for a form that was sent, which shows nothing new."""
    record = await _record(db, actor, at)
    section = section_of(code, adult=_is_adult(record, at))
    return await _shown(db, actor, at, record, section)


async def change(
    db: AsyncSession,
    actor: Patient,
    at: Moment,
    code: str,
    operation: Operation,
    *,
    version: int,
    over: bool = False,
) -> Conflict | None:
    """Answer: nothing to do when it says so already, a Conflict when it was answered meanwhile.

    With `over`, whoever answers has seen what their answer takes the place of.
    """
    record = await _record(db, actor, at)
    section = section_of(code, adult=_is_adult(record, at))
    await take_turns(db, f"profile/{record.id}")  # two first answers have no row to lock
    shown = await _shown(db, actor, at, record, section)
    answer = after(section, shown.answer, operation, by=actor.id, at=at.now)
    if alike(answer, shown.answer):
        return None
    if shown.version != version:
        note(db, actor, Action.READ_PROFILE, actor.record_id)
        told = shown.around.answers | {code: answer}
        known = await profile_links.around(db, actor, at, told)
        mine = Shown(section, answer, version, at.now, actor.id, shown.people, known)
        return Conflict(shown, mine)
    if not over:
        clash(section, shown.answer, operation)
    await _write(db, actor, at, record, answer)
    return None


async def save_synthesis(
    db: AsyncSession, actor: Patient, at: Moment, files: Files, pdf: bytes
) -> UUID | Rejected:
    """File the synthesis among the documents that its person added, for professionals to read."""
    authorise(db, actor, Action.SAVE_SYNTHESIS, await _record(db, actor, at))
    about = Told(SYNTHESIS, Kind.SUMMARY, at.today)
    return await own_documents.add(db, actor, at, files, about, pdf)


async def fact(db: AsyncSession, actor: Patient, at: Moment) -> Fact:
    """How many sections are answered; nothing is opened to know when."""
    record = await _record(db, actor, at)
    asked, key = sections_for(adult=_is_adult(record, at)), key_of(db, record)
    places = [place_of(key, section.code) for section in asked]
    query = profile_for(actor, at).where(ProfileSection.section.in_(places))
    rows = (await db.scalars(query)).all()
    kept = [row for row in rows if answer_of(key, row).state is not State.UNANSWERED]
    return Fact(len(kept), len(asked), max((row.changed_at for row in kept), default=None))


async def told(db: AsyncSession, actor: Patient, at: Moment) -> list[Shown]:
    """Every section, without a line of the journal: for who writes another one."""
    record = await _record(db, actor, at)
    key, names = key_of(db, record), await given_names(db, actor, at)
    rows = {row.section: row for row in await db.scalars(profile_for(actor, at))}
    found = [
        _of(section, rows.get(place_of(key, section.code)), key, names)
        for section in sections_for(adult=_is_adult(record, at))
    ]
    answers = {shown.section.code: shown.answer for shown in found}
    known = await profile_links.around(db, actor, at, answers)
    return [replace(shown, around=known) for shown in found]


async def for_professionals(
    db: AsyncSession, actor: Patient, at: Moment, told: list[Shown]
) -> list[Shown]:
    """The same as it may be shown to them."""
    known = await profile_links.shown_to_professionals(db, actor, at, told[0].around)
    return [replace(shown, around=known) for shown in told]


async def _shown(
    db: AsyncSession, actor: Patient, at: Moment, record: Record, section: Section
) -> Shown:
    """What its entries go with is in other sections: those are opened with it."""
    key = key_of(db, record)
    asked = _read_with(section, adult=_is_adult(record, at))
    places = {place_of(key, one.code): one for one in asked}
    query = profile_for(actor, at).where(ProfileSection.section.in_(places))
    rows = {places[row.section].code: row for row in await db.scalars(query)}
    shown = _of(section, rows.get(section.code), key, await given_names(db, actor, at))
    answers = {code: answer_of(key, row) for code, row in rows.items()}
    return replace(shown, around=await profile_links.around(db, actor, at, answers))


def _read_with(section: Section, *, adult: bool) -> list[Section]:
    """The section, and those whose entries it goes with."""
    of = {field.of for field in section.fields}
    return [one for one in sections_for(adult=adult) if one is section or one.code in of]


def _of(
    section: Section, row: ProfileSection | None, key: RecordKey, names: dict[UUID, str]
) -> Shown:
    if row is None:
        return Shown(section, Answer(section.code), people=names)
    answer = answer_of(key, row)
    return Shown(section, answer, row.version, row.changed_at, row.changed_by, names)


async def _write(
    db: AsyncSession, actor: Patient, at: Moment, record: Record, answer: Answer
) -> None:
    place = place_of(key_of(db, record), answer.section)
    row = await db.scalar(profile_for(actor, at).where(ProfileSection.section == place))
    if row is None:
        row = ProfileSection(id=uuid4(), record_id=record.id, section=place, version=0)
    authorise(db, actor, Action.CHANGE_PROFILE, row)
    row.version, row.changed_at, row.changed_by = row.version + 1, at.now, actor.id
    seal_answer(db, record, row, answer)
    db.add(row)


async def _record(db: AsyncSession, actor: Patient, at: Moment) -> Record:
    record = await db.scalar(records_for(actor, at).where(Record.id == actor.record_id))
    if record is None:
        raise NotFound
    return record


def _is_adult(record: Record, at: Moment) -> bool:
    return record.minor_until is None or record.minor_until <= at.today
