"""Laura finds a document: by category, by laboratory, by what is written in it."""

import logging
from collections.abc import Mapping
from uuid import uuid4

import pytest
from litestar import Litestar
from sqlalchemy import select, text

from backend.demo.people import KARIM, LAURA
from backend.demo.reports import DemoDeposit, write_message
from backend.services import search
from backend.storage.documents import Document
from tests.laboratory import Laboratory
from tests.pages import Browser, text_of

Reports = Mapping[str, DemoDeposit]
LATEST = "laura-bilan-sanguin-v1"
FIRST = "laura-premier-bilan-v1"


@pytest.fixture
async def two_reports(laboratory: Laboratory, reports: Reports) -> None:
    for name in (FIRST, LATEST):
        assert "MSA|AA" in await laboratory.send(write_message(reports[name]))


async def searched(reader: Browser, words: str, **more: str) -> str:
    """The page that a search leads to, as text."""
    await reader.get("/documents")
    answer = await reader.post("/documents/recherche", mots=words, **more)
    assert answer.status_code == 303
    return text_of(await reader.get(answer.headers["location"]))


async def test_words_find_a_document_whatever_their_accents(
    reader: Browser, two_reports: None, reports: Reports
) -> None:
    await reader.sign_in(LAURA)
    loinc = reports[LATEST].report.results[0].loinc
    for words in ("glycemie", "GLYCÉMIE à jeun", "glicémie", "estuaire", loinc):
        assert "Documents qui contiennent" in await searched(reader, words), words
    found = await searched(reader, "ornithorynque")
    assert "Aucun document ne contient « ornithorynque »." in found
    assert "Tout afficher" in found


async def test_what_is_searched_is_in_no_address_and_opens_in_no_other_session(
    reader: Browser, two_reports: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await reader.sign_in(LAURA)
    await reader.get("/documents")
    answer = await reader.post("/documents/recherche", mots="ferritine")
    to = answer.headers["location"]
    assert "ferritine" not in to.lower()
    assert "ferritine" not in caplog.text
    assert "ferritine" in (await reader.get(to)).text
    await reader.sign_in(KARIM)
    assert "ferritine" not in (await reader.get(to)).text


async def test_filters_are_links_that_keep_one_another(
    app: Litestar, reader: Browser, two_reports: None
) -> None:
    await reader.sign_in(LAURA)
    page = await reader.get("/documents")
    assert 'href="/documents?voir=non-lus"' in page.text
    async with app.state.sessions() as db:
        document = (await db.scalars(select(Document.id))).first()
        structure = (await db.scalars(select(Document.structure_id))).first()
    await reader.get(f"/documents/{document}")
    unread = await reader.get(f"/documents?voir=non-lus&labo={structure}")
    assert unread.text.count('class="rowlink"') == 1
    assert 'aria-current="true">Non lus' in unread.text
    assert f'name="labo" value="{structure}"' in unread.text
    assert "Aucun document avec ces filtres." in text_of(
        await reader.get("/documents?voir=masques")
    )
    assert "Aucun document" in (await reader.get(f"/documents?labo={uuid4()}")).text
    for strange in ("voir=rien", "labo=1", "s=AAAA", "s=é", "apres=hier"):
        assert (await reader.get(f"/documents?{strange}")).text.count('class="rowlink"') == 2


async def test_a_version_of_before_is_found_by_its_names_then_by_all_its_words(
    app: Litestar, reader: Browser, two_reports: None
) -> None:
    async with app.state.engine.begin() as connection:
        await connection.execute(text("UPDATE version SET sealed_words = NULL"))
    await reader.sign_in(LAURA)
    assert "Documents qui contiennent" in await searched(reader, "estuaire")
    assert "Aucun document" in await searched(reader, "glycemie")
    async with app.state.sessions.begin() as db:
        assert await search.read_words(db) == 2
    async with app.state.sessions.begin() as db:
        assert await search.read_words(db) == 0
    assert "Documents qui contiennent" in await searched(reader, "glycemie")
