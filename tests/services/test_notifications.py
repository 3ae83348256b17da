"""A letter leaves only if, when it leaves, its reader may still see what it announces."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from uuid import uuid4

import pytest
from litestar import Litestar
from sqlalchemy import select, text

from backend.app import create_app
from backend.demo.people import KARIM, LAURA, LEA, PEOPLE
from backend.demo.reports import DemoDeposit, write_message
from backend.domain.formats.hl7v2_writer import Action
from backend.domain.jobs import Tell
from backend.domain.notices import MESSAGES, Event
from backend.gateways.sinks import Received
from backend.jobs.desk import message_id
from backend.jobs.handlers import make_handlers
from backend.jobs.worker import do_one
from backend.settings import Settings, Worker
from backend.storage.outbox import OutboxRow, OutboxState, enqueue
from tests.days import TODAY
from tests.fixtures.application import client_of, running
from tests.laboratory import Laboratory

Reports = Mapping[str, DemoDeposit]
REPORT = "laura-ionogramme-v1"
KIND = "tell"
COMMON = {"dans", "pour", "votre", "repères", "santé"}
"""Words of comments that the letter has too: it gives our name and says it tells nothing."""
LEA_ACTIVE = f"""
    UPDATE record SET state = 'actif' WHERE minor_until = '{LEA.minor_until}'
