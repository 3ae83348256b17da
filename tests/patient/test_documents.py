"""What Laura reads, and what nobody else does."""

import asyncio
from collections.abc import Mapping
from uuid import UUID, uuid4

import pytest
from litestar import Litestar
from msgspec.structs import replace
from sqlalchemy import select

from backend.demo.people import KARIM, LAURA
from backend.demo.reports import DemoDeposit, write_message
from backend.domain.formats.hl7v2_writer import Action
from backend.domain.reports import ReportStatus
from backend.storage.documents import Document, Opening
from backend.storage.traces import Trace
from tests.fixtures.application import client_of
from tests.hiding import WITHHELD, another
from tests.laboratory import Laboratory
from tests.pages import Browser, text_of

Reports = Mapping[str, DemoDeposit]
LATEST = "laura-bilan-sanguin-v1"


async def only_document(app: Litestar) -> UUID:
    async with app.state.sessions() as db:
        found: UUID = (await db.scalars(select(Document.id))).one()
    return found


@pytest.fixture
async def report(app: Litestar, laboratory: Laboratory, reports: Reports) -> UUID:
    """Laura's latest report, deposited."""
    assert "MSA|AA" in await laboratory.send(write_message(reports[LATEST]))
    return await only_document(app)


async def test_a_new_report_is_on_the_home_page_in_the_list_and_can_be_read(
    reader: Browser, report: UUID
) -> None:
    await reader.sign_in(LAURA)
    home = text_of(await reader.get("/"))
    assert "Bonjour Laura" in home
    assert "17 dans les repères 3 à regarder" in home
    listed = text_of(await reader.get("/documents"))
    assert "Bilan sanguin" in listed
    assert "Non lu" in listed
    page = text_of(await reader.get(f"/documents/{report}"))
    assert "17 résultats sur 20 sont dans les repères du laboratoire." in page
    assert "Cela ne veut pas dire que vous êtes malade." in page
    assert "Glycémie à jeun : 1,18 g/L. Repères du laboratoire : de 0,74 à 1,06 g/L." in page
    assert page.index("À regarder") < page.index("Cellules du sang")
    assert "Non lu" not in text_of(await reader.get("/documents"))


async def test_opening_is_in_the_journal_with_the_word_that_allowed_it(
    app: Litestar, reader: Browser, report: UUID
) -> None:
    await reader.sign_in(LAURA)
    await reader.get(f"/documents/{report}")
    async with app.state.sessions() as db:
        actions = [
            line.action
            for line in await db.scalars(select(Trace).where(Trace.actor_kind == "Patient"))
        ]
    assert "document:open" in actions


async def test_unknown_foreign_withheld_and_malformed_addresses_are_one_and_the_same(
    app: Litestar, reader: Browser, laboratory: Laboratory, reports: Reports
) -> None:
    hidden = reports["laura-anti-gad-v1"]
    assert "MSA|AA" in await laboratory.send(write_message(hidden))
    withheld = await only_document(app)
    await reader.sign_in(LAURA)
    unknown = await reader.get(f"/documents/{uuid4()}")
    assert unknown.status_code == 404
    for path in (
        f"/documents/{withheld}",
        f"/documents/{withheld}/document",
        f"/documents/{withheld}/original.pdf",
        f"/documents/{withheld}/page/1/800",
        f"/documents/{withheld}/figure/1",
        "/documents/1",
        "/rien-ici",
    ):
        answer = await reader.get(path)
        assert (answer.status_code, answer.content) == (404, unknown.content), path
        assert {**answer.headers, "x": ""}.keys() == {**unknown.headers, "x": ""}.keys()


async def test_someone_elses_document_does_not_exist(
    app: Litestar, reader: Browser, report: UUID
) -> None:
    await reader.sign_in(KARIM)
    foreign = await reader.get(f"/documents/{report}")
    unknown = await reader.get(f"/documents/{uuid4()}")
    assert (foreign.status_code, foreign.content) == (404, unknown.content)


