"""A child that draws and turns against us costs the images of one document, and nothing else."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from msgspec.structs import replace
from pikepdf import Dictionary, Pdf, String
from sqlalchemy import text

from backend.app import create_app
from backend.demo.people import LAURA
from backend.demo.reports import DemoDeposit
from backend.domain.errors import Refused
from backend.domain.reports import Media
from backend.gateways import pdf_lanes
from backend.gateways.pdf import PdfWorkers
from backend.settings import Settings
from tests.fixtures.application import client_of, running
from tests.gateways import pdf_files as made
from tests.hiding import another
from tests.laboratory import Laboratory
from tests.pages import Browser
from tests.proofs.conftest import Figure

PATIENCE = 90
SABOTEUR = Path(__file__).parent / "hostile/saboteur.py"
HARMS = ("crash", "memory", "loop", "write", "fork", "call", "read", "babble", "leave")
TRACES = {"write": "written", "fork": "forked"}


class Watch:
    """What the saboteur could reach, and whether it did."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "secret").write_text("ouvre-toi")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(0)

    def orders(self, how: str) -> str:
        """The saboteur’s program, told where to do harm."""
        port = self.listener.getsockname()[1]
        told = f"HOW, FOLDER, PORT = {how!r}, Path({str(self.folder)!r}), {port}"
        return SABOTEUR.read_text().replace("# orders", told)

    def harm_done(self) -> set[str]:
        done = {harm for harm, name in TRACES.items() if (self.folder / name).exists()}
        try:
            self.listener.accept()[0].close()
            done.add("call")
        except BlockingIOError:
            pass
        return done


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[Watch]:
    folder = tmp_path / "reach"
    folder.mkdir()
    folder.chmod(0o777)
    watch = Watch(folder)
    yield watch
    watch.listener.close()


@pytest.fixture
async def sabotaged(
    settings: Settings, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Litestar]:
    """The application, its children replaced by saboteurs as confined as the real ones."""
    monkeypatch.setattr(pdf_lanes, "LAUNCH", watch.orders("confined"))
    app = create_app(settings)
    async with running(app):
        yield app


def harmful(harm: str) -> bytes:
    """A sound and passive PDF with an order in it."""

    def order(pdf: Pdf) -> None:
        pdf.Root.PieceInfo = Dictionary(Any=Dictionary(Private=String(f"harm-{harm}")))

    return made.altered(order)


async def drawn(app: Litestar) -> dict[str, str]:
    """The state of the pages of each document, once none waits: by document id."""
    query = text("SELECT d.id, v.pages_state FROM document d JOIN version v ON v.id = d.version_id")
    async with asyncio.timeout(PATIENCE):
        while True:
            async with app.state.sessions() as db:
                states = {str(id_): state for id_, state in await db.execute(query)}
            if "waiting" not in states.values():
                return states
            await asyncio.sleep(0.1)


async def test_a_child_that_turns_against_us_costs_the_images_of_its_file(
    sabotaged: Litestar, reports: Mapping[str, DemoDeposit], watch: Watch, figure: Figure
) -> None:
    app, model = sabotaged, reports["laura-bilan-sanguin-v1"].report
    laboratory, reader = Laboratory(client_of(app), "sgl-estuaire"), Browser(app, client_of(app))
    await reader.sign_in(LAURA)
    known: dict[str, str] = {}
    for number, harm in enumerate(("none", *HARMS, "none")):
        pdf = harmful(harm)
        report = another(model, 2_000 + number, days=number)
        media = tuple(m for m in report.media if m.media_type != "application/pdf")
        report = replace(report, media=(*media, Media("application/pdf", pdf)))
        assert "MSA|AA" in await laboratory.deposit(report), harm
        states = await drawn(app)
        (new,) = states.keys() - known.keys()
        assert states[new] == ("ready" if harm == "none" else "failed"), harm
        known = states
        await _readable(reader, new, pdf, drawn=harm == "none")
    assert watch.harm_done() == set()
    figure("ways of turning against us, each the images of one file", len(HARMS))


async def _readable(reader: Browser, document: str, pdf: bytes, *, drawn: bool) -> None:
    assert (await reader.get(f"/documents/{document}")).status_code == 200
    pages: Any = await reader.get(f"/documents/{document}/document")
    assert ("ne peuvent pas être affichées" in pages.text) is not drawn
    assert (await reader.get(f"/documents/{document}/original.pdf")).content == pdf
    image = await reader.get(f"/documents/{document}/page/1/800")
    assert image.status_code == (200 if drawn else 404)
    assert "ouvre-toi" not in pages.text


async def test_without_confinement_the_harm_is_seen(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf_lanes, "LAUNCH", watch.orders("free"))
    # The limit on processes already stops whoever is not root.
    expected = {"write", "call"} | ({"fork"} if os.geteuid() == 0 else set())
    async with PdfWorkers(inspectors=0) as workers:
        for harm in expected:
            with suppress(Refused):
                await workers.render(harmful(harm))
    assert watch.harm_done() == expected
