"""Laura says that a report is not hers: it is put away at once, and its laboratory answers."""

from collections.abc import Mapping
from uuid import UUID

import pytest
from litestar import Litestar
from sqlalchemy import select

from backend.cli.fsck import check
from backend.demo.people import LAURA
from backend.demo.reports import DemoDeposit
from backend.domain.formats.hl7v2_writer import Action
from backend.storage.db import utcnow
from backend.storage.documents import Document, Misfiling
from tests.hiding import another
from tests.laboratory import Laboratory
from tests.pages import Browser, text_of

Reports = Mapping[str, DemoDeposit]
LATEST = "laura-bilan-sanguin-v1"


@pytest.fixture
async def disowned(
    app: Litestar, reader: Browser, laboratory: Laboratory, reports: Reports
) -> UUID:
    """The report, put away."""
    first = another(reports[LATEST].report, 950)
    assert "MSA|AA" in await laboratory.deposit(first)
    await reader.sign_in(LAURA)
    async with app.state.sessions() as db:
        document: UUID = (await db.scalars(select(Document.id))).one()
    page = await reader.get(f"/documents/{document}")
    assert f'href="/documents/{document}/pas-a-moi"' in page.text
    answer = await reader.post(f"/documents/{document}/pas-a-moi")
    assert answer.headers["location"] == "/documents/signale"
    assert "Le laboratoire doit vérifier" in text_of(await reader.get("/documents/signale"))
    return document


async def state_of(app: Litestar) -> str:
    async with app.state.sessions() as db:
        misfiling = (await db.scalars(select(Misfiling))).one()
    return str(misfiling.state)


async def test_from_then_on_nobody_reads_it_and_the_laboratory_has_a_line(
    app: Litestar, reader: Browser, disowned: UUID
) -> None:
    for path in ("", "/document", "/visibilite", "/pas-a-moi"):
        assert (await reader.get(f"/documents/{disowned}{path}")).status_code == 404
    assert "Votre premier compte rendu arrivera ici." in (await reader.get("/documents")).text
    assert "a signalé un document" in (await reader.get("/acces?qui=tous")).text
    assert await state_of(app) == "open"
    assert (await check(app.state.settings, now=utcnow())).broken == ()


async def test_a_replacement_says_that_it_is_hers_and_brings_it_back(
    app: Litestar, reader: Browser, laboratory: Laboratory, reports: Reports, disowned: UUID
) -> None:
    second = another(reports[LATEST].report, 950, version=2)
    assert "MSA|AA" in await laboratory.deposit(second, Action.REPLACE)
    assert (await reader.get(f"/documents/{disowned}")).status_code == 200
    assert await state_of(app) == "confirmed"
    assert (await check(app.state.settings, now=utcnow())).broken == ()


async def test_a_withdrawal_says_that_she_was_right(
    app: Litestar, reader: Browser, laboratory: Laboratory, reports: Reports, disowned: UUID
) -> None:
    first = another(reports[LATEST].report, 950)
    assert "MSA|AA" in await laboratory.deposit(first, Action.DELETE)
    assert (await reader.get(f"/documents/{disowned}")).status_code == 410
    assert await state_of(app) == "withdrawn"
    assert (await check(app.state.settings, now=utcnow())).broken == ()
