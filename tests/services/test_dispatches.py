"""Envois MSSanté from the deposit to the receipt, through a real operator on this machine."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import UUID, uuid4

import pytest
from litestar import Litestar
from msgspec.structs import replace as changed
from sqlalchemy import func, select, text, update

from backend.access.actors import Machine
from backend.access.scopes.dispatches import refuses
from backend.app import create_app
from backend.demo.mssante import Behaviour, Network
from backend.demo.mssante.reports import write_dsn, write_mdn
from backend.demo.people import LAURA, PRACTITIONERS
from backend.demo.reports import DemoDeposit
from backend.domain.dispatches import DispatchState, News
from backend.domain.dispatches.mailboxes import Box
from backend.domain.formats.cda_writer import write_cda
from backend.domain.formats.er7 import split_segments
from backend.domain.formats.hl7v2_writer import Action, Recipient
from backend.domain.reports import Identifier, Person, Report
from backend.gateways.annuaire import AnnuaireSante
from backend.jobs.dispatching import read_mailbox
from backend.jobs.handlers import make_handlers
from backend.jobs.worker import do_one
from backend.services import dispatches
from backend.services.dispatches.advancing import ROBOT
from backend.settings import Worker
from backend.storage.care import CareLink
from backend.storage.db import utcnow
from backend.storage.dispatches import Dispatch, DispatchEvent
from backend.storage.outbox import OutboxRow, OutboxState
from backend.storage.structures import MachineClient, Professional
from backend.storage.traces import Trace
from tests.fixtures.application import client_of, running, settings_for
from tests.fixtures.database import Databases
from tests.laboratory import Laboratory
from tests.xdm import receive

Reports = Mapping[str, DemoDeposit]
PAUL = next(one for one in PRACTITIONERS if one.person.family.upper() == "MARTIN")
CITIZEN = f"{LAURA.traits.matricule}@patient.mssante.fr"
ASKED = {"DESTMSSANTEPS": True, "ACK_RECEPTION": True, "ACK_LECTURE_MSS": True}
TO_PAUL = (Recipient(PAUL.mailbox, PAUL.person),)
N = {"rim": "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"}


@pytest.fixture(scope="module")
async def opened(
    databases: Databases, world_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Litestar]:
    """The application without its worker: nothing leaves until `work`."""
    url = databases.copy(world_template)
    settings = settings_for(url, tmp_path_factory.mktemp("dispatches"))
    app = create_app(replace(settings, worker=Worker.EXTERNAL))
    async with running(app):
        yield app
    databases.drop(url)


@pytest.fixture
async def app(opened: Litestar) -> Litestar:
    """The same for each test, with nothing on its way and a network that forgot."""
    async with opened.state.engine.begin() as connection:
        for table in ("dispatch_event", "dispatch", "outbox", "care_link"):
            await connection.execute(text(f"DELETE FROM {table}"))
        await connection.execute(text("UPDATE record SET state = 'actif' WHERE state = 'oppose'"))
    near = network(opened)
    near.taken, near.boxes, near.behaviours = [], {}, {}
    return opened


@pytest.fixture
def report(reports: Reports) -> Report:
    """A report that nobody deposited yet."""
    return another(reports["laura-bilan-sanguin-v1"].report)


def another(report: Report) -> Report:
    """The same under another number."""
    number = Identifier(f"2.25.{uuid4().int}")
    return changed(report, header=changed(report.header, id=number, set_id=number))


@pytest.fixture
async def lab(app: Litestar) -> Laboratory:
    return Laboratory(client_of(app), "sgl-estuaire")


def network(app: Litestar) -> Network:
    found: Network = app.state.near.network
    return found


async def deposit(lab: Laboratory, report: Report, **changes: Any) -> None:
    """Asks for everything, to Paul, unless told otherwise."""
    flags = changes.pop("flags", ASKED)
    changes.setdefault("recipients", TO_PAUL)
    assert "MSA|AA" in await lab.deposit(report, flags=flags, control_id="C-015", **changes)


async def work(app: Litestar) -> None:
    """The worker, until nothing of ours is due, then the mailbox."""
    async with app.state.engine.begin() as connection:
        ours = text("DELETE FROM outbox WHERE dedupe_key NOT LIKE 'dispatch/%'")
        await connection.execute(ours)
    handlers = make_handlers(app.state.outside, app.state.letters, app.state.policy)
    while await do_one(app.state.sessions, handlers):
        pass
    await read_mailbox(app.state.sessions, app.state.outside.mailbox)


async def hurry(app: Litestar, **changes: object) -> None:
    async with app.state.sessions.begin() as db:
        await db.execute(update(OutboxRow).values(due_at=utcnow() - timedelta(1), **changes))


async def stored(app: Litestar) -> list[Dispatch]:
    async with app.state.sessions() as db:
        return list(await db.scalars(select(Dispatch).order_by(Dispatch.promised_at)))


async def story(app: Litestar) -> list[tuple[News, str]]:
    async with app.state.sessions() as db:
        events = select(DispatchEvent).order_by(DispatchEvent.dispatch_id, DispatchEvent.number)
        return [(one.news, one.code) for one in await db.scalars(events)]


async def machine(app: Litestar) -> Machine:
    async with app.state.sessions() as db:
        client = (
            await db.scalars(select(MachineClient).where(MachineClient.client_id == "sgl-estuaire"))
        ).one()
    return Machine(client.id, client.structure_id, frozenset({"deposit:bio"}))


DOOR = "/api/hl7v2/acquittements"


async def next_told(lab: Laboratory) -> str:
    """The ZAM that waits for this system; nothing when none does."""
    bearer = {"Authorization": f"Bearer {await lab.token()}"}
    answer = await lab.client.get(DOOR, headers=bearer)
    assert answer.status_code == (200 if answer.content else 204)
    return answer.content.decode()


async def all_told(lab: Laboratory) -> list[str]:
    """Each ZAM that waits, taken one after the other."""
    found = []
    while message := await next_told(lab):
        found.append(message)
        await tell_back(lab, ack(split_segments(message)[0].text(10)))
    return found


async def tell_back(lab: Laboratory, body: str) -> tuple[int, str]:
    """What our door says of an ACK of this system."""
    bearer = {"Authorization": f"Bearer {await lab.token()}"}
    answer = await lab.client.post(DOOR, content=body.encode(), headers=bearer)
    return answer.status_code, answer.text


def ack(number: str, code: str = "AA") -> str:
    return f"MSH|^~\\&|SGL|LABO|REPERES|REPERES|20261127||ACK|1|P|2.6\rMSA|{code}|{number}\r"


async def test_a_report_reaches_its_prescriber_and_the_laboratory_learns_it(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    await deposit(lab, report)
    assert network(app).taken == []
    await work(app)
    (kept,) = network(app).of(PAUL.mailbox)
    mail = message_from_bytes(kept.raw, _class=EmailMessage, policy=default)
    assert mail["Subject"].startswith("XDM/1.0/DDM+CR d'examens biologiques BERNARD LAURA")
    package, pdf = mail.iter_attachments()
    assert package.get_filename() == "IHE_XDM.zip"
    assert pdf.get_content() == report.pdf
    (received,) = receive(package.get_content())
    assert received.content == write_cda(report)
    assert received.patient.startswith(LAURA.traits.matricule)
    assert [one.state for one in await stored(app)] == [DispatchState.READ]
    assert await story(app) == [
        (News.SENT, ""),
        (News.DELIVERED, "2.1.5"),
        (News.READ, "displayed"),
    ]
    async with app.state.sessions() as db:
        (dispatch,) = await stored(app)
        lines = select(Trace.action).where(Trace.thing_id == dispatch.id)
        assert [*await db.scalars(lines.order_by(Trace.number))] == [
            "dispatch:promise",
            "dispatch:send",
            "dispatch:follow",
            "dispatch:follow",
        ]


async def test_the_acknowledgements_that_were_asked_for_are_given_until_they_are_had(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    await deposit(lab, report)
    await work(app)
    neighbour, told = Laboratory(lab.client, "sgl-tilleuls"), []
    for event, answer, who in (
        ("Z02", "ACK_RECEPTION_MSS", "DESTINATAIRE_MSS"),
        ("Z03", "ACK_LECTURE_MSS", "LECTEUR_MSS"),
    ):
        message = await next_told(lab)
        assert await next_told(lab) == message, "until it is had"
        assert await next_told(neighbour) == ""
        msh, _evn, status, recipient = split_segments(message)
        assert (msh.text(9), msh.text(9, 2), msh.text(12)) == ("ZAM", event, "2.6")
        assert (msh.text(5), msh.text(6)) == ("SGL", "LABO")
        assert (status.text(3), status.text(4), status.text(5)) == (answer, "C-015", "Y")
        assert (recipient.text(3), recipient.text(4)) == (who, PAUL.person.national_id)
        assert recipient.text(5, 4) == PAUL.mailbox
        told.append(msh.text(10))
        assert (await tell_back(neighbour, ack(told[-1])))[0] == 404
        assert (await tell_back(lab, ack(told[-1], "AR")))[0] == 204
        assert await next_told(lab) == message, "later, it said"
        assert (await tell_back(lab, ack(told[-1])))[0] == 204
        assert (await tell_back(lab, ack(told[-1])))[0] == 204, "said twice"
    assert await next_told(lab) == ""


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("MSH|^~\\&|SGL\rMSH", 400),
        (ack("0" * 20), 404),
        (ack("%"), 404),
        (ack("0" * 20, "ZZ"), 400),
        ("\x00", 400),
    ],
)
async def test_what_is_no_answer_is_refused_in_words(
    lab: Laboratory, body: str, status: int
) -> None:
    code, text = await tell_back(lab, body)
    assert code == status
    assert "MSA|AE" in text
    assert "ERR||MSA" in text


@pytest.mark.parametrize(
    ("behaviour", "state", "code", "digits"),
    [
        (Behaviour.UNKNOWN, DispatchState.BOUNCED, "550 5.1.1", "550"),
        (Behaviour.FULL, DispatchState.BOUNCED, "552 5.2.2", "552"),
        (Behaviour.BOUNCE, DispatchState.BOUNCED, "5.1.1 550", "550"),
        (Behaviour.KO, DispatchState.BOUNCED, "integration", "554"),
        (Behaviour.DROP, DispatchState.SENT, "", ""),
        (Behaviour.INTEGRATE, DispatchState.READ, "processed", ""),
    ],
)
async def test_each_answer_of_the_other_side_ends_where_it_should(
    app: Litestar,
    lab: Laboratory,
    report: Report,
    behaviour: Behaviour,
    state: DispatchState,
    code: str,
    digits: str,
) -> None:
    network(app).behave(PAUL.mailbox, behaviour)
    await deposit(lab, report)
    await work(app)
    assert [one.state for one in await stored(app)] == [state]
    assert (await story(app))[-1][1] == code
    failures = [message for message in await all_told(lab) if "|N^^" in message]
    assert len(failures) == bool(digits)
    assert all(f"|E|{digits}^" in message for message in failures)


async def test_a_crash_after_the_mail_left_sends_the_same_mail_and_one_story(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    """The operator took it, the answer was lost: our transaction is undone, the promise stays."""
    network(app).behave(PAUL.mailbox, Behaviour.HANG_UP)
    await deposit(lab, report)
    await work(app)
    assert [one.state for one in await stored(app)] == [DispatchState.DELIVERED]
    await hurry(app, state=OutboxState.DUE)
    await work(app)
    first, *again = network(app).of(PAUL.mailbox)
    assert again == []  # delivered in the meantime: nothing left to send
    assert await story(app) == [(News.DELIVERED, "2.1.5")]
    assert first.raw


async def test_a_mail_sent_twice_is_the_same_mail(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    network(app).behave(PAUL.mailbox, Behaviour.DROP)
    await deposit(lab, report)
    await work(app)
    async with app.state.engine.begin() as connection:  # as if the crash came before the commit
        await connection.execute(text("UPDATE dispatch SET state = 'promised'"))
    await hurry(app, state=OutboxState.DUE)
    await work(app)
    (_, first), (_, second) = network(app).taken
    assert first == second


async def test_an_operator_that_is_away_is_waited_for_a_day(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    network(app).behave(PAUL.mailbox, Behaviour.LATER)
    await deposit(lab, report)
    await work(app)
    assert [one.state for one in await stored(app)] == [DispatchState.PROMISED]
    async with app.state.engine.begin() as connection:
        await connection.execute(text("UPDATE dispatch SET promised_at = now() - interval '25 h'"))
    await hurry(app)
    await work(app)
    assert await story(app) == [(News.GIVEN_UP, "expired")]
    assert len(await all_told(lab)) == 1


async def test_without_recipients_the_directory_knows_the_prescriber_and_the_physician(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    stranger = Person(national_id="899700000000", family="AUBERT", given="LUCIE")
    other = changed(report, header=changed(report.header, general_practitioner=stranger))
    await deposit(lab, other, recipients=())
    await work(app)
    assert sorted(one.state.value for one in await stored(app)) == ["given-up", "read"]
    assert (News.GIVEN_UP, "no-address") in await story(app)
    assert len(network(app).of(PAUL.mailbox)) == 1


async def test_a_patient_receives_what_is_not_withheld_and_never_what_is(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    both = {"DESTMSSANTEPS": True, "DESTMSSANTEPAT": True}
    await deposit(lab, report, flags=both, recipients=())
    await work(app)
    assert len(network(app).of(CITIZEN)) == 1
    refused = await lab.deposit(another(report), flags={**both, "INVISIBLE_PATIENT": True})
    assert "MSA|AE" in refused
    hidden = {**both, "INVISIBLE_REP_LEGAUX": True}
    await deposit(lab, another(report), flags=hidden, recipients=())
    async with app.state.engine.begin() as connection:
        await connection.execute(text("UPDATE dispatch SET role = 'patient'"))  # the last wall
    await work(app)
    assert len(network(app).of(CITIZEN)) == 1
    assert (News.CANCELLED, "hidden") in await story(app)


async def test_a_replacement_stops_what_has_not_left_and_says_that_it_replaces(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    await deposit(lab, report)
    header = changed(
        report.header, id=another(report).header.id, version=2, replaces=(report.header.id,)
    )
    await deposit(lab, changed(report, header=header), action=Action.REPLACE)
    await work(app)
    assert sorted(one.state.value for one in await stored(app)) == ["cancelled", "read"]
    assert (News.CANCELLED, "replaced") in await story(app)
    (kept,) = network(app).of(PAUL.mailbox)
    body = message_from_bytes(kept.raw, _class=EmailMessage, policy=default).get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith("[Annule et remplace]")
    assert len(await all_told(lab)) == 2  # of the second alone


async def test_what_waits_when_only_the_visibility_changes_leaves_all_the_same(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    await deposit(lab, report)
    header = changed(
        report.header, id=another(report).header.id, version=2, replaces=(report.header.id,)
    )
    masked = {"MASQUE_PS": True, "MODIF_CONF_CODE": True}
    await deposit(lab, changed(report, header=header), action=Action.REPLACE, flags=masked)
    await work(app)
    assert len(network(app).of(PAUL.mailbox)) == 1
    assert sorted(one.state.value for one in await stored(app)) == ["cancelled", "read"]


async def test_somebody_without_a_number_may_be_whom_the_patient_refuses(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    nameless = (Recipient(PAUL.mailbox, Person()),)
    await deposit(lab, report, recipients=nameless)
    await work(app)
    assert len(network(app).of(PAUL.mailbox)) == 1
    await deposit(lab, another(report), recipients=nameless)
    await block(app, PAUL.person.national_id)
    await work(app)
    assert len(network(app).of(PAUL.mailbox)) == 1
    assert (News.CANCELLED, "blocked") in await story(app)


async def test_a_number_without_its_type_is_that_of_whom_the_patient_refuses(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    """As a document may name its prescriber: eleven digits, without the `8`."""
    number = PAUL.person.national_id
    bare = changed(PAUL.person, national_id=number[1:])
    header = changed(report.header, prescriber=bare, general_practitioner=Person())
    await deposit(lab, changed(report, header=header), recipients=())
    await block(app, number)
    await work(app)
    assert (News.CANCELLED, "blocked") in await story(app)
    async with app.state.sessions() as db:
        (found,) = await db.scalars(select(Dispatch))
        for asked, refused in ((number[1:], True), (number, True), (f"7{number[1:]}", False)):
            link = await db.scalar(refuses(ROBOT, found.record_id, asked))
            assert bool(link) is refused, asked


async def block(app: Litestar, national_id: str, record_id: UUID | None = None) -> None:
    """The patient of the dispatches, or of this record, refuses this professional."""
    async with app.state.engine.begin() as connection:
        doctor = select(Professional.id).where(Professional.national_id == national_id)
        link = CareLink.__table__.insert()  # type: ignore[attr-defined]
        await connection.execute(
            link.values(
                id=uuid4(),
                record_id=record_id or await connection.scalar(select(Dispatch.record_id).limit(1)),
                professional_id=await connection.scalar(doctor),
                blocked=True,
                in_team=False,
                informed=False,
                objected=False,
                treating=False,
            )
        )


async def block_paul(app: Litestar) -> None:
    await block(app, PAUL.person.national_id)


async def test_what_is_blocked_or_withdrawn_while_the_directory_is_asked_does_not_leave(
    app: Litestar, lab: Laboratory, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    annuaire: AnnuaireSante = app.state.outside.annuaire
    ask, changes = annuaire.of_professional, [block_paul, withdraw]

    async def meanwhile(number: str) -> list[Box]:
        await changes.pop(0)(app)
        return await ask(number)

    monkeypatch.setattr(annuaire, "of_professional", meanwhile)
    to_find = (Recipient("", PAUL.person),)
    await deposit(lab, report, recipients=to_find)
    await work(app)
    async with app.state.engine.begin() as connection:
        await connection.execute(text("DELETE FROM care_link"))
    await deposit(lab, another(report), recipients=to_find)
    await work(app)
    assert network(app).taken == []
    assert {code for _, code in await story(app)} == {"blocked", "withdrawn"}


async def withdraw(app: Litestar) -> None:
    """What is about to leave, by its laboratory."""
    async with app.state.engine.begin() as connection:
        await connection.execute(
            text(
                "UPDATE document SET status = 'withdrawn' WHERE id IN"
                " (SELECT document_id FROM dispatch WHERE state = 'promised')"
            )
        )


async def test_what_was_withdrawn_blocked_or_closed_before_it_left_does_not_leave(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    others = [another(report), another(report)]
    await deposit(lab, report)
    assert "MSA|AA" in await lab.deposit(report, Action.DELETE)
    await work(app)
    await deposit(lab, others[0])
    await block(app, PAUL.person.national_id)
    await work(app)
    await deposit(lab, others[1])
    async with app.state.engine.begin() as connection:
        whose = "(SELECT record_id FROM dispatch LIMIT 1)"
        await connection.execute(text(f"UPDATE record SET state = 'oppose' WHERE id = {whose}"))
    await work(app)
    assert network(app).taken == []
    assert {code for _, code in await story(app)} == {"withdrawn", "blocked", "opposed"}
    assert {one.state for one in await stored(app)} == {DispatchState.CANCELLED}


async def test_what_comes_back_is_believed_of_its_recipient_only(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    network(app).behave(PAUL.mailbox, Behaviour.DROP)
    await deposit(lab, report)
    await work(app)
    ((_, raw),) = network(app).taken
    mail, forged = message_from_bytes(raw), message_from_bytes(raw)
    forged.replace_header("Message-ID", f"<{'0' * 40}@applications.mssante.example>")
    ours = app.state.outside.mailbox is not None and network(app).ours
    for false in (
        write_mdn(forged, PAUL.mailbox, "displayed"),
        write_mdn(mail, "eve@medecins.mssante.example", "displayed"),
        write_dsn(forged, PAUL.mailbox, "failed", "5.1.1"),
        write_dsn(mail, "eve@medecins.mssante.example", "failed", "5.1.1"),
        write_mdn(mail, PAUL.mailbox, "denied"),
        write_mdn(mail, PAUL.mailbox, "displayed").replace(
            f"From: {PAUL.mailbox}".encode(), b"From: eve@medecins.mssante.example", 1
        ),
        b"Subject: x\r\n" * 9_000,
    ):
        network(app).deliver(str(ours), false)
    await work(app)
    assert [one.state for one in await stored(app)] == [DispatchState.SENT]
    for _ in range(2):  # the same news twice
        network(app).deliver(str(ours), write_mdn(mail, PAUL.mailbox.upper(), "displayed"))
    await work(app)
    assert await story(app) == [(News.SENT, ""), (News.READ, "displayed")]


async def test_what_nobody_came_back_from_is_given_up_by_the_calendar(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    await deposit(lab, report)
    async with app.state.engine.begin() as connection:
        await connection.execute(text("UPDATE dispatch SET promised_at = now() - interval '73 h'"))
    for expected in (1, 0):
        async with app.state.sessions.begin() as db:
            assert await dispatches.give_up_lost(db) == expected
    assert await story(app) == [(News.GIVEN_UP, "expired")]


async def test_nothing_is_promised_when_the_deposit_is_refused_or_asks_for_nothing(
    app: Litestar, lab: Laboratory, report: Report
) -> None:
    wrong = changed(report, header=changed(report.header, confidentiality="R"))
    assert "MSA|AE" in await lab.deposit(wrong, flags=ASKED, recipients=TO_PAUL)
    await deposit(lab, report, flags={}, recipients=TO_PAUL)
    async with app.state.sessions() as db:
        assert await db.scalar(select(func.count()).select_from(Dispatch)) == 0
