"""The laboratory's door: what is acknowledged is filed, what is refused leaves nothing."""

import asyncio
import re
from base64 import b64encode
from collections.abc import Mapping

import pytest
from litestar import Litestar
from msgspec.structs import replace
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.demo.reports import DemoDeposit, write_message
from backend.domain.formats.cda_writer import write_cda
from backend.domain.formats.hl7v2_writer import Action, Recipient
from backend.domain.reports import Identifier, Organisation, Person, Report
from backend.storage.documents import Document, DocumentStatus, Notice, Receipt, Version
from backend.storage.outbox import OutboxRow
from backend.storage.traces import Trace
from tests.laboratory import Laboratory

Reports = Mapping[str, DemoDeposit]


def session(app: Litestar) -> AsyncSession:
    opened: AsyncSession = app.state.sessions()
    return opened


async def counts(app: Litestar) -> tuple[int, int, int, int]:
    """(documents, versions, receipts, promises): what a refusal must leave as it was."""
    async with session(app) as db:
        tables = (Document, Version, Receipt, OutboxRow)
        found = [await db.scalar(select(func.count()).select_from(table)) for table in tables]
    return tuple(found)  # type: ignore[return-value]


def newer(report: Report, version: int, unique: str = "9") -> Report:
    """The next version of a report: a new id, the old one named."""
    header = report.header
    identity = Identifier(header.id.root + f".{unique}", header.id.extension)
    return replace(
        report,
        header=replace(header, id=identity, version=version, replaces=(header.id,)),
    )


def receipt_of(ack: str) -> str:
    found = re.search(r"R-\d{8}-[0-9A-F]{10}", ack)
    assert found, ack
    return found[0]