async def test_nobody_in_particular_is_asked_to_sign_in(app: Litestar, report: UUID) -> None:
    stranger = client_of(app)
    for path in ("/", "/documents", f"/documents/{report}", f"/documents/{report}/original.pdf"):
        answer = await stranger.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/connexion")


async def test_a_withdrawn_document_says_so_to_who_could_see_it(
    reader: Browser, laboratory: Laboratory, report: UUID, reports: Reports
) -> None:
    ack = await laboratory.deposit(reports[LATEST].report, Action.DELETE)
    assert "MSA|AA" in ack
    await reader.sign_in(LAURA)
    answer = await reader.get(f"/documents/{report}")
    assert answer.status_code == 410
    assert "Le laboratoire a retiré ce document." in answer.text
    assert "Un document a été retiré" in (await reader.get("/")).text


async def test_pages_and_the_original_come_out_as_they_went_in(
    app: Litestar, reader: Browser, report: UUID, reports: Reports
) -> None:
    await reader.sign_in(LAURA)
    page = await reader.get(f"/documents/{report}/document")
    while "Les pages se préparent" in page.text:
        await asyncio.sleep(0.1)
        page = await reader.get(f"/documents/{report}/document")
    assert "Lire le texte de cette page" in page.text
    image = await reader.get(f"/documents/{report}/page/1/800")
    assert image.headers["content-type"] == "image/webp"
    assert image.content[8:12] == b"WEBP"
    original = await reader.get(f"/documents/{report}/original.pdf")
    assert original.content == reports[LATEST].report.pdf
    assert original.headers["content-disposition"].startswith("attachment")
    assert original.headers["cache-control"] == "no-store"


async def test_trends_join_the_reports_of_the_record(
    reader: Browser, app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    for name in ("laura-premier-bilan-v1", "laura-deuxieme-bilan-v1", LATEST):
        await laboratory.send(write_message(reports[name]))
    await reader.sign_in(LAURA)
    async with app.state.sessions() as db:
        latest = (
            await db.scalars(select(Document.id).order_by(Document.dated_on.desc()).limit(1))
        ).one()
    page = text_of(await reader.get(f"/documents/{latest}"))
    assert "De 0,94 à 1,18 depuis novembre 2024" in page
    async with app.state.sessions() as db:
        assert len((await db.scalars(select(Opening))).all()) == 1


async def test_the_letter_says_nothing_medical(
    app: Litestar, report: UUID, reader: Browser
) -> None:
    while not (letters := app.state.outside.inbox.messages()):  # noqa: ASYNC110 - another process' work
        await asyncio.sleep(0.05)
    (letter,) = letters
    assert letter.to == LAURA.email
    said = (letter.subject + letter.text).lower()
    for word in ("laura", "bernard", "bilan", "sang", "résultat", "estuaire", "analyse", "glyc"):
        assert word not in said, word


async def test_the_versions_of_a_report_are_one_story(
    reader: Browser, app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    report = reports[LATEST].report
    first, second, third = (another(report, 900, version=version) for version in (1, 2, 3))
    partial = replace(first, header=replace(first.header, status=ReportStatus.PARTIAL))
    for sent, action in ((partial, Action.NEW), (second, Action.REPLACE), (third, Action.REPLACE)):
        assert "MSA|AA" in await laboratory.deposit(sent, action)
    await reader.sign_in(LAURA)
    page = text_of(await reader.get(f"/documents/{await only_document(app)}"))
    story = page[page.index("Les versions de ce compte rendu") :]
    places = [story.index(words) for words in ("corrigé", "complet", "provisoires")]
    assert places == sorted(places)
    assert story.count("Remplacé : ne vous y fiez plus.") == 2


async def test_a_version_that_was_never_visible_is_not_in_the_story(
    reader: Browser, app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    report = reports[LATEST].report
    first, second = (another(report, 901, version=version) for version in (1, 2))
    assert "MSA|AA" in await laboratory.deposit(first, flags=WITHHELD)
    assert "MSA|AA" in await laboratory.deposit(second, Action.REPLACE)
    await reader.sign_in(LAURA)
    page = text_of(await reader.get(f"/documents/{await only_document(app)}"))
    assert "Les versions de ce compte rendu" not in page
