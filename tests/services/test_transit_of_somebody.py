"""What is only sent is of one person, in one set, and may not pass for the correction of more."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from litestar import Litestar
from msgspec.structs import replace as changed
from sqlalchemy import insert, select

from backend.access.scopes.newcomers import spaces_to_erase
from backend.demo.people import LAURA
from backend.domain.calendar import civil_day
from backend.domain.dispatches import News
from backend.domain.formats.hl7v2_writer import Action
from backend.domain.ins import NIA
from backend.domain.reports import Report
from backend.domain.withheld_families import families_of
from backend.services import closure
from backend.services.soundness import Fault
from backend.storage.db import utcnow
from backend.storage.documents import Document
from backend.storage.policies import WithheldFamily
from backend.storage.records import Record
from backend.storage.structures import Professional
from tests.days import TODAY
from tests.laboratory import Laboratory
from tests.services import test_dispatches as sending
from tests.services.test_dispatches import (
    PAUL,
    another,
    block,
    machine,
    network,
    stored,
    story,
    work,
)
from tests.services.test_transit import NOBODY, another_of, broken, of, run, send, transits

opened, app, lab, report = sending.opened, sending.app, sending.lab, sending.report


async def lies_in(app: Litestar) -> Record:
    """Where the last one lies."""
    last = (await stored(app))[-1]
    return next(one for one in await transits(app) if one.id == last.record_id)


@pytest.mark.parametrize("action", [Action.REPLACE, Action.DELETE])
async def test_a_report_of_somebody_else_takes_the_place_of_none(
    app: Litestar, lab: Laboratory, report: Report, action: Action
) -> None:
    """Else it would leave under the first one’s name, to whom the second one blocked."""
    mine = of(report, changed(LAURA.traits, matricule=NOBODY))
    assert "MSA|AA" in await send(lab, mine)
    assert "|904^" in await send(lab, another_of(report, 2), action)
    assert len(await stored(app)) == 1
    assert await broken(app) == set()


@pytest.mark.parametrize("matricule", ["123", LAURA.traits.matricule[:13], "X" * 15])
async def test_what_cannot_be_an_ins_is_refused(
    app: Litestar, lab: Laboratory, report: Report, matricule: str
) -> None:
    """Nobody is found by it: no space to compare with, nobody’s blocks."""
    answer = await send(lab, of(report, changed(LAURA.traits, matricule=matricule)))
    assert "|903^" in answer, answer
    assert await stored(app) == []


async def test_a_wrong_key_is_refused(app: Litestar, lab: Laboratory, report: Report) -> None:
    bare = changed(LAURA.traits, oid=NIA, matricule=f"{LAURA.traits.matricule[:13]}00")
    assert "|903^" in await send(lab, of(report, bare))


async def test_the_same_number_under_another_oid_is_the_same_person(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    assert "MSA|AA" in await send(lab, of(report, changed(LAURA.traits, oid=NIA)))
    whose = (await lies_in(app)).transit_of
    assert whose is not None
    await block(app, PAUL.person.national_id, whose)
    await work(app)
    assert await story(app) == [(News.CANCELLED, "blocked")]


@pytest.mark.parametrize("again", [True, False], ids=["replaced", "not-left-yet"])
async def test_who_has_a_space_since_is_known_by_it(
    app: Litestar, lab: Laboratory, report: Report, *, again: bool
) -> None:
    """And whom they blocked there gets nothing of what was promised before."""
    assert "MSA|AA" in await send(lab, report)
    whose = (await lies_in(app)).transit_of
    await run(app, "UPDATE record SET transit_of = NULL WHERE transit_of = :id", id=whose)
    await block(app, PAUL.person.national_id, whose)
    if again:
        assert "MSA|AA" in await send(lab, another_of(report, 2), Action.REPLACE)
        assert (await lies_in(app)).transit_of == whose
    await work(app)
    assert network(app).taken == []
    assert (News.CANCELLED, "blocked") in await story(app)


async def test_what_is_filed_without_a_set_is_corrected_where_it_is(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    """By its parent’s identifier: else the space would keep the wrong one."""
    bare = changed(report, header=changed(report.header, set_id=None, version=None))
    await sending.deposit(lab, bare, flags={})
    header = changed(bare.header, id=another(report).header.id, replaces=(bare.header.id,))
    answer = await send(lab, changed(bare, header=header), Action.REPLACE)
    assert "|906^" in answer
    assert "DESTDMP=Y" in answer
    assert await stored(app) == []


async def test_first_versions_of_one_set_at_once_are_one(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    given: list[Any] = [send(lab, another_of(report, 1)) for _ in range(6)]
    answers = await asyncio.gather(*given)
    assert sorted("|900^" in one for one in answers) == [False, True, True, True, True, True]
    await work(app)
    assert len(network(app).of(PAUL.mailbox)) == 1


async def to_erase(app: Litestar) -> set[UUID]:
    async with app.state.sessions() as db:
        return {one.id for one in await db.scalars(spaces_to_erase(civil_day(utcnow())))}


async def test_what_is_sent_again_on_its_last_day_leaves_before_its_key_is_destroyed(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    assert "MSA|AA" in await send(lab, report)
    where = (await lies_in(app)).id
    await run(app, f"UPDATE record SET erase_on = {TODAY} WHERE id = :id", id=where)
    assert where not in await to_erase(app)
    await work(app)
    assert len(network(app).of(PAUL.mailbox)) == 1
    assert where in await to_erase(app)


async def test_a_key_that_is_lost_before_its_day_is_a_fault(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    """What a restore finds without a key it closes: a transit always has one."""
    assert "MSA|AA" in await send(lab, report)
    where = await lies_in(app)
    await run(app, "UPDATE record SET wrapped_key = '' WHERE id = :id", id=where.id)
    assert Fault.KEY_BROKEN in await broken(app)
    back = "UPDATE record SET wrapped_key = :key WHERE id = :id"
    await run(app, back, id=where.id, key=where.wrapped_key)
    assert await broken(app) == set()


async def test_a_correction_while_its_key_is_destroyed_is_sent(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    """It waits for the end of the first, then lies elsewhere, under a key that lasts."""
    assert "MSA|AA" in await send(lab, report)
    await work(app)
    where = (await lies_in(app)).id
    await run(app, f"UPDATE record SET erase_on = {TODAY} WHERE id = :id", id=where)
    async with app.state.sessions.begin() as db:
        assert (await closure.erase(db, where))[0]
        await db.flush()
        correction = asyncio.create_task(send(lab, another_of(report, 2), Action.REPLACE))
        await asyncio.sleep(0.5)
    assert "MSA|AA" in await correction
    await work(app)
    assert len(network(app).of(PAUL.mailbox)) == 2
    assert await broken(app) == set()


async def test_what_its_laboratory_withholds_says_so_to_who_receives_it(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    """By a rule, which its message need not repeat; a correction says it too."""
    mine = changed(report, header=changed(report.header, title="Sérologie VIH"))
    sender, families = await machine(app), families_of(mine)
    assert families
    async with app.state.engine.begin() as connection:
        by = await connection.scalar(select(Professional.id).limit(1))
        for one in families:
            rule = {"family": one, "chosen_by": by, "chosen_at": utcnow()}
            row = {"id": uuid4(), "structure_id": sender.structure_id, **rule}
            await connection.execute(insert(WithheldFamily).values(**row))
    try:
        for action, version in ((Action.NEW, 1), (Action.REPLACE, 2)):
            assert "MSA|AA" in await send(lab, another_of(mine, version), action)
            where = (await lies_in(app)).id
            async with app.state.sessions() as db:
                documents = select(Document).where(Document.record_id == where)
                assert (await db.scalars(documents)).one().withheld
        assert await broken(app) == set()
    finally:
        await run(app, "DELETE FROM withheld_family")