async def test_every_report_of_the_demonstration_is_filed(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    other = Laboratory(laboratory.client, "sgl-tilleuls")
    for name, sent in reports.items():
        sender = other if sent.laboratory.client_id == "sgl-tilleuls" else laboratory
        ack = await sender.send(write_message(sent))
        assert "MSA|AA" in ack, (name, ack)
        receipt_of(ack)
    async with session(app) as db:
        withdrawn = select(Document).where(Document.status == DocumentStatus.WITHDRAWN)
        assert len((await db.scalars(withdrawn)).all()) == 1


async def test_the_same_message_again_gets_the_same_receipt_and_nothing_more(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    message = laboratory.message(reports["laura-bilan-sanguin-v1"].report)
    first = receipt_of(await laboratory.send(message))
    before = await counts(app)
    assert receipt_of(await laboratory.send(message)) == first
    assert await counts(app) == before


async def test_the_same_document_in_another_message_is_not_filed_twice(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    report = reports["laura-bilan-sanguin-v1"].report
    first = receipt_of(await laboratory.deposit(report))
    before = await counts(app)
    assert receipt_of(await laboratory.deposit(report)) == first
    assert await counts(app) == before


async def test_ten_senders_at_once_file_one_document(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    message = laboratory.message(reports["laura-bilan-sanguin-v1"].report)
    await laboratory.token()
    acks = await asyncio.gather(*(laboratory.send(message) for _ in range(10)))
    assert len({receipt_of(ack) for ack in acks}) == 1
    assert (await counts(app))[:3] == (1, 1, 1)


async def test_the_same_id_with_other_bytes_is_refused(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    report = reports["laura-bilan-sanguin-v1"].report
    await laboratory.deposit(report)
    before = await counts(app)
    ack = await laboratory.deposit(replace(report, comments=("Autre texte.",)))
    assert "MSA|AE" in ack
    assert "|906" in ack
    assert await counts(app) == before


async def test_a_replacement_becomes_the_current_version(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    report = reports["laura-bilan-sanguin-v1"].report
    await laboratory.deposit(report)
    assert "MSA|AA" in await laboratory.deposit(newer(report, 2), Action.REPLACE)
    async with session(app) as db:
        document = (await db.scalars(select(Document))).one()
        versions = {v.number: v for v in await db.scalars(select(Version))}
        kinds = [notice.kind for notice in await db.scalars(select(Notice).order_by(Notice.at))]
    assert document.version_id == versions[2].id
    assert versions[1].superseded_at is not None
    assert versions[2].corrects_received_at == versions[1].received_at
    assert kinds == ["new", "replaced"]


async def test_a_replacement_of_an_unknown_parent_is_found_by_its_set(
    laboratory: Laboratory, reports: Reports
) -> None:
    report = reports["laura-bilan-sanguin-v1"].report
    await laboratory.deposit(report)
    orphan = newer(report, 2)
    orphan = replace(orphan, header=replace(orphan.header, replaces=(Identifier("1.2.3.4"),)))
    assert "MSA|AA" in await laboratory.deposit(orphan, Action.REPLACE)


@pytest.mark.parametrize(
    ("version", "action", "code"),
    [(1, Action.REPLACE, "900"), (0, Action.REPLACE, "900"), (2, Action.NEW, "900")],
)
async def test_a_stale_version_is_refused(
    app: Litestar,
    laboratory: Laboratory,
    reports: Reports,
    version: int,
    action: Action,
    code: str,
) -> None:
    report = reports["laura-bilan-sanguin-v1"].report
    await laboratory.deposit(report)
    before = await counts(app)
    ack = await laboratory.deposit(newer(report, version or 1, "7"), action)
    assert "MSA|AE" in ack
    assert f"|{code}" in ack
    assert await counts(app) == before


async def test_a_replacement_of_nothing_is_refused(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    before = await counts(app)
    report = newer(reports["laura-bilan-sanguin-v1"].report, 2)
    assert "|900" in await laboratory.deposit(report, Action.REPLACE)
    assert await counts(app) == before


async def test_another_laboratory_can_neither_send_nor_replace_nor_delete_it(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    report = reports["laura-bilan-sanguin-v1"].report
    await laboratory.deposit(report)
    before = await counts(app)
    thief = Laboratory(laboratory.client, "sgl-tilleuls")
    for action in Action:
        for claims in (report.header.custodian, Organisation("1440099991", "Tilleuls")):
            ack = await thief.deposit(newer(report, 2), action, organisation=claims)
            assert "MSA|AE" in ack
            assert "|901" in ack
    assert await counts(app) == before


async def test_a_withdrawal_keeps_the_document_and_hides_it(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    report = reports["laura-bilan-sanguin-v1"].report
    await laboratory.deposit(report)
    assert "MSA|AA" in await laboratory.deposit(report, Action.DELETE)
    async with session(app) as db:
        document = (await db.scalars(select(Document))).one()
    assert document.status is DocumentStatus.WITHDRAWN
    assert "|900" in await laboratory.deposit(newer(report, 2), Action.REPLACE)


async def test_the_identity_must_be_the_one_of_the_record_trait_by_trait(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    before = await counts(app)
    report = reports["laura-bilan-sanguin-v1"].report
    patient = report.header.patient
    wrong = {
        "birth_name": "BERNARDO",
        "first_given": "LORA",
        "sex": "M",
        "birthplace": "44110",
        "birth_date": patient.birth_date.replace(day=1) if patient.birth_date else None,
    }
    for trait, value in wrong.items():
        changed = replace(patient, **{trait: value})
        ack = await laboratory.deposit(
            replace(report, header=replace(report.header, patient=changed))
        )
        assert "|904" in ack, (trait, ack)
    assert await counts(app) == before


async def test_the_envelope_and_the_document_must_speak_of_one_person(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    before = await counts(app)
    laura = reports["laura-bilan-sanguin-v1"].report
    other = next(
        sent.report
        for sent in reports.values()
        if sent.patient.key != "laura"
        and sent.laboratory.client_id == laboratory.data.client_id
        and sent.report.header.type_code == laura.header.type_code
    )
    ack = await laboratory.deposit(laura, content=write_cda(other))
    assert "|904" in ack
    assert await counts(app) == before


async def test_nothing_is_filed_for_who_refused_and_the_answer_is_that_of_an_unknown_person(
    laboratory: Laboratory, reports: Reports
) -> None:
    from backend.demo.people import MICHEL

    report = reports["laura-bilan-sanguin-v1"].report
    stranger = replace(MICHEL.traits, matricule="157022901900470")
    answers = []
    for patient in (MICHEL.traits, stranger):
        sent = replace(report, header=replace(report.header, patient=patient, patient_ids=()))
        ack = await laboratory.deposit(sent, control_id="same")
        answers.append(ack.split("\r", 1)[1])
    assert "|902" in answers[0]
    assert answers[0] == answers[1]


async def test_a_report_for_someone_who_never_came_is_filed_in_silence(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    sent = next(d for d in reports.values() if d.patient.key == "julie")
    assert "MSA|AA" in await laboratory.send(write_message(sent))
    async with session(app) as db:
        promises = [row.dedupe_key.split("/")[0] for row in await db.scalars(select(OutboxRow))]
    assert "tell" not in promises


async def test_a_withheld_report_leaves_no_notice_and_no_letter(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    report = reports["laura-anti-gad-v1"].report
    ack = await laboratory.deposit(report, flags={"INVISIBLE_PATIENT": True})
    assert "MSA|AA" in ack
    async with session(app) as db:
        assert (await db.scalars(select(Notice))).all() == []
        promises = [row.dedupe_key.split("/")[0] for row in await db.scalars(select(OutboxRow))]
    assert "tell" not in promises


async def test_a_report_deposited_in_secret_is_hidden_from_guardians_though_unsaid(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    """The other flag says no: secrecy is enough."""
    report = reports["lea-bilan-v1"].report
    theirs = Laboratory(laboratory.client, reports["lea-bilan-v1"].laboratory.client_id)
    flags = {"CONNEXION_SECRETE": True, "INVISIBLE_REP_LEGAUX": False}
    assert "MSA|AA" in await theirs.deposit(report, flags=flags)
    async with session(app) as db:
        document = (await db.scalars(select(Document))).one()
    assert document.hidden_from_guardians
    assert not document.withheld


@pytest.mark.parametrize(
    "flags",
    [
        {"INVISIBLE_PATIENT": True, "DESTMSSANTEPAT": True},
        {"INVISIBLE_PATIENT": True, "MASQUE_PS": True},
    ],
)
async def test_contradictory_visibility_is_refused(
    app: Litestar, laboratory: Laboratory, reports: Reports, flags: dict[str, bool]
) -> None:
    before = await counts(app)
    ack = await laboratory.deposit(reports["laura-bilan-sanguin-v1"].report, flags=flags)
    assert "MSA|AE" in ack
    assert await counts(app) == before


async def test_what_is_not_for_the_record_is_for_some_professional(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    """A system says so of somebody who is opposed: the prescriber alone (DESTDMP=N)."""
    before, report = await counts(app), reports["laura-bilan-sanguin-v1"].report
    to_both = {"DESTMSSANTEPS": True, "DESTMSSANTEPAT": True}
    for more in ({}, {"DESTMSSANTEPAT": True}, to_both):
        ack = await laboratory.deposit(report, flags={"DESTDMP": False, **more})
        assert "MSA|AE" in ack
        assert "|906^" in ack
        assert "DESTDMP=N" in ack
    assert await counts(app) == before


async def test_the_eleventh_recipient_is_told_and_nothing_is_filed(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    report, before = reports["laura-bilan-sanguin-v1"].report, await counts(app)
    crowd = tuple(
        Recipient(f"b{n}@medecins.mssante.example", Person(f"8998000000{n:02}", "FOULE"))
        for n in range(11)
    )
    asked = {"DESTMSSANTEPS": True}
    ack = await laboratory.deposit(report, flags=asked, recipients=crowd)
    assert "MSA|AE" in ack
    assert "ERR||PRT" in ack
    assert "10 destinataires au plus, et celui-ci en a 11" in ack
    assert await counts(app) == before
    assert "MSA|AA" in await laboratory.deposit(report, flags=asked, recipients=crowd[:10])


def damaged(message: bytes) -> dict[str, bytes]:
    """One good message, broken in as many ways; all must be refused."""
    text = message.decode()
    document = text.split("^Base64^", 1)[1].split("|", 1)[0]
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><a>&b;</a>'
    entity = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'

    def swap(content: bytes) -> bytes:
        return text.replace(document, b64encode(content).decode()).encode()

    return {
        "nothing": b"",
        "not HL7": b"bonjour",
        "MSH only": text.split("\r")[0].encode(),
        "another type": text.replace("ORU^R01^ORU_R01", "ADT^A01^ADT_A01").encode(),
        "another version": text.replace("|P|2.5|", "|P|2.1|").encode(),
        "bad bytes for the charset": text.replace("LAURA", "LAUR\udcff").encode(
            "utf-8", "surrogateescape"
        ),
        "no patient": re.sub(r"PID\|[^\r]*\r", "", text).encode(),
        "no sender": re.sub(r"PRT\|[^\r]*SB\^[^\r]*\r", "", text).encode(),
        "no document": re.sub(r"OBX\|1\|[^\r]*\r", "", text).encode(),
        "a flag missing": re.sub(r"OBX\|[^\r]*MASQUE_PS[^\r]*\r", "", text).encode(),
        "a flag neither yes nor no": text.replace(
            "||Y^^expandedYes-NoIndicator", "||PEUT-ETRE^^expandedYes-NoIndicator"
        ).encode(),
        "ORC and OBX disagree": text.replace("\rORC|NW", "\rORC|RO").encode(),
        "broken base64": text.replace(document, "@@@@").encode(),
        "empty document": swap(b""),
        "not XML": swap(b"%PDF-1.4"),
        "another XML": swap(b"<hello/>"),
        "bomb": swap(bomb),
        "external entity": swap(entity),
        "unknown type": text.replace("11502-2", "99999-9").encode(),
    }


async def test_whatever_is_wrong_is_told_and_changes_nothing(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    message = laboratory.message(reports["laura-bilan-sanguin-v1"].report)
    before = await counts(app)
    for what, body in damaged(message).items():
        ack = await laboratory.send(body)
        assert "MSA|AE" in ack, (what, ack)
        assert "\rERR|" in ack, what
        assert "BERNARD" not in ack, what
        assert await counts(app) == before, what
    assert "MSA|AA" in await laboratory.send(message), "the door is unharmed"


async def test_refusals_are_in_the_journal(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    await laboratory.send(b"bonjour")
    async with session(app) as db:
        line = (await db.scalars(select(Trace).where(Trace.action == "deposit:refused"))).one()
    assert (line.allowed, line.actor_kind) == (False, "Machine")


async def test_without_a_token_nothing_is_read(laboratory: Laboratory, reports: Reports) -> None:
    message = laboratory.message(reports["laura-bilan-sanguin-v1"].report)
    for headers in (
        {},
        {"Authorization": "Bearer forged"},
        {"Authorization": "Basic Zm9vOmJhcg=="},
    ):
        answer = await laboratory.client.post("/api/hl7v2", content=message, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_body_above_the_limit_is_refused_in_hl7(laboratory: Laboratory) -> None:
    answer = await laboratory.client.post(
        "/api/hl7v2",
        content=b"MSH|^~\\&|A|B|C|D|20260101||ORU^R01^ORU_R01|1|P|2.5\r" + b"x" * 30_000_000,
        headers={"Authorization": f"Bearer {await laboratory.token()}"},
    )
    assert answer.status_code == 413
    assert b"MSA|AE" in answer.content
