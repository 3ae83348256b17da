"""Results that wait for their announcement: from the deposit to the day that they show."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import select, text

from backend.access import Action as Allowed
from backend.access import Denied, authorise
from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.announcements import waiting_for, with_what_waits
from backend.app import create_app
from backend.demo.people import LAURA
from backend.demo.reports import DemoDeposit
from backend.domain.calendar import civil_day
from backend.domain.deposits import Deposit, DepositAction, Flags
from backend.domain.errors import NotFound
from backend.domain.formats.cda import read_cda
from backend.domain.formats.cda_writer import write_cda
from backend.domain.formats.hl7v2_writer import Action
from backend.domain.laboratory import Role
from backend.domain.reports import Report
from backend.services import activity, announcements, closure, soundness
from backend.services.deposits import Given, Sent, receive
from backend.services.soundness.announcements import read_announcements
from backend.services.soundness.verdict import Tally
from backend.settings import Settings, Worker
from backend.storage.announcements import Announcement, reason_of
from backend.storage.db import utcnow, vault_of
from backend.storage.documents import Document
from backend.storage.records import Record, key_of
from backend.storage.structures import Professional as Directory
from backend.storage.structures import Structure
from backend.storage.vault import Tampered
from tests.days import TODAY
from tests.fixtures.application import client_of, running
from tests.hiding import another
from tests.laboratory import Laboratory
from tests.services.test_closure import actor_of, close

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
        await db.execute(text(f"UPDATE record SET erase_on = {TODAY} - 1 WHERE state = 'ferme'"))
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


async def by_hand(app: Litestar, pro: Professional, report: Report, flags: Flags) -> None:
    content = write_cda(report)
    read = read_cda(content)
    deposit = Deposit(
        action=DepositAction.REPLACE if read.header.replaces else DepositAction.NEW,
        patient=read.header.patient,
        sender=read.header.custodian,
        type_code=read.header.type_code,
        content=content,
        report=read,
        flags=flags,
    )
    async with app.state.sessions.begin() as db:
        sent = Sent.by(pro, deposit, message=str(read.header.id), vault=vault_of(db))
        (given,) = await receive(db, app.state.outside.files, [sent])
        assert isinstance(given, Given), given


async def test_by_hand_then_released_by_hand_the_store_is_sound(
    app: Litestar, reports: Reports
) -> None:
    await deposit(app, reports)
    pro = await biologist(app)
    first, second = (another(reports[NAME].report, 900, version=n) for n in (1, 2))
    hidden = another(reports[NAME].report, 901)
    for report, flags in ((first, Flags()), (second, Flags()), (hidden, Flags(withheld=True))):
        await by_hand(app, pro, report, flags)
    async with app.state.sessions.begin() as db:
        rows = await db.execute(with_what_waits(waiting_for(pro)))
        for _wait, document, _version, record, _identity in rows.all():
            authorise(db, pro, Allowed.RELEASE_DOCUMENT, document)
            wait = await announcements.show(db, pro, document, record, utcnow())
            assert wait
            wait.done_by = pro.id
    found = await soundness.check(
        app.state.sessions, app.state.outside.files, now=utcnow() + timedelta(1)
    )
    assert (found.broken, found.counts["documents"]) == ((), 3)
    laura = await actor_of(app, LAURA)
    async with app.state.sessions() as db:
        at = Moment.at(utcnow(), app.state.policy)
        assert await activity.last_look(db, laura, at) is None, "nobody opened her record"
