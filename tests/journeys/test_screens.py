"""Every screen: accessible, in light and in dark, at every width; photographed for a person."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, StorageState, expect

from backend.web.cookies import READING
from tests.journeys.conftest import SCREENSHOTS, leave, read_simply

WIDTHS = (320, 360, 1280)
PAGE_KB = 15
Scheme = Literal["light", "dark"]
OUTSIDE = """[...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth && !one.closest(".scroll"))
  .map((one) => one.outerHTML.slice(0, 80)).slice(-5)"""
"""What sticks out, the innermost last."""


def reports(page: Page, base_url: str) -> list[str]:
    page.goto(f"{base_url}/documents")
    links: list[str] = page.eval_on_selector_all("a.rowlink", "all => all.map(a => a.pathname)")
    return links


def screens(page: Page, base_url: str, who: str, *, simply: bool) -> Iterator[tuple[str, str]]:
    """(name, path) of what this person can reach; pages that are not theirs have one reading."""
    yield "accueil", "/"
    yield "documents", "/documents"
    for number, path in enumerate(reports(page, base_url)):
        yield f"compte-rendu-{number}", path
        if number == 0:
            yield "document", f"{path}/document"
    if who == "laura.bernard" and not simply:
        yield "introuvable", "/documents/rien"
        yield "boite", "/demo/boite"
        yield "comptes", "/demo/comptes"


@pytest.mark.parametrize(("scheme", "simply"), [("light", False), ("dark", False), ("light", True)])
@pytest.mark.parametrize("who", ["laura.bernard", "dominique.pat-trois"])
def test_every_screen_is_accessible_at_every_width(
    browser: Browser,
    browser_context_args: dict[str, Any],
    base_url: str,
    signed_in: dict[str, StorageState],
    who: str,
    scheme: Scheme,
    *,
    simply: bool,
) -> None:
    arguments = {**browser_context_args, "storage_state": signed_in[who], "color_scheme": scheme}
    context = browser.new_context(**arguments)
    if simply:
        read_simply(context, base_url)
    page = context.new_page()
    for name, path in list(screens(page, base_url, who, simply=simply)):
        page.goto(base_url + path)
        check(page, f"{who.split('.', maxsplit=1)[0]}-{name}", scheme)
    leave(context)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_way_in_is_accessible(
    browser: Browser, browser_context_args: dict[str, Any], base_url: str, scheme: Scheme
) -> None:
    context = browser.new_context(**browser_context_args, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{base_url}/connexion")
    check(page, "connexion", scheme)
    page.get_by_role("button", name="Continuer").click()
    check(page, "connexion-erreur", scheme)
    page.get_by_label("Identifiant").fill("karim.benali")
    page.get_by_label("Mot de passe").fill("deux-enfants-et-un-velo-bleu")
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Code à 6 chiffres").wait_for()
    check(page, "code", scheme)
    leave(context)


def check(page: Page, name: str, scheme: str) -> None:
    """Light, no axe violation, nothing wider than the screen, also with letters twice as large.

    A page without scripts is checked on a copy that has them, for axe is one. Its name says its
    reading.
    """
    page.wait_for_load_state()  # a click waits for a page’s first byte only
    if page.evaluate("matchMedia('(scripting: enabled)').matches"):
        _check(page, name, scheme)
    else:
        with with_scripts(page) as copy:
            _check(copy, name, scheme)


def _check(page: Page, name: str, scheme: str) -> None:
    simple = page.locator("html.simple").count()
    assert page.locator(".simple-help").count() == simple, f"{name} says what to do, if asked"
    name = f"simple-{name}" if simple else name
    if "/demo/" not in page.url:  # where every letter of the run is
        assert len(gzip.compress(page.content().encode())) <= PAGE_KB * 1000, f"{name} is heavy"
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert wider(page) <= 0, f"{name} is wider than {width} px"
        if width != WIDTHS[0]:
            page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}.png")
    page.set_viewport_size({"width": 360, "height": 800})
    found = Axe().run(page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    assert_large_text_fits(page, name)


def assert_large_text_fits(page: Page, name: str) -> None:
    """Letters twice as large, in our font and in a wide one, which a phone may have instead."""
    for style in ("font-size: 200%", "font-size: 200%; --font: DejaVu Sans, sans-serif"):
        page.evaluate(f"document.documentElement.style = '{style}'")
        assert wider(page) <= 0, f"{name} is too wide with large text: {page.evaluate(OUTSIDE)}"
    page.evaluate("document.documentElement.style = ''")


def check_both(page: Page, name: str, scheme: str) -> None:
    """The same page, fetched again in « Lecture simple » when it is light."""
    check(page, name, scheme)
    if scheme == "light":
        read_simply(page.context, page.url)
        page.reload()
        expect(page.locator("html.simple")).to_be_attached()
        check(page, name, scheme)
        page.context.clear_cookies(name=READING)
        page.reload()


@contextmanager
def with_scripts(page: Page) -> Iterator[Page]:
    """The very same page where scripts run."""
    browser = page.context.browser
    assert browser
    html, url = page.content(), page.url.partition("#")[0]
    context = browser.new_context(
        storage_state=page.context.storage_state(), reduced_motion="reduce"
    )
    copy = context.new_page()
    copy.route(
        lambda asked: asked == url,
        lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"),
    )
    copy.goto(url)
    yield copy
    leave(context)


def wider(page: Page) -> int:
    overflow: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return overflow
