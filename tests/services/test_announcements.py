"""Results that wait for their announcement: from the deposit to the day that they show."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import select, text

from backend.access import Denied
from backend.access.actors import Professional
from backend.app import create_app
from backend.demo.people import LAURA
from backend.demo.reports import DemoDeposit
from backend.domain.calendar import civil_day
from backend.domain.errors import NotFound
from backend.domain.formats.hl7v2_writer import Action
from backend.domain.laboratory import Role
from backend.services import announcements, closure
from backend.services.soundness.announcements import read_announcements
from backend.services.soundness.verdict import Tally
from backend.settings import Settings, Worker
from backend.storage.announcements import Announcement, reason_of
from backend.storage.db import utcnow
from backend.storage.documents import Document
from backend.storage.records import Record, key_of
from backend.storage.structures import Professional as Directory
from backend.storage.structures import Structure
from backend.storage.vault import Tampered
from tests.fixtures.application import client_of, running
from tests.laboratory import Laboratory
from tests.services.test_closure import close

Reports = Mapping[str, DemoDeposit]
WITHHELD = {"INVISIBLE_PATIENT": True}
NAME = "laura-anti-gad-v1"
TOMORROW = civil_day(utcnow()) + timedelta(1)


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[Litestar]:
    app = create_app(replace(settings, worker=Worker.EXTERNAL))
    async with running(app):
        yield app


async def deposit(app: Litestar, reports: Reports, action: Action = Action.NEW) -> None:
    laboratory = Laboratory(client_of(app), "sgl-estuaire")
    ack = await laboratory.deposit(reports[NAME].report, action, flags=WITHHELD)
    assert "MSA|AA" in ack, ack


async def waits(app: Litestar) -> list[Announcement]:
    async with app.state.sessions() as db:
        return list(await db.scalars(select(Announcement).order_by(Announcement.opened_at)))


async def biologist(
    app: Litestar, role: Role = Role.BIOLOGIST, *, elsewhere: bool = False
) -> Professional:
    """Somebody at the laboratory that deposited, or at another."""
    async with app.state.sessions.begin() as db:
        there = Structure.id.in_(select(Document.structure_id))
        query = select(Structure).where(~there if elsewhere else there)
        structure = (await db.scalars(query.order_by(Structure.finess).limit(1))).one()
        somebody = (await db.scalars(select(Directory).order_by(Directory.national_id))).first()
        assert somebody
        return Professional(somebody.id, structure.id, "21/G", roles=frozenset({role}))


async def test_what_a_machine_withholds_waits_for_nobody_yet(
    app: Litestar, reports: Reports
) -> None:
    await deposit(app, reports)
    (wait,) = await waits(app)
    assert (wait.owner_id, wait.remind_on, wait.done_at) == (None, None, None)
    pro = await biologist(app)
    async with app.state.sessions.begin() as db:
        document = (await db.scalars(select(Document))).one()
        await announcements.plan(
            db, pro, document, owner=pro.id, remind_on=TOMORROW, reason=" VIH  positif "
        )
    (wait,) = await waits(app)
    assert (wait.owner_id, wait.remind_on) == (pro.id, TOMORROW)
    async with app.state.sessions() as db:
        record = (await db.scalars(select(Record).where(Record.id == wait.record_id))).one()
        assert reason_of(key_of(db, record), wait) == "VIH positif"
        assert not await db.scalar(
            text("SELECT count(*) FROM announcement WHERE announcement::text LIKE '%VIH%'")
        )


async def test_only_who_may_release_plans_and_only_at_home(app: Litestar, reports: Reports) -> None:
    await deposit(app, reports)
    secretary = await biologist(app, Role.SECRETARY)
    elsewhere = await biologist(app, elsewhere=True)
    async with app.state.sessions() as db:
        document = (await db.scalars(select(Document))).one()
        how: dict[str, Any] = {"owner": None, "remind_on": None, "reason": ""}
        with pytest.raises(Denied):
            await announcements.plan(db, secretary, document, **how)
        with pytest.raises(NotFound):
            await announcements.plan(db, elsewhere, document, **how)


async def test_a_withdrawal_ends_the_wait(app: Litestar, reports: Reports) -> None:
    await deposit(app, reports)
    await deposit(app, reports, Action.DELETE)
    (wait,) = await waits(app)
    assert wait.done_at
    assert wait.done_by is None


async def test_an_erased_space_takes_the_reason_with_it(app: Litestar, reports: Reports) -> None:
    await deposit(app, reports)
    pro = await biologist(app)
    async with app.state.sessions.begin() as db:
        document = (await db.scalars(select(Document))).one()
        await announcements.plan(db, pro, document, owner=pro.id, remind_on=None, reason="VIH")
    await close(app, LAURA, erase=True)
    async with app.state.sessions.begin() as db:
        await db.execute(
            text("UPDATE record SET erase_on = current_date - 1 WHERE state = 'ferme'")
        )
        assert (await closure.erase(db, document.record_id))[0]
    (wait,) = await waits(app)
    async with app.state.sessions() as db:
        record = (await db.scalars(select(Record).where(Record.id == wait.record_id))).one()
        with pytest.raises(Tampered):
            reason_of(key_of(db, record), wait)
        tally = Tally()
        await read_announcements(db, tally)
        assert (tally.counts["announcements"], tally.faults) == (1, 0)
        assert await announcements.call(db) == 0
