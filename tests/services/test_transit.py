"""Reports that are sent and not filed (DESTDMP=N): to the prescriber of who is opposed, alone."""

import asyncio
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from litestar import Litestar
from msgspec.structs import replace as changed
from sqlalchemy import select, text

from backend.cli.fsck import check
from backend.demo.people import LAURA
from backend.domain.calendar import civil_day
from backend.domain.dispatches import DispatchState, News
from backend.domain.formats.cda_writer import write_cda
from backend.domain.formats.hl7v2_writer import Action
from backend.domain.formats.xdm.schemes import WITHHELD
from backend.domain.reports import Person, Report, Traits
from backend.services import closure
from backend.services.deposits.transit import KEPT
from backend.services.soundness import Fault
from backend.storage.db import utcnow
from backend.storage.documents import Document, Notice
from backend.storage.records import Record, RecordState
from tests.days import TODAY
from tests.laboratory import Laboratory
from tests.services import test_dispatches as sending
from tests.services.test_dispatches import (
    PAUL,
    TO_PAUL,
    another,
    block,
    network,
    next_told,
    stored,
    story,
    work,
)
from tests.xdm import receive

opened, app, lab, report = sending.opened, sending.app, sending.lab, sending.report
ALONE = {**sending.ASKED, "DESTDMP": False}
NOBODY = "299019900000138"


def of(report: Report, traits: Traits) -> Report:
    """The same, of somebody else."""
    return changed(report, header=changed(report.header, patient=traits))


def another_of(report: Report, version: int) -> Report:
    """The same set."""
    header = changed(report.header, id=another(report).header.id, version=version)
    return changed(report, header=header)


async def send(lab: Laboratory, report: Report, action: Action = Action.NEW, **more: Any) -> str:
    """The acknowledgement."""
    flags = {**ALONE, **more.pop("flags", {})}
    more.setdefault("recipients", TO_PAUL)
    return await lab.deposit(report, action, flags=flags, **more)


async def transits(app: Litestar, state: RecordState = RecordState.TRANSIT) -> list[Record]:
    async with app.state.sessions() as db:
        return list(await db.scalars(select(Record).where(Record.state == state)))


async def broken(app: Litestar) -> set[Fault]:
    """What the store finds wrong, but for the promises that `work` takes away."""
    found = await check(app.state.settings, now=utcnow())
    return {one.fault for one in found.broken} - {
        Fault.MAIL_NOT_PROMISED,
        Fault.PAGES_NOT_PROMISED,
    }


async def run(app: Litestar, statement: str, **values: object) -> None:
    async with app.state.engine.begin() as connection:
        await connection.execute(text(statement), values)


