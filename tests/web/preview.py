"""Photographs of every page: `python -m tests.web.preview FOLDER [NAME…]`."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, Route, async_playwright

from backend.web.assets import BUILD, TYPES
from backend.web.build_assets import build
from tests.web.screens import screens

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
SITE = "http://127.0.0.1/"
SHOTS: dict[str, dict[str, Any]] = {
    "390": {"viewport": {"width": 390, "height": 844}},
    "390-dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
    "320": {"viewport": {"width": 320, "height": 640}},
    "360-text200": {"viewport": {"width": 360, "height": 800}},
    "1280": {"viewport": {"width": 1280, "height": 800}},
    "1280-dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
}
LATE = 0.4
PAPER = '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="1697"/>'
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'"


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The system's browser, without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


async def open_page(
    browser: Browser,
    html: str,
    *,
    text: int = 100,
    before: str = "",
    late: str = "",
    **context: Any,
) -> Page:
    """The page under our content policy, its static files beside it; `text` is its size in %.

    `before` is a script that watches it from its start; files that end in `late` come late.
    """
    page = await (await browser.new_context(base_url=SITE, **context)).new_page()

    async def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        file = BUILD / path.removeprefix("static/")
        if not path:
            await route.fulfill(
                body=html,
                content_type="text/html; charset=utf-8",
                headers={"Content-Security-Policy": POLICY},
            )
        elif path.startswith("static/") and file.is_file():
            await asyncio.sleep(LATE if late and path.endswith(late) else 0)
            await route.fulfill(body=file.read_bytes(), content_type=TYPES[file.suffix])
        elif "/page/" in path or "/figure/" in path:
            await route.fulfill(body=PAPER, content_type="image/svg+xml")
        else:
            await route.fulfill(status=404, body="")

    if before:
        await page.add_init_script(before)
    await page.route("**/*", answer)
    await page.goto(SITE)
    if text != 100:
        # As a reader who asked for larger text: rem and em grow, pixels do not.
        await page.evaluate("size => document.documentElement.style.fontSize = size + '%'", text)
    await page.evaluate("document.fonts.ready.then(() => true)")
    return page


async def main(folder: Path, wanted: list[str]) -> None:
    """One PNG of the window and one of the whole page, for each page and each size."""
    async with chromium() as browser:
        for name, html in screens().items():
            if wanted and name not in wanted:
                continue
            for shot, context in SHOTS.items():
                page = await open_page(
                    browser, html, text=200 if "text200" in shot else 100, **context
                )
                await page.screenshot(path=folder / f"{name}-{shot}.png")
                await page.screenshot(path=folder / f"{name}-{shot}-full.png", full_page=True)
                await page.context.close()


if __name__ == "__main__":
    build()
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
