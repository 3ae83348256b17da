"""The list of the day: who is received or expected at this desk, and what is left to do."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend.access import Action, authorise
from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.desk import (
    anomalies_left,
    files_of_the_day,
    open_spaces,
    visits_for,
)
from backend.domain.anomalies import AnomalyKind
from backend.domain.calendar import civil_day
from backend.domain.day_list import Known, Signs, Space, day_of, hour_of, signs_of
from backend.domain.reception import Choices
from backend.domain.reports import Traits
from backend.domain.rniv import Status
from backend.services.identification.files import hold
from backend.storage.db import AsyncSession, vault_of
from backend.storage.desk import DeskVisit, PatientFile, choices_of, traits_of
from backend.storage.records import ins_index

MOST = 50
"""The last ones: more is a day that nobody reads on one page."""


class Line(Struct, frozen=True):
    """Somebody who comes today."""

    id: UUID
    traits: Traits
    at: datetime
    received: bool
    """Else they are expected."""
    signs: Signs


async def list_day(db: AsyncSession, actor: Professional, at: Moment) -> list[Line]:
    """Those of today, in the order of their hours."""
    authorise(db, actor, Action.LIST_DAY, None)
    files = (await db.scalars(files_of_the_day(actor, at).limit(MOST))).all()
    traits = {file.id: traits_of(db, file) for file in files}
    spaces = await _spaces(db, actor, files, traits)
    choices = await _choices(db, actor, at, files)
    anomalies = await _anomalies(db, actor, traits)
    lines = []
    for file in files:
        kinds = anomalies.get(file.id, set())
        known = Known(
            traits=traits[file.id],
            standing=file.standing,
            space=spaces[file.id],
            waits_for_insi=file.waits_for_insi,
            choices=choices.get(file.id),
            anomaly=bool(kinds),
            parents_number=AnomalyKind.PARENT_NUMBER in kinds,
        )
        lines.append(_line(file, known, at))
    return sorted(lines, key=lambda line: (line.at, line.id))


async def expect(
    db: AsyncSession, actor: Professional, at: Moment, file_id: UUID, hour: str
) -> None:
    """« Attendu aujourd’hui »: they are not here yet, whoever opened their file to say so."""
    file = await hold(db, actor, file_id)
    when = hour_of(hour, at.today)
    authorise(db, actor, Action.EXPECT_PATIENT, file)
    file.expected_at, file.received_at = when, None


async def leave(db: AsyncSession, actor: Professional, file_id: UUID) -> None:
    """They are not on the list any more: they did not come, or the wrong file was opened."""
    file = await hold(db, actor, file_id)
    authorise(db, actor, Action.LEAVE_DAY, file)
    file.expected_at = file.received_at = None


def _line(file: PatientFile, known: Known, at: Moment) -> Line:
    begins = day_of(at.today)
    received = file.received_at if file.received_at and file.received_at >= begins else None
    when = received or file.expected_at
    assert when  # else the file is not of the day
    return Line(file.id, known.traits, when, received is not None, signs_of(known, at.today))


async def _spaces(
    db: AsyncSession,
    actor: Professional,
    files: Sequence[PatientFile],
    traits: dict[UUID, Traits],
) -> dict[UUID, Space]:
    """Asked for qualified identities alone: no other number may be."""
    vault, numbers = vault_of(db), {}
    for file in files:
        if file.standing.status is Status.QUAL:
            one = traits[file.id]
            numbers[file.id] = ins_index(vault, one.oid, one.matricule)
    live = set(await db.scalars(open_spaces(actor, set(numbers.values()))))
    return {
        file.id: Space.UNKNOWN
        if file.id not in numbers
        else Space.OPEN
        if numbers[file.id] in live
        else Space.NONE
        for file in files
    }


async def _choices(
    db: AsyncSession, actor: Professional, at: Moment, files: Sequence[PatientFile]
) -> dict[UUID, Choices]:
    """What each said last, today."""
    theirs = {file.id: file for file in files}
    today = visits_for(actor).where(DeskVisit.file_id.in_(theirs), DeskVisit.at >= day_of(at.today))
    visits = await db.scalars(today.order_by(DeskVisit.at, DeskVisit.id))
    return {
        visit.file_id: choices_of(db, theirs[visit.file_id], visit)
        for visit in visits
        if civil_day(visit.at) == at.today
    }


async def _anomalies(
    db: AsyncSession, actor: Professional, files: Collection[UUID]
) -> dict[UUID, set[AnomalyKind]]:
    found: dict[UUID, set[AnomalyKind]] = {}
    for one in await db.scalars(anomalies_left(actor, files)):
        found.setdefault(one.file_id, set()).add(one.kind)
    return found
