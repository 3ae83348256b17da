"""A laboratory’s own files: found by day of birth and name, made, corrected."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from backend.access import Action, authorise
from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.desk import contracts_for, patient_files
from backend.domain.calendar import civil_day
from backend.domain.errors import NotFound, Refused
from backend.domain.reports import Traits
from backend.domain.rniv import (
    AlreadyQualified,
    Event,
    Mark,
    Standing,
    Status,
    advance,
    check_traits,
    plain_name,
)
from backend.domain.rniv.children import is_minor
from backend.services.identification.contracts import partner_of
from backend.services.identification.pacing import SEARCH, pace
from backend.services.sign_in.refusals import Rejected
from backend.storage.db import AsyncSession, take_turns, vault_of
from backend.storage.desk import (
    Former,
    PatientFile,
    TrustContract,
    born_index,
    keep_former,
    new_file,
    traits_of,
    write_traits,
)

FEWEST_LETTERS = 3
SHOWN_AT_MOST = 20
STRICT = ("birth_name", "first_given", "given_names", "birth_date", "sex", "birthplace")
ACTIONS = {
    Event.RETRIEVED: Action.ASK_INSI,
    Event.VERIFIED: Action.ASK_INSI,
    Event.CONTRADICTED: Action.ASK_INSI,
    Event.DOCUMENT: Action.CHECK_IDENTITY,
    Event.CONTRACT: Action.QUALIFY_BY_CONTRACT,
    Event.CHANGED: Action.CHANGE_FILE,
    Event.CLEAR_HOMONYM: Action.UNMARK_IDENTITY,
    Event.CLEAR_DOUBTFUL: Action.UNMARK_IDENTITY,
    Event.CLEAR_FICTITIOUS: Action.UNMARK_IDENTITY,
}
SAME_PERSON = (
    "Un dossier porte déjà ce nom, ce prénom et cette date de naissance. Ouvrez-le ; "
    "si c’est une autre personne, cochez « Une autre personne »."
)


class Shown(Struct, frozen=True):
    """A file as the desk shows it."""

    id: UUID
    traits: Traits
    standing: Standing
    minor: bool
    qualified_on: date | None
    partner: str
    """Under whose contract: « Qualifiée par contrat — Clinique des Ormes »."""
    waits_for_insi: bool
    instead_of_contract: str = ""
    """Why that contract no longer qualifies, for who looks for the button."""

    @property
    def nothing_to_ask(self) -> str:
        """« Identité déjà vérifiée le 04/05/2026 : rien à demander. »; empty while there is."""
        if self.standing.status is not Status.QUAL or self.qualified_on is None:
            return ""
        return f"Identité déjà vérifiée le {self.qualified_on:%d/%m/%Y} : rien à demander."


async def search(
    db: AsyncSession, actor: Professional, at: Moment, *, born: date, name: str
) -> list[Shown] | Rejected:
    """Whoever was born that day and whose birth or used name begins so: by day first (RNIV)."""
    if rejected := await pace(db, actor, SEARCH):
        return rejected
    begins = plain_name(name)
    if len(begins) < FEWEST_LETTERS:
        raise Refused(f"Écrivez au moins {FEWEST_LETTERS} lettres du nom.")
    authorise(db, actor, Action.SEARCH_FILES, None)
    found = [file for file in await _born(db, actor, born) if _names(traits_of(db, file), begins)]
    return [await show(db, actor, at, file) for file in found[:SHOWN_AT_MOST]]


async def open_file(db: AsyncSession, actor: Professional, at: Moment, file_id: UUID) -> Shown:
    """One file, and the line of its opening: whoever opens it receives the person today."""
    file = await hold(db, actor, file_id)
    authorise(db, actor, Action.OPEN_FILE, file)
    if file.received_at is None or civil_day(file.received_at) != at.today:
        file.received_at = at.now
    return await show(db, actor, at, file)


async def create(
    db: AsyncSession,
    actor: Professional,
    at: Moment,
    typed: Traits,
    *,
    contract_id: UUID | None = None,
    another: bool = False,
) -> PatientFile:
    """A provisional file; Refused when there is one of these traits, unless it is of `another`.

    Those who share their traits are homonyms, both of them. No number is taken from a form.
    """
    if actor.structure_id is None:
        raise NotFound
    traits = replace(check_traits(typed), matricule="", oid="")
    born = traits.birth_date
    assert born is not None
    await take_turns(db, f"desk-file/{actor.structure_id}")  # the same person, at two desks
    known = await _born(db, actor, born, lock=True)
    twins = [file for file in known if _same(traits_of(db, file), traits)]
    if twins and not another:
        raise Refused(SAME_PERSON)
    sender = (await _contract(db, actor, contract_id)).id if contract_id else None
    file = new_file(db, actor.structure_id, traits, by=actor.id, now=at.now)
    file.contract_id = sender
    authorise(db, actor, Action.CREATE_FILE, file)
    db.add(file)
    for one in (file, *twins) if twins else ():
        if Mark.HOMONYM not in one.standing.marks:
            move(db, actor, at, one, Event.CALL_HOMONYM)
    await db.flush()
    return file


async def correct(
    db: AsyncSession, actor: Professional, at: Moment, file_id: UUID, typed: Traits
) -> PatientFile:
    """Other traits for a file. A strict one that changes takes its INS away, and its status."""
    file = await hold(db, actor, file_id)
    before = traits_of(db, file)
    after = replace(check_traits(typed), matricule=before.matricule, oid=before.oid)
    if any(getattr(before, name) != getattr(after, name) for name in STRICT):
        move(db, actor, at, file, Event.CHANGED)
        after = replace(after, matricule="", oid="")
    else:
        authorise(db, actor, Action.CHANGE_FILE, file)
    write_traits(db, file, after)
    return file


async def waiting(db: AsyncSession, actor: Professional, at: Moment) -> list[Shown]:
    """Those for whom INSi did not answer, the oldest first."""
    authorise(db, actor, Action.SEARCH_FILES, None)
    query = patient_files(actor).where(PatientFile.waits_for_insi)
    found = await db.scalars(query.order_by(PatientFile.created_at, PatientFile.id).limit(100))
    return [await show(db, actor, at, file) for file in found]


async def hold(db: AsyncSession, actor: Professional, file_id: UUID) -> PatientFile:
    """A file of the structure, held until the commit; NotFound for another’s."""
    query = patient_files(actor).where(PatientFile.id == file_id).with_for_update()
    if (file := await db.scalar(query)) is None:
        raise NotFound
    return file


def foresee(file: PatientFile, event: Event) -> Standing:
    """Where the step would lead; Refused when it may not be taken. Ask it before anything else."""
    try:
        return advance(file.standing, event)
    except AlreadyQualified as refusal:
        raise AlreadyQualified(already(file.qualified_at) or None) from refusal


def move(
    db: AsyncSession, actor: Professional, at: Moment, file: PatientFile, event: Event
) -> Status:
    """Take the step, with its line; an identity that falls leaves its number in the history."""
    was, after = file.standing, foresee(file, event)
    authorise(db, actor, ACTIONS.get(event, Action.MARK_IDENTITY), file, reason=event)
    file.status, file.marks = after.status, sorted(after.marks)
    if after.status is Status.QUAL and was.status is not Status.QUAL:
        file.qualified_at = at.now
    if after.status is Status.PROV:
        file.qualified_at = None
        drop_number(db, file)
    return after.status


def drop_number(db: AsyncSession, file: PatientFile) -> None:
    """The number of an identity that is not trusted any more is history."""
    traits = traits_of(db, file)
    if traits.matricule:
        keep_former(db, file, (Former(traits.matricule, traits.oid),))
        write_traits(db, file, replace(traits, matricule="", oid=""))


def already(qualified_at: datetime | None) -> str:
    """« Identité déjà vérifiée le 04/05/2026 : rien à demander. »"""
    if qualified_at is None:
        return ""
    return f"Identité déjà vérifiée le {civil_day(qualified_at):%d/%m/%Y} : rien à demander."


async def show(db: AsyncSession, actor: Professional, at: Moment, file: PatientFile) -> Shown:
    """As the desk shows it."""
    traits = traits_of(db, file)
    partner, why_not = await partner_of(db, actor, at, file.contract_id)
    return Shown(
        id=file.id,
        traits=traits,
        standing=file.standing,
        minor=is_minor(traits, at.today),
        qualified_on=civil_day(file.qualified_at) if file.qualified_at else None,
        partner=partner,
        waits_for_insi=file.waits_for_insi,
        instead_of_contract=why_not,
    )


async def _born(
    db: AsyncSession, actor: Professional, born: date, *, lock: bool = False
) -> list[PatientFile]:
    if actor.structure_id is None:
        return []
    index = born_index(vault_of(db), actor.structure_id, born)
    query = patient_files(actor).where(PatientFile.born_index == index).order_by(PatientFile.id)
    return list(await db.scalars(query.with_for_update() if lock else query))


async def _contract(db: AsyncSession, actor: Professional, contract_id: UUID) -> TrustContract:
    found = await db.scalar(contracts_for(actor).where(TrustContract.id == contract_id))
    if found is None:
        raise NotFound
    return found


def _names(traits: Traits, begins: str) -> bool:
    return any(name.startswith(begins) for name in (traits.birth_name, traits.used_name))


def _same(one: Traits, other: Traits) -> bool:
    return (one.birth_name, one.first_given) == (other.birth_name, other.first_given)
