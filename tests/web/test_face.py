"""What must be true of every screen of the patient's space, in a real browser."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser, Page

from backend.web.assets import BUILD, asset
from backend.web.build_assets import build
from tests.web.preview import CHROMIUM, chromium, open_page
from tests.web.screens import LATEST, screens

# Not a journey: those drive the browser from a loop that shares no process with ours.
pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Chromium is not installed")

TYPICAL = ["home", LATEST, "report-critical", "documents", "pages", "identifier-errors", "code"]
PHONE = {"width": 390, "height": 844}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
UNFOLD = "document.querySelectorAll('details').forEach((fold) => { fold.open = true })"
RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
TOUCHED = """
[...document.querySelectorAll('main a, main button, main summary, nav a, .who summary')]
  .filter((one) => one.checkVisibility() && getComputedStyle(one).display !== 'inline')
  .map((one) => [one.textContent.trim(), one.getBoundingClientRect().height])
"""
SHIFTS = """
window.shift = 0
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shift += entry.value
}).observe({ type: "layout-shift", buffered: true })
"""


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    """Every screen, by name."""
    build()
    return screens()


@pytest.fixture(scope="module")
async def chrome() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


async def violations(page: Page) -> list[str]:
    """What axe finds, with the place."""
    found = (await Axe().run(page, options=RULES)).response["violations"]
    return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]


async def ask(
    chrome: Browser, pages: dict[str, str], question: str, **how: Any
) -> dict[str, object]:
    """The answer of each page, with everything unfolded."""
    answers = {}
    for name, html in pages.items():
        page = await open_page(chrome, html, **how)
        await page.evaluate(UNFOLD)
        answers[name] = (
            await violations(page) if question == "axe" else await page.evaluate(question)
        )
        await page.context.close()
    return answers


async def test_nothing_bars_anyones_way(drawn: dict[str, str], chrome: Browser) -> None:
    found = await ask(chrome, drawn, "axe", viewport=PHONE)
    assert {name: bars for name, bars in found.items() if bars} == {}


async def test_nothing_bars_anyones_way_in_the_dark(drawn: dict[str, str], chrome: Browser) -> None:
    typical = {name: drawn[name] for name in TYPICAL}
    found = await ask(chrome, typical, "axe", viewport=PHONE, color_scheme="dark")
    assert {name: bars for name, bars in found.items() if bars} == {}


async def test_no_page_scrolls_sideways(drawn: dict[str, str], chrome: Browser) -> None:
    wide = []
    for name, html in drawn.items():
        page = await open_page(chrome, html, viewport=PHONE)
        await page.evaluate(UNFOLD)
        for width, text in ((320, "100%"), (1280, "100%"), (360, "200%")):
            await page.set_viewport_size({"width": width, "height": 640})
            await page.evaluate("size => document.documentElement.style.fontSize = size", text)
            if pixels := await page.evaluate(OVERFLOW):
                wide.append((name, width, text, pixels))
        await page.context.close()
    assert wide == []


async def test_what_is_touched_is_large_enough(drawn: dict[str, str], chrome: Browser) -> None:
    typical = {name: drawn[name] for name in TYPICAL}
    found: dict[str, Any] = await ask(chrome, typical, TOUCHED, viewport=PHONE)
    assert all(found.values())
    assert [one for sizes in found.values() for one in sizes if one[1] < 44] == []


def test_a_first_visit_weighs_little(drawn: dict[str, str]) -> None:
    shared = ["reperes.css", "reperes.js", "icons.svg", "mark.svg"]
    files = [asset(one).removeprefix("/static/") for one in shared]
    rest = sum((BUILD / f"{file}.br").stat().st_size for file in files)
    rest += (BUILD / asset("reperes-sans.woff2").removeprefix("/static/")).stat().st_size
    weights = {name: len(brotli.compress(html.encode())) for name, html in drawn.items()}
    assert max(weights.values()) <= 15_000
    assert max(weights.values()) + rest <= 60_000


@pytest.mark.parametrize("name", ["home", LATEST])
async def test_nothing_moves_when_a_slow_font_arrives(
    name: str, drawn: dict[str, str], chrome: Browser
) -> None:
    page = await open_page(chrome, drawn[name], before=SHIFTS, late=".woff2", viewport=PHONE)
    await asyncio.sleep(0.2)
    assert await page.evaluate("document.fonts.check('16px Reperes Sans')")
    assert await page.evaluate("window.shift") <= 0.02
    await page.context.close()


async def test_a_report_prints_without_its_bars(drawn: dict[str, str], chrome: Browser) -> None:
    page = await open_page(chrome, drawn[LATEST], viewport=PHONE)
    await page.emulate_media(media="print")
    for unwanted in (".tabbar", ".who", ".seg", ".demo"):
        assert not await page.locator(unwanted).first.is_visible()
    for kept in ("h1", ".rb", ".val", ".fold .mini"):
        assert await page.locator(kept).first.is_visible()
    await page.context.close()
