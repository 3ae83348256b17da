"""Pages become images, and a hostile file takes nothing and nobody with it."""

import asyncio
import base64
import os
import re
import signal
import time
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from backend.domain.errors import Unavailable
from backend.gateways import pdf_lanes
from backend.gateways.pdf import Flaw, PdfWorkers, UnreadablePdf
from backend.gateways.pdf_lanes import Lane
from tests.gateways import pdf_files as made

SAMPLES = Path(__file__).parents[3] / "shared/samples/cda"
REPORT = made.report()


async def test_a_page_becomes_two_images_and_its_text(workers: PdfWorkers) -> None:
    first, second = (await workers.render(REPORT)).pages
    assert (first.number, second.number) == (1, 2)
    assert "Compte rendu, page 1\nGlycémie 4,9 mmol/L" in first.text
    assert "Hémoglobine 13,2 g/dL" in second.text
    with Image.open(BytesIO(first.large)) as large, Image.open(BytesIO(first.small)) as small:
        assert (large.format, small.format) == ("WEBP", "WEBP")
        assert large.size == (first.width, first.height) == (1200, 1698)
        assert small.size == (800, 1132)
        assert small.convert("L").getextrema() == (0, 255)


async def test_what_was_typed_in_a_form_is_drawn(workers: PdfWorkers) -> None:
    (page,) = (await workers.render(made.filled_form("4,9"))).pages
    with Image.open(BytesIO(page.small)) as image:
        red = image.convert("RGB").getpixel((330, 260))
    assert red == (255, 0, 0)


@pytest.mark.parametrize("box", [(3, 14_400), (14_400, 3), (14_400, 14_400), (3, 3)])
async def test_a_page_of_any_shape_stays_a_reasonable_image(
    workers: PdfWorkers, box: tuple[float, float]
) -> None:
    (page,) = (await workers.render(made.blank(1, box))).pages
    assert 1 <= page.width <= 1200
    assert 1 <= page.height <= 3600


async def test_too_many_pages_are_not_drawn(workers: PdfWorkers) -> None:
    with pytest.raises(UnreadablePdf) as refusal:
        await workers.render(made.blank(51))
    assert refusal.value.flaw is Flaw.TOO_MANY_PAGES


async def test_a_drawing_without_end_is_cut_short_and_the_next_one_is_served(
    workers: PdfWorkers,
) -> None:
    start = time.monotonic()
    with pytest.raises(UnreadablePdf) as refusal:
        await workers.render(made.endless(), timeout=1)
    assert refusal.value.flaw is Flaw.TOO_HEAVY
    assert time.monotonic() - start < 5
    assert len((await workers.render(REPORT)).pages) == 2


async def test_an_enormous_image_does_not_take_the_memory(workers: PdfWorkers) -> None:
    (page,) = (await workers.render(made.image_bomb(), timeout=5)).pages
    assert page.width == 1200
    assert len((await workers.render(REPORT)).pages) == 2


async def test_a_child_killed_while_idle_is_replaced(workers: PdfWorkers) -> None:
    await workers.inspect(REPORT)
    before = inspector(workers)
    os.kill(before, signal.SIGKILL)
    assert (await workers.inspect(REPORT)).pages == 2
    assert inspector(workers) != before


async def test_a_child_killed_at_work_does_not_condemn_the_file() -> None:
    async with PdfWorkers(inspectors=0) as workers:
        await workers.render(REPORT)
        child = renderer(workers)
        drawing = asyncio.create_task(workers.render(made.report(12)))
        await asyncio.sleep(0.1)
        os.kill(child, signal.SIGKILL)
        assert len((await drawing).pages) == 12


async def test_a_request_given_up_does_not_leave_its_answer_to_the_next() -> None:
    async with PdfWorkers(inspectors=0) as workers:
        drawing = asyncio.create_task(workers.render(made.report(12)))
        await asyncio.sleep(0.2)
        drawing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await drawing
        assert len((await workers.render(REPORT)).pages) == 2


async def test_a_child_does_not_live_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_lanes, "LIFE", 3)
    async with PdfWorkers(inspectors=1, renderers=0) as workers:
        seen = set()
        for _ in range(6):
            await workers.inspect(REPORT)
            seen.add(inspector(workers))
    assert len(seen - {0}) == 2


async def test_the_child_has_no_environment_and_cannot_write(workers: PdfWorkers) -> None:
    await workers.inspect(REPORT)
    process = Path(f"/proc/{inspector(workers)}")
    names = {entry.split(b"=")[0] for entry in (process / "environ").read_bytes().split(b"\0")}
    assert names <= {b"", b"LC_CTYPE"}
    limits = (process / "limits").read_text()
    assert re.search(r"Max file size\s+0\s+0 ", limits)
    assert re.search(r"Max open files\s+16\s+16 ", limits)
    assert re.search(r"Max address space\s+536870912 ", limits)


async def test_children_end_with_the_application() -> None:
    async with PdfWorkers(inspectors=1, renderers=0) as workers:
        await workers.inspect(REPORT)
        child = inspector(workers)
        assert alive(child)
    assert not alive(child)


async def test_when_every_child_is_busy_the_caller_is_told_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pdf_lanes, "PATIENCE", 0.2)
    async with PdfWorkers(inspectors=0) as workers:
        drawing = asyncio.create_task(workers.render(made.report(20)))
        await asyncio.sleep(0.05)
        with pytest.raises(Unavailable):
            await workers.render(REPORT)
        assert len((await drawing).pages) == 20


@pytest.mark.skipif(not SAMPLES.exists(), reason="public samples are not beside the project")
async def test_the_public_samples_are_accepted_and_drawn(workers: PdfWorkers) -> None:
    found = 0
    for sample in sorted(SAMPLES.iterdir()):
        for text in re.findall(rb"JVBERi0[A-Za-z0-9+/=\s]+", sample.read_bytes()):
            pdf = base64.b64decode(re.sub(rb"\s", b"", text) + b"==")
            facts = await workers.inspect(pdf)
            assert len((await workers.render(pdf)).pages) == facts.pages > 0
            found += 1
    assert found >= 5


def alive(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


def inspector(workers: PdfWorkers) -> int:
    """The process of the only inspector, at rest."""
    return _pid(workers.inspectors)


def renderer(workers: PdfWorkers) -> int:
    return _pid(workers.renderers)


def _pid(lane: Lane) -> int:
    child = lane.free.get_nowait()
    lane.free.put_nowait(child)
    return child.process.pid if child else 0