async def test_what_is_not_announced_yet_says_so_and_calls_nobody(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    assert "MSA|AA" in await send(lab, report, flags={"INVISIBLE_PATIENT": True})
    await work(app)
    (kept,) = network(app).of(PAUL.mailbox)
    mail = message_from_bytes(kept.raw, _class=EmailMessage, policy=default)
    package, _pdf = mail.iter_attachments()
    with ZipFile(BytesIO(package.get_content())) as archive:
        (name,) = [one for one in archive.namelist() if one.endswith("METADATA.XML")]
        assert WITHHELD.code in archive.read(name).decode()
    assert await broken(app) == set()


@pytest.mark.parametrize("who", ["opposed", "nobody", "open"])
async def test_it_goes_to_its_prescriber_and_to_no_space(
    app: Litestar, lab: Laboratory, report: Report, who: str
) -> None:
    """Whether its person is opposed, has no space, or has one and wants it so."""
    before = {one.id for one in await transits(app)}
    mine = of(report, changed(LAURA.traits, matricule=NOBODY)) if who == "nobody" else report
    if who == "opposed":
        await run(app, "UPDATE record SET state = 'oppose' WHERE state = 'actif'")
    assert "MSA|AA" in await send(lab, mine)
    (record,) = [one for one in await transits(app) if one.id not in before]
    assert bool(record.transit_of) is (who != "nobody")
    async with app.state.sessions() as db:
        document = (await db.scalars(select(Document).where(Document.record_id == record.id))).one()
        told = await db.scalars(select(Notice).where(Notice.document_id == document.id))
        assert told.all() == []
    await work(app)
    (kept,) = network(app).of(PAUL.mailbox)
    mail = message_from_bytes(kept.raw, _class=EmailMessage, policy=default)
    package, _pdf = mail.iter_attachments()
    (received,) = receive(package.get_content())
    assert received.content == write_cda(mine)
    assert [one.state for one in await stored(app)] == [DispatchState.READ]
    assert "ZAM^Z02" in await next_told(lab)
    await run(app, "UPDATE record SET state = 'actif' WHERE state = 'oppose'")
    assert await broken(app) == set()


async def test_the_same_document_is_sent_once(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    first, second = await send(lab, report), await send(lab, report)
    assert "MSA|AA" in first
    assert "MSA|AA" in second
    assert len(await stored(app)) == 1
    await work(app)
    assert len(network(app).of(PAUL.mailbox)) == 1


async def test_ten_messages_at_once_are_one_mail_or_a_filed_document(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    other = another(report)
    given = await asyncio.gather(*(send(lab, report) for _ in range(10)))
    assert {"MSA|AA" in one for one in given} == {True}
    assert len({one.partition("R-2")[2][:19] for one in given}) == 1, "one receipt"
    assert len(await stored(app)) == 1
    mixed = [send(lab, other) for _ in range(3)]
    mixed += [lab.deposit(other, flags={}) for _ in range(3)]
    for one in await asyncio.gather(*mixed):
        assert "MSA|AA" in one or "|906^" in one, one
    assert await broken(app) == set()


async def test_a_replacement_says_so_and_stops_what_has_not_left(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    assert "MSA|AA" in await send(lab, report)
    header = changed(
        report.header, id=another(report).header.id, version=2, replaces=(report.header.id,)
    )
    second = changed(report, header=header)
    assert "|900^" in await send(lab, second), "a new one of the same set"
    assert "MSA|AA" in await send(lab, second, Action.REPLACE)
    await work(app)
    assert (News.CANCELLED, "replaced") in await story(app)
    (kept,) = network(app).of(PAUL.mailbox)
    body = message_from_bytes(kept.raw, _class=EmailMessage, policy=default).get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith("[Annule et remplace]")
    assert "MSA|AA" in await send(lab, report), "the first one again: its receipt"
    assert len(await stored(app)) == 2
    assert "|900^" in await send(lab, another_of(second, 1), Action.REPLACE), "an older version"
    assert await broken(app) == set()


async def test_what_is_withdrawn_does_not_leave(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    assert "|900^" in await send(lab, report, Action.DELETE), "never sent"
    assert "MSA|AA" in await send(lab, report)
    assert "MSA|AA" in await send(lab, report, Action.DELETE)
    await work(app)
    assert network(app).taken == []
    assert await story(app) == [(News.CANCELLED, "withdrawn")]
    assert await broken(app) == set()


async def test_whom_the_patient_blocked_gets_nothing_by_this_way_either(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    assert "MSA|AA" in await send(lab, report)
    (dispatch,) = await stored(app)
    (record,) = [one for one in await transits(app) if one.id == dispatch.record_id]
    assert record.transit_of not in {None, record.id}
    await block(app, PAUL.person.national_id, record.transit_of)
    await work(app)
    assert network(app).taken == []
    assert await story(app) == [(News.CANCELLED, "blocked")]


@pytest.mark.parametrize(
    ("flags", "recipients", "words"),
    [
        ({"DESTMSSANTEPS": False}, TO_PAUL, "aucun professionnel"),
        ({"DESTMSSANTEPAT": True}, TO_PAUL, "DESTMSSANTEPAT=Y"),
        ({"MODIF_CONF_CODE": True}, TO_PAUL, "MODIF_CONF_CODE=Y"),
    ],
)
async def test_what_makes_no_sense_is_refused_in_words(
    app: Litestar, lab: Laboratory, report: Report, flags: Any, recipients: Any, words: str
) -> None:
    before = len(await transits(app))
    answer = await send(lab, report, flags=flags, recipients=recipients)
    assert "MSA|AE" in answer
    assert "|906^" in answer
    assert words in answer
    assert len(await transits(app)) == before
    assert await stored(app) == []


async def test_to_nobody_is_refused(app: Litestar, lab: Laboratory, report: Report) -> None:
    header = changed(report.header, prescriber=Person(), general_practitioner=Person())
    answer = await send(lab, changed(report, header=header), recipients=())
    assert "aucun professionnel" in answer
    assert await stored(app) == []


async def test_what_is_filed_is_corrected_where_it_is(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    await sending.deposit(lab, report, flags={})
    for action in (Action.NEW, Action.REPLACE, Action.DELETE):
        answer = await send(lab, report, action)
        assert "|906^" in answer
        assert "DESTDMP=Y" in answer
    assert await stored(app) == []


async def test_what_was_only_sent_may_be_filed_afterwards(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    """Its person opened a space meanwhile: the same document, with DESTDMP=Y."""
    assert "MSA|AA" in await send(lab, report)
    header = changed(report.header, version=2, replaces=(report.header.id,))
    second = changed(report, header=changed(header, id=another(report).header.id))
    assert "|900^" in await lab.deposit(second, Action.REPLACE, flags=sending.ASKED)
    await sending.deposit(lab, report, flags={})
    assert "|906^" in await send(lab, second, Action.REPLACE), "now it is filed"


@pytest.mark.parametrize("action", [Action.REPLACE, Action.DELETE])
async def test_what_is_corrected_or_withdrawn_where_it_is_filed_leaves_no_more(
    app: Litestar, lab: Laboratory, report: Report, action: Action
) -> None:
    assert "MSA|AA" in await send(lab, report)
    await sending.deposit(lab, report, flags={})
    later = report if action is Action.DELETE else another_of(report, 2)
    assert "MSA|AA" in await lab.deposit(later, action)
    await work(app)
    assert network(app).taken == []
    assert await story(app) == [(News.CANCELLED, "withdrawn")]
    assert await broken(app) == set()


async def test_it_is_withdrawn_from_either_side(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    assert "MSA|AA" in await send(lab, report)
    await sending.deposit(lab, report, flags={})
    assert "MSA|AA" in await send(lab, report, Action.DELETE), "what was only sent"
    assert "MSA|AA" in await lab.deposit(report, Action.DELETE), "what was filed"
    await work(app)
    assert network(app).taken == []
    assert await broken(app) == set()


async def test_somebody_else_under_that_number_is_refused(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    """Where there is a space to compare with, as for every deposit."""
    stranger = changed(LAURA.traits, birth_name="DUPONT")
    assert "|904^" in await send(lab, of(report, stranger))
    assert await stored(app) == []


async def test_a_month_later_nobody_can_read_it(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    assert "MSA|AA" in await send(lab, report)
    await work(app)
    (dispatch,) = await stored(app)
    async with app.state.sessions.begin() as db:
        assert not (await closure.erase(db, dispatch.record_id))[0], "not before its day"
    assert {one.erase_on for one in await transits(app)} == {civil_day(utcnow() + KEPT)}
    await run(app, f"UPDATE record SET erase_on = {TODAY} WHERE state = 'transit'")
    async with app.state.sessions.begin() as db:
        assert await closure.promise_erasures(db) >= 1
        assert (await closure.erase(db, dispatch.record_id))[0]
    async with app.state.sessions() as db:
        record = (await db.scalars(select(Record).where(Record.id == dispatch.record_id))).one()
        assert (record.state, record.wrapped_key, record.transit_of) == (
            RecordState.ERASED,
            b"",
            None,
        )
    assert "plus d’un mois" in await send(lab, report)
    assert await broken(app) == set()
