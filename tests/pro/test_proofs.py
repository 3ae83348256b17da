"""« Télécharger la preuve (PDF) »: what the page says, on a sheet, for who may read the page."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import uuid4

import pypdfium2  # type: ignore[import-untyped]
import pytest
from httpx import Response
from litestar import Litestar
from sqlalchemy import func, select, text

from backend.demo.people import LAURA
from backend.demo.reports import DemoDeposit
from backend.domain.calendar import PARIS
from backend.domain.dispatches import DispatchState, News, Role
from backend.domain.formats.cda_writer import write_cda
from backend.domain.reports import Report
from backend.services.dispatches.overseeing import Followed, Line
from backend.services.dispatches.stories import Happened
from backend.services.proofs import Deposited
from backend.storage.documents import Receipt, Version
from backend.storage.traces import Trace
from backend.web.deposit_papers import proof_of_deposit
from tests.pages import text_of
from tests.pro.psc import Desk
from tests.pro.test_deposits import chosen, deposited, file_of, fresh
from tests.pro.test_dispatches import PAUL, deposit, network

__all__ = ["network"]
NEITHER = (False, False)  # sent again, filed away
AT = datetime(2026, 11, 27, 20, 5, 3, tzinfo=UTC)


def words(pdf: bytes) -> str:
    """What is on its only page."""
    found = pypdfium2.PdfDocument(pdf)
    assert len(found) == 1
    return " ".join(found[0].get_textpage().get_text_range().split())


def read(answer: Response) -> str:
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    return words(answer.content)


def says_no_result(report: Report, said: str) -> None:
    """Neither a test, nor a number of it, nor a matricule."""
    assert len(report.results) > 3
    for one in report.results:
        assert one.label not in said
        assert f" {one.value.number} {one.value.unit}" not in said
    assert LAURA.traits.matricule not in said


async def opened(app: Litestar, action: str) -> int:
    async with app.state.sessions() as db:
        count = select(func.count()).select_from(Trace)
        return await db.scalar(count.where(Trace.action == action, Trace.allowed)) or 0


@pytest.fixture
async def morel(office: Litestar) -> Desk:
    return await at_work(office, "morel")


async def at_work(app: Litestar, who: str) -> Desk:
    desk = Desk(app)
    await desk.works(who)
    return desk


async def test_a_receipt_is_a_sheet_of_what_was_deposited(
    morel: Desk, office: Litestar, reports: Mapping[str, DemoDeposit]
) -> None:
    report = fresh(reports)
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(report)))
    number, _ = await deposited(morel, draft)
    page = f"/pro/deposer/recus/{number}"
    assert f'href="{page}/preuve"' in (await morel.get(page)).text
    before = await opened(office, "receipt:open")
    said = read(await morel.get(f"{page}/preuve"))
    assert await opened(office, "receipt:open") == before + 1, "the same line as the page"
    async with office.state.sessions() as db:
        joined = select(Receipt.at, Version.sha256).join(Version, Version.id == Receipt.version_id)
        at, digest = (await db.execute(joined.where(Receipt.number == number))).one()
    assert at.astimezone(PARIS).isoformat(timespec="seconds") in said
    for told in (
        *("Preuve de dépôt", "Laboratoire de l’Estuaire, Nantes, FINESS 1", number),
        *("Dr Claire Morel", "Laura Bernard", str(report.header.id), digest.hex()),
        *("Version 1", "secret professionnel"),
    ):
        assert told in said, told
    says_no_result(report, said)


async def test_a_dispatch_is_a_sheet_of_what_became_of_it(
    office: Litestar, network: object, reports: Mapping[str, DemoDeposit]
) -> None:
    path = await deposit(office, reports)
    desk = await at_work(office, "morel")
    assert f'href="{path}/preuve/pdf"' in (await desk.get(path)).text
    before = await opened(office, "dispatch:open")
    said = read(await desk.get(f"{path}/preuve/pdf"))
    assert await opened(office, "dispatch:open") == before + 1
    proof = (await desk.get(f"{path}/preuve")).json()
    for told in (
        *("Preuve d’envoi par MSSanté", "Logiciel du laboratoire (sgl-estuaire)"),
        *("Dr Paul Martin, prescripteur", PAUL.mailbox, "Lu, le ", "Ouvert par le destinataire"),
        *(proof["message_id"], proof["document_sha256"], "R-2", "Laura Bernard"),
    ):
        assert told in said, told
    says_no_result(reports["laura-bilan-sanguin-v1"].report, said)


async def test_the_sheet_is_for_who_may_read_the_page(
    morel: Desk, office: Litestar, reports: Mapping[str, DemoDeposit]
) -> None:
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    number, _ = await deposited(morel, draft)
    sheet = f"/pro/deposer/recus/{number}/preuve"
    for who, status in (("diallo", 200), ("guillou", 404), ("caradec", 404), ("riou", 404)):
        desk = await at_work(office, who)
        assert (await desk.get(sheet)).status_code == status, who
        assert (await desk.get(sheet.removesuffix("/preuve"))).status_code == status, who
    assert (await Desk(office).get(sheet)).status_code == 303
    assert (await morel.get("/pro/deposer/recus/R-20261127-0000000000/preuve")).status_code == 404


async def test_who_is_blocked_keeps_the_proof_without_the_title(
    morel: Desk, office: Litestar, reports: Mapping[str, DemoDeposit]
) -> None:
    report = fresh(reports)
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(report)))
    number, _ = await deposited(morel, draft)
    sheet = f"/pro/deposer/recus/{number}/preuve"
    assert "Document Bilan sanguin Identifiant" in read(await morel.get(sheet))
    await run(
        office,
        "INSERT INTO care_link (id, record_id, professional_id, blocked, objected, in_team,"
        " informed, treating) SELECT gen_random_uuid(), v.record_id, r.professional_id, true,"
        " false, false, false, false FROM receipt r JOIN version v ON v.id = r.version_id"
        " WHERE r.number = :number",
        number=number,
    )
    try:
        page = text_of(await morel.get(sheet.removesuffix("/preuve")))
        said = read(await morel.get(sheet))
    finally:
        await run(office, "DELETE FROM care_link WHERE blocked")
    assert "Document" not in page.partition("Numéro de reçu")[2].partition("Déposé par")[0]
    assert f"Identifiant {report.header.id}" in said
    assert "Dans l’espace de Laura Bernard Identifiant" in said, "no title between them"


async def run(app: Litestar, statement: str, **values: object) -> None:
    async with app.state.engine.begin() as connection:
        await connection.execute(text(statement), values)


def test_one_sheet_holds_the_longest_names_and_stories() -> None:
    one = Deposited(
        laboratory="Laboratoire " * 6,
        finess="440000001",
        by="Dr " + "Anne " * 30,
        patient="Laura " * 60,
        filed=True,
        title="Compte rendu " * 60,
        identifier="2.25." + "1" * 120,
        version=3,
        sha256="ab" * 32,
        receipt="R-20261127-0123456789",
        at=AT,
    )
    long = "Refusé. L’adresse n’existe pas. " * 3
    story = tuple(
        Happened(AT, long, "5.1.1", News.REFUSED, turn + 1, f"b{turn}@b.example")
        for turn in range(40)
    )
    line = Line(uuid4(), "", "", "Dr X " * 60, Role.COPY, DispatchState.BOUNCED, AT)
    sent = Followed(line, "a@" + "b" * 120, AT, story, "", 0, *NEITHER, "f" * 40, one.sha256)
    pdf = proof_of_deposit(one, sent, at=AT)
    said = words(pdf)
    assert "35 événements plus anciens" in said
    assert said.count("5.1.1") == 5
    assert "b39@b.example" in said, "each round names where it went"
    assert "2026-11-27T21:05:03+01:00" in said, "the hour of Paris, and its offset"
    assert "2026-11-27 21:05:03+01:00" in said
