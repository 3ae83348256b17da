"""Page images: made once, sealed, and a PDF that cannot be drawn says so."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from litestar import Litestar
from sqlalchemy import select, text

from backend.app import create_app
from backend.demo.reports import DemoDeposit, write_message
from backend.jobs.handlers import make_handlers
from backend.jobs.worker import do_one
from backend.settings import Settings, Worker
from backend.storage.documents import StoredFile, Version
from backend.storage.outbox import OutboxRow, OutboxState
from backend.storage.records import Record, key_of
from backend.storage.traces import Trace
from tests.fixtures.application import client_of, running
from tests.laboratory import Laboratory

Reports = Mapping[str, DemoDeposit]
REPORT = "laura-bilan-sanguin-v1"
DRAWING = OutboxRow.dedupe_key.startswith("draw-pages")


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[Litestar]:
    """The application without its worker: drawings wait until `draw`."""
    app = create_app(replace(settings, worker=Worker.EXTERNAL))
    async with running(app):
        yield app


@pytest.fixture
async def version(app: Litestar, reports: Reports) -> Version:
    """One version with a PDF, just deposited."""
    laboratory = Laboratory(client_of(app), "sgl-estuaire")
    assert "MSA|AA" in await laboratory.send(write_message(reports[REPORT]))
    return await stored(app)


async def stored(app: Litestar) -> Version:
    async with app.state.sessions() as db:
        found: Version = (await db.scalars(select(Version))).one()
    return found


async def draw(app: Litestar) -> None:
    handlers = make_handlers(app.state.outside, app.state.letters, app.state.policy)
    while await do_one(app.state.sessions, handlers):
        pass


async def promise(app: Litestar) -> OutboxRow:
    async with app.state.sessions() as db:
        found: OutboxRow = (await db.scalars(select(OutboxRow).where(DRAWING))).one()
    return found


async def pages(app: Litestar) -> list[StoredFile]:
    async with app.state.sessions() as db:
        found = select(StoredFile).where(StoredFile.part != "pdf")
        return list(await db.scalars(found.order_by(StoredFile.part, StoredFile.number)))


def the_pdf(settings: Settings) -> Path:
    """Where the sealed PDF lies."""
    (found,) = Path(settings.storage_url.removeprefix("file://")).rglob("pdf-*")
    return found


async def run(app: Litestar, statement: str) -> None:
    async with app.state.engine.begin() as connection:
        assert (await connection.execute(text(statement))).rowcount > 0


async def test_each_page_is_drawn_in_two_sizes_and_sealed(
    app: Litestar, version: Version, settings: Settings
) -> None:
    assert (version.pages_state, version.page_count) == ("waiting", 0)
    await draw(app)
    drawn, made = await stored(app), await pages(app)
    assert drawn.pages_state == "ready"
    assert drawn.page_count >= 1
    numbers = range(1, drawn.page_count + 1)
    assert [(page.part, page.number) for page in made] == [
        (part, number) for part in ("page-large", "page-small") for number in numbers
    ]
    async with app.state.sessions() as db:
        key = key_of(db, await db.get_one(Record, drawn.record_id)).for_file(drawn.id)
        for page in made:
            sealed = await app.state.outside.files.get(page.file_key)
            assert b"WEBP" not in sealed
            assert key.open(sealed, page.part, page.number)[8:12] == b"WEBP"
        line = (await db.scalars(select(Trace).where(Trace.action == "document:draw-pages"))).one()
    assert (line.allowed, line.actor_kind, line.record_id) == (True, "Robot", drawn.record_id)


async def test_the_same_drawing_promised_again_changes_nothing(
    app: Litestar, version: Version
) -> None:
    await draw(app)
    before = [page.id for page in await pages(app)]
    await run(app, "UPDATE outbox SET state = 'due', due_at = now()")
    await draw(app)
    assert [page.id for page in await pages(app)] == before
    assert (await promise(app)).state is OutboxState.DONE
    assert (await stored(app)).pages_state == "ready"


async def test_a_pdf_that_is_missing_for_now_is_drawn_later(
    app: Litestar, version: Version, settings: Settings
) -> None:
    pdf = the_pdf(settings)
    content = pdf.read_bytes()
    pdf.unlink()
    await draw(app)
    waiting = await promise(app)
    assert (waiting.state, waiting.error) == (OutboxState.DUE, "Unavailable")
    assert (await stored(app)).pages_state == "waiting"
    pdf.write_bytes(content)
    await run(app, "UPDATE outbox SET due_at = now() WHERE state = 'due'")
    await draw(app)
    assert (await stored(app)).pages_state == "ready"


async def test_a_pdf_that_was_altered_is_never_drawn(
    app: Litestar, version: Version, settings: Settings
) -> None:
    pdf = the_pdf(settings)
    content = bytearray(pdf.read_bytes())
    content[100] ^= 1
    pdf.write_bytes(content)
    await draw(app)
    assert (await promise(app)).error == "Tampered"
    assert await pages(app) == []


async def test_a_pdf_that_cannot_be_drawn_is_marked_so_and_not_tried_again(
    app: Litestar, version: Version, settings: Settings
) -> None:
    async with app.state.sessions() as db:
        key = key_of(db, await db.get_one(Record, version.record_id)).for_file(version.id)
    the_pdf(settings).write_bytes(key.seal(b"%PDF-1.7 and nothing else", "pdf", 1))
    await draw(app)
    assert (await stored(app)).pages_state == "failed"
    assert (await promise(app)).state is OutboxState.DONE


@pytest.mark.parametrize(
    "meanwhile",
    [
        "UPDATE document SET status = 'withdrawn'",
        "UPDATE record SET state = 'ferme'",
        "UPDATE document SET version_id = gen_random_uuid()",
    ],
)
async def test_what_nobody_may_open_any_more_is_not_drawn(
    app: Litestar, version: Version, meanwhile: str
) -> None:
    await run(app, meanwhile)
    await draw(app)
    assert await pages(app) == []
    assert (await promise(app)).state is OutboxState.DONE