"""
"""The policy tells guardians of active records only."""


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[Litestar]:
    """The application without its worker: promises wait until `send`."""
    app = create_app(replace(settings, worker=Worker.EXTERNAL))
    async with running(app):
        yield app


@pytest.fixture
async def laboratory(app: Litestar) -> Laboratory:
    return Laboratory(client_of(app), "sgl-estuaire")


async def send(app: Litestar) -> list[Received]:
    """Do all that is due, then read the letter box."""
    handlers = make_handlers(app.state.outside, app.state.letters, app.state.policy)
    while await do_one(app.state.sessions, handlers):
        pass
    messages: list[Received] = app.state.outside.inbox.messages()
    return messages


async def promises(app: Litestar) -> list[OutboxState]:
    async with app.state.sessions() as db:
        letters = select(OutboxRow).where(OutboxRow.dedupe_key.startswith(KIND))
        rows = await db.scalars(letters.order_by(OutboxRow.created_at))
        return [row.state for row in rows]


async def run(app: Litestar, statement: str) -> None:
    """What another part of the service, or its operator, does in the meantime."""
    async with app.state.engine.begin() as connection:
        assert (await connection.execute(text(statement))).rowcount > 0


async def test_one_letter_leaves_for_one_document(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    assert "MSA|AA" in await laboratory.send(write_message(reports[REPORT]))
    (letter,) = await send(app)
    assert (letter.channel, letter.to) == ("email", LAURA.email)
    assert await promises(app) == [OutboxState.DONE]
    assert len(await send(app)) == 1


@pytest.mark.parametrize(
    "meanwhile",
    [
        "UPDATE document SET withheld = true",
        "UPDATE document SET status = 'withdrawn'",
        "UPDATE account SET state = 'suspendu'",
        "UPDATE account SET state = 'ferme'",
        "UPDATE record SET state = 'ferme'",
        "UPDATE record SET state = 'oppose'",
        f"UPDATE document SET version_id = '{uuid4()}'",
    ],
)
async def test_what_its_reader_may_no_longer_see_is_not_announced(
    app: Litestar, laboratory: Laboratory, reports: Reports, meanwhile: str
) -> None:
    assert "MSA|AA" in await laboratory.send(write_message(reports[REPORT]))
    assert await promises(app) == [OutboxState.DUE]
    await run(app, meanwhile)
    assert await send(app) == []
    assert await promises(app) == [OutboxState.CANCELLED]


async def test_a_document_withdrawn_by_its_laboratory_is_not_announced(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    report = reports[REPORT].report
    await laboratory.deposit(report)
    assert "MSA|AA" in await laboratory.deposit(report, Action.DELETE)
    (letter,) = await send(app)
    assert "retiré" in letter.text
    assert await promises(app) == [OutboxState.CANCELLED, OutboxState.DONE]


async def test_of_two_versions_in_a_row_only_the_last_is_announced(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    for name in (REPORT, "laura-ionogramme-v2"):
        assert "MSA|AA" in await laboratory.send(write_message(reports[name]))
    assert len(await send(app)) == 1
    assert await promises(app) == [OutboxState.CANCELLED, OutboxState.DONE]


async def test_a_version_that_becomes_withheld_silences_the_one_before(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    await laboratory.send(write_message(reports[REPORT]))
    second = reports["laura-ionogramme-v2"].report
    ack = await laboratory.deposit(second, Action.REPLACE, flags={"INVISIBLE_PATIENT": True})
    assert "MSA|AA" in ack
    assert await send(app) == []
    assert await promises(app) == [OutboxState.CANCELLED]


async def test_a_parent_is_told_while_a_parent(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    await run(app, LEA_ACTIVE)
    assert "MSA|AA" in await laboratory.send(write_message(reports["lea-bilan-v1"]))
    (letter,) = await send(app)
    assert letter.to == KARIM.email


@pytest.mark.parametrize(
    "meanwhile",
    [
        "UPDATE guardianship SET revoked_at = now()",
        f"UPDATE guardianship SET valid_until = {TODAY}",
        f"UPDATE record SET minor_until = {TODAY} WHERE minor_until IS NOT NULL",
        "UPDATE document SET hidden_from_guardians = true",
    ],
)
async def test_who_is_no_longer_a_parent_is_not_told(
    app: Litestar, laboratory: Laboratory, reports: Reports, meanwhile: str
) -> None:
    await run(app, LEA_ACTIVE)
    assert "MSA|AA" in await laboratory.send(write_message(reports["lea-bilan-v1"]))
    await run(app, meanwhile)
    assert await send(app) == []
    assert await promises(app) == [OutboxState.CANCELLED]


async def test_each_account_that_may_see_it_gets_one_letter(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    await run(app, LEA_ACTIVE)
    await run(
        app,
        "INSERT INTO guardianship (id, record_id, account_id, valid_from) "
        "SELECT gen_random_uuid(), guardianship.record_id, account.id, guardianship.valid_from "
        "FROM guardianship JOIN account ON account.id <> guardianship.account_id",
    )
    assert "MSA|AA" in await laboratory.send(write_message(reports["lea-bilan-v1"]))
    everyone = {someone.email for someone in PEOPLE if someone.email}
    letters = await send(app)
    assert sorted(letter.to for letter in letters) == sorted(everyone)


async def test_the_letter_names_nobody_and_nothing_medical(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    for sent in reports.values():
        if sent.laboratory.client_id == laboratory.data.client_id:
            await laboratory.send(write_message(sent))
    letters = await send(app)
    assert {letter.subject for letter in letters} <= {
        line.rstrip(".") for line in MESSAGES.values()
    }
    said = " ".join(f"{letter.subject} {letter.text}" for letter in letters).casefold()
    forbidden = set(re.findall(r"\w{4,}", " ".join(words(reports)).casefold()))
    assert len(forbidden) > 150
    assert forbidden & set(re.findall(r"\w+", said)) <= COMMON


def words(reports: Reports) -> list[str]:
    """Names of people and laboratories, labels and comments of all the reports."""
    said = []
    for sent in reports.values():
        report = sent.report
        traits = report.header.patient
        said += [traits.birth_name, traits.given_names, report.header.custodian.name]
        said += [report.header.prescriber.name, *report.comments]
        said += [result.label for result in report.results]
        said += [result.chapter for result in report.results]
    return said


async def test_a_promise_done_again_is_the_same_letter(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    await laboratory.send(write_message(reports[REPORT]))
    async with app.state.sessions() as db:
        keys = list(await db.scalars(select(OutboxRow.dedupe_key)))
        ids = [message_id(db, key) for key in keys]
        assert ids == [message_id(db, key) for key in keys]
    assert len(set(ids)) == len(keys)
    for key, id_ in zip(keys, ids, strict=True):
        assert re.fullmatch(r"[0-9a-f]{40}", id_)
        assert key not in id_


async def test_an_account_that_never_existed_is_told_nothing(app: Litestar) -> None:
    ids = {name: uuid4() for name in ("account_id", "record_id", "document_id", "version_id")}
    async with app.state.sessions.begin() as db:
        await enqueue(db, Tell(event=Event.NEW, **ids), key=f"{KIND}/nobody")
    assert await send(app) == []
    assert await promises(app) == [OutboxState.CANCELLED]
