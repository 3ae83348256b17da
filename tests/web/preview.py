"""Photographs of every page: `python -m tests.web.preview FOLDER [NAME…]`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, sync_playwright

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
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's browser, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def open_page(browser: Browser, html: str, *, text: int = 100, **context: Any) -> Page:
    """The page under our content policy, its static files beside it; `text` is its size in %."""
    page = browser.new_context(base_url=SITE, **context).new_page()

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        file = BUILD / path.removeprefix("static/")
        if not path:
            route.fulfill(
                body=html,
                content_type="text/html; charset=utf-8",
                headers={"Content-Security-Policy": POLICY},
            )
        elif path.startswith("static/") and file.is_file():
            route.fulfill(body=file.read_bytes(), content_type=TYPES[file.suffix])
        else:
            route.fulfill(status=404, body="")

    page.route("**/*", answer)
    page.goto(SITE)
    if text != 100:
        # As a reader who asked for larger text: rem and em grow, pixels do not.
        page.evaluate("size => document.documentElement.style.fontSize = size + '%'", text)
    page.evaluate("document.fonts.ready.then(() => true)")
    return page


def main(folder: Path, wanted: list[str]) -> None:
    """One PNG of the window and one of the whole page, for each page and each size."""
    build()
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for name, html in screens().items():
            if wanted and name not in wanted:
                continue
            for shot, context in SHOTS.items():
                page = open_page(browser, html, text=200 if "text200" in shot else 100, **context)
                page.screenshot(path=folder / f"{name}-{shot}.png")
                page.screenshot(path=folder / f"{name}-{shot}-full.png", full_page=True)
                page.context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
