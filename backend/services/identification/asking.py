"""Asking INSi about a file: read, asked with no transaction open, then written if nothing moved."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar
from uuid import UUID

from msgspec.structs import replace

from backend.access import Action, authorise
from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.desk import ones_structure, patient_files
from backend.domain.errors import NotFound, Refused
from backend.domain.reports import Traits
from backend.domain.rniv import (
    UNKNOWN_PLACE,
    Event,
    Status,
    agree,
    check_whose_number,
    compare,
    needed_for_insi,
)
from backend.gateways.insi import (
    Answer,
    ByCard,
    ByTraits,
    Found,
    Insi,
    InsiDown,
    Nobody,
    NoInsi,
    Number,
    Several,
)
from backend.services.identification.files import foresee, hold, move
from backend.services.identification.outcomes import Lookup, Outcome, Question, code_of, told
from backend.services.identification.pacing import INSI, pace
from backend.services.sign_in.refusals import Rejected
from backend.storage.db import AsyncSession, Sessions, take_turns, vault_of
from backend.storage.desk import (
    Former,
    PatientFile,
    keep_former,
    number_index,
    traits_of,
    write_traits,
)

MOST_CALLS = 6
"""For one file: each is a few hundred milliseconds in front of somebody."""
PATIENCE = 3.0
"""Seconds for all of them: the page that waits is given up soon after (`web/shedding.py`)."""

A = TypeVar("A")


async def look_up(
    sessions: Sessions,
    insi: Insi | NoInsi,
    actor: Professional,
    at: Moment,
    file_id: UUID,
    *,
    card: ByCard | None = None,
) -> Lookup | Rejected:
    """Search by traits, or by what a card says of the person."""
    async with sessions.begin() as db:  # what is refused below counts all the same
        if rejected := await pace(db, actor, INSI):
            return rejected
    async with sessions.begin() as db:
        question = await prepare(db, actor, file_id)
        if card is None and (missing := needed_for_insi(question.traits)):
            raise Refused(missing)
    asked = insi.find(card, finess=question.finess) if card else _by_traits(insi, question)
    answer = await _in_time(asked)
    async with sessions.begin() as db:
        return await take(db, actor, at, question, answer, opener=card.opener if card else "")


async def verify(
    sessions: Sessions, insi: Insi | NoInsi, actor: Professional, at: Moment, file_id: UUID
) -> Lookup | Rejected:
    """Ask whether the number that the file holds still goes with its traits."""
    async with sessions.begin() as db:
        if rejected := await pace(db, actor, INSI):
            return rejected
    async with sessions.begin() as db:
        question = await prepare(db, actor, file_id, verifying=True)
    traits = question.traits
    if not traits.matricule:
        raise Refused("Ce dossier n’a pas d’INS à vérifier.")
    number = Number(traits.matricule, traits.oid)
    spelling = _spelling(traits, traits.birth_name, traits.first_given)
    asked = insi.verify(number, spelling, traits.given_names, finess=question.finess)
    verdict = await _in_time(asked)
    async with sessions.begin() as db:
        return await take_verdict(db, actor, at, question, verdict)


async def prepare(
    db: AsyncSession, actor: Professional, file_id: UUID, *, verifying: bool = False
) -> Question:
    """What to ask; Refused for an identity that is marked, or qualified already."""
    file = await hold(db, actor, file_id)
    foresee(file, Event.VERIFIED if verifying else Event.RETRIEVED)
    authorise(db, actor, Action.ASK_INSI, file)
    structure = await db.scalar(ones_structure(actor))
    if structure is None:
        raise NotFound
    return Question(file.id, traits_of(db, file), structure.finess)


async def take(
    db: AsyncSession,
    actor: Professional,
    at: Moment,
    question: Question,
    answer: Answer | InsiDown,
    *,
    opener: str = "",
) -> Lookup:
    """Write what INSi said, if the file is still what was asked about."""
    file = await hold(db, actor, question.file_id)
    authorise(db, actor, Action.ASK_INSI, file, reason=code_of(answer))
    if traits_of(db, file) != question.traits:
        return told(file, Outcome.MOVED)
    if isinstance(answer, InsiDown):
        file.waits_for_insi = True
        return Lookup(Outcome.DOWN, answer.message, file.standing)
    file.waits_for_insi, file.asked_at = False, at.now
    match answer:
        case Nobody():
            return told(file, Outcome.NOBODY)
        case Several():
            return told(file, Outcome.SEVERAL)
        case Found():
            return await _attach(db, actor, at, file, answer, opener=opener)


async def take_verdict(
    db: AsyncSession,
    actor: Professional,
    at: Moment,
    question: Question,
    verdict: bool | InsiDown,  # noqa: FBT001 - what INSi answered
) -> Lookup:
    """Write what INSi said of the number: no answer changes nothing."""
    file = await hold(db, actor, question.file_id)
    if isinstance(verdict, InsiDown):
        authorise(db, actor, Action.ASK_INSI, file, reason=verdict.code)
        file.waits_for_insi = True
        return Lookup(Outcome.DOWN, verdict.message, file.standing)
    if traits_of(db, file) != question.traits:
        return told(file, Outcome.MOVED)
    event = Event.VERIFIED if verdict else Event.CONTRADICTED
    move(db, actor, at, file, event)
    file.waits_for_insi, file.asked_at = False, at.now
    return told(file, Outcome.CONFIRMED if verdict else Outcome.CONTRADICTED)


async def _attach(
    db: AsyncSession,
    actor: Professional,
    at: Moment,
    file: PatientFile,
    found: Found,
    *,
    opener: str,
) -> Lookup:
    """The INS is the file’s once their traits agree and nobody else here has it."""
    ours, theirs = traits_of(db, file), found.traits
    differences = compare(ours, theirs)
    if not agree(differences):
        return told(file, Outcome.DIFFERENT, theirs, differences)
    try:
        check_whose_number(theirs, at.today, opener=opener)
    except Refused:
        return told(file, Outcome.PARENT, theirs, differences)
    await take_turns(db, f"desk-number/{file.structure_id}")  # nobody else attaches it meanwhile
    if twin := await _holder(db, actor, file, theirs):
        return told(file, Outcome.TAKEN, theirs, differences, twin)
    status = move(db, actor, at, file, Event.RETRIEVED)
    keep_former(db, file, tuple(Former(one.matricule, one.oid) for one in found.former))
    used = {"used_name": ours.used_name, "used_given": ours.used_given}
    write_traits(db, file, replace(theirs, **used))
    outcome = Outcome.QUALIFIED if status is Status.QUAL else Outcome.RETRIEVED
    return told(file, outcome, theirs, differences)


async def _holder(
    db: AsyncSession, actor: Professional, file: PatientFile, traits: Traits
) -> UUID | None:
    """Which other file of the structure has this number."""
    index = number_index(vault_of(db), file.structure_id, traits.oid, traits.matricule)
    query = patient_files(actor).where(PatientFile.ins_index == index, PatientFile.id != file.id)
    return await db.scalar(query.with_only_columns(PatientFile.id))


async def _in_time(asked: Awaitable[A]) -> A | InsiDown:
    """The answer, or what is wrong with INSi: that it is slow is told and kept like any failure."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await asked
    except TimeoutError:
        return InsiDown("timeout")
    except InsiDown as problem:
        return problem


async def _by_traits(insi: Insi | NoInsi, question: Question) -> Answer:
    """Given names one after the other, then the used name; the place when several are found."""
    traits, calls, several = question.traits, 0, False
    names = dict.fromkeys(filter(None, (traits.birth_name, traits.used_name)))
    place = traits.birthplace if traits.birthplace != UNKNOWN_PLACE else ""
    for name in names:
        for given in traits.given_names.split():
            asked = [_spelling(traits, name, given)]
            while asked and calls < MOST_CALLS:
                one, calls = asked.pop(), calls + 1
                answer = await insi.find(one, finess=question.finess)
                if isinstance(answer, Found):
                    return answer
                if isinstance(answer, Several):
                    several = True
                    asked = [replace(one, birthplace=place)] if place and not one.birthplace else []
    return Several() if several else Nobody()


def _spelling(traits: Traits, name: str, given: str) -> ByTraits:
    assert traits.birth_date is not None
    return ByTraits(name, given, traits.sex, traits.birth_date)
