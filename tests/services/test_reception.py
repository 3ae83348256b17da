"""What somebody said at the desk holds for what was sampled that day, and for nothing else."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from litestar import Litestar
from sqlalchemy import select

from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.desk import patient_files
from backend.demo.people import ESTUAIRE, LAURA, LEA, MOREL, Someone
from backend.demo.reports import DemoDeposit
from backend.domain.formats.hl7v2_writer import Action
from backend.domain.laboratory import Role
from backend.domain.reception import Choices, Sensitive
from backend.services.identification import receiving
from backend.storage.db import AsyncSession, vault_of
from backend.storage.desk import PatientFile, new_file, number_index
from backend.storage.documents import Document
from backend.storage.structures import Professional as Person
from backend.storage.structures import Structure
from tests.fixtures.application import client_of
from tests.hiding import another
from tests.laboratory import Laboratory

Reports = Mapping[str, DemoDeposit]
LAURAS, LEAS = "laura-bilan-sanguin-v1", "lea-bilan-v1"
OPPOSED = Choices(opposed=True)


async def biologist(db: AsyncSession) -> Professional:
    structure = Structure.finess == ESTUAIRE.structure.finess
    person = (await db.scalars(select(Person).where(Person.national_id == MOREL.national_id))).one()
    place = (await db.scalars(select(Structure.id).where(structure))).one()
    return Professional(person.id, place, "10", roles=frozenset({Role.BIOLOGIST}))


async def file_of(db: AsyncSession, actor: Professional, someone: Someone, now: datetime) -> UUID:
    """Theirs at the laboratory, by the number that INSi gave."""
    traits, place = someone.traits, actor.structure_id
    assert place
    index = number_index(vault_of(db), place, traits.oid, traits.matricule)
    if held := await db.scalar(patient_files(actor).where(PatientFile.ins_index == index)):
        return held.id
    file = new_file(db, place, traits, by=actor.id, now=now)
    db.add(file)
    return file.id


async def said(app: Litestar, someone: Someone, day: datetime, choices: Choices) -> None:
    """At the desk of the Laboratoire de l’Estuaire, at this moment."""
    async with app.state.sessions.begin() as db:
        actor = await biologist(db)
        file_id = await file_of(db, actor, someone, day)
        await db.flush()
        await receiving.receive(db, actor, Moment.at(day), file_id, choices)


async def stored(app: Litestar) -> list[Document]:
    async with app.state.sessions() as db:
        return list(await db.scalars(select(Document).order_by(Document.deposited_at)))


async def test_nothing_is_deposited_of_a_day_for_which_somebody_refused(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    report = reports[LAURAS].report
    sampled = report.header.sampled_at
    assert sampled
    await said(app, LAURA, sampled, OPPOSED)
    ack = await laboratory.deposit(report)
    assert "MSA|AE" in ack
    assert "906" in ack
    assert "s’est opposée à ce dépôt" in ack
    assert await stored(app) == []
    assert "MSA|AA" in await laboratory.deposit(another(report, 1, days=1)), "another day"
    await said(app, LAURA, sampled + timedelta(minutes=1), Choices(informed=True))
    assert "MSA|AA" in await laboratory.deposit(report), "the last word counts"
    await said(app, LAURA, sampled - timedelta(days=1), OPPOSED)
    corrected = another(report, 1, days=1, version=2)
    assert "MSA|AA" in await laboratory.deposit(corrected, Action.REPLACE), "is there already"


async def test_another_laboratory_knows_nothing_of_it(app: Litestar, reports: Reports) -> None:
    elsewhere = next(
        sent.report
        for sent in reports.values()
        if sent.patient is LAURA and sent.laboratory.client_id == "sgl-tilleuls"
    )
    assert elsewhere.header.sampled_at
    await said(app, LAURA, elsewhere.header.sampled_at, OPPOSED)
    tilleuls = Laboratory(client_of(app), "sgl-tilleuls")
    assert "MSA|AA" in await tilleuls.deposit(elsewhere)


@pytest.mark.parametrize(
    ("name", "someone", "choices", "flags"),
    [
        (LAURAS, LAURA, Choices(informed=True), (False, False)),
        (LAURAS, LAURA, Choices(informed=True, sensitive=Sensitive.EXPLAINED), (True, False)),
        (LEAS, LEA, Choices(informed=True, secret=True), (False, True)),
    ],
)
async def test_it_is_withheld_or_kept_from_parents_as_was_asked(
    app: Litestar,
    laboratory: Laboratory,
    reports: Reports,
    name: str,
    someone: Someone,
    choices: Choices,
    flags: tuple[bool, bool],
) -> None:
    report = reports[name].report
    assert report.header.sampled_at
    await said(app, someone, report.header.sampled_at, choices)
    assert "MSA|AA" in await laboratory.deposit(report)
    (document,) = await stored(app)
    assert (document.withheld, document.hidden_from_guardians) == flags


async def test_what_nobody_could_read_is_refused(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    report = reports[LAURAS].report
    assert report.header.sampled_at
    explained = Choices(informed=True, sensitive=Sensitive.EXPLAINED)
    await said(app, LAURA, report.header.sampled_at, explained)
    ack = await laboratory.deposit(report, flags={"MASQUE_PS": True})
    assert "MSA|AE" in ack
    assert "personne ne pourrait lire" in ack
    assert await stored(app) == []
