"""Every screen: accessible, in light and in dark, at every width; photographed for a person."""

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, StorageState

from tests.journeys.conftest import SCREENSHOTS

WIDTHS = (320, 360, 1280)
Scheme = Literal["light", "dark"]


def reports(page: Page, base_url: str) -> list[str]:
    page.goto(f"{base_url}/documents")
    links: list[str] = page.eval_on_selector_all("a.rowlink", "all => all.map(a => a.pathname)")
    return links


def screens(page: Page, base_url: str, who: str) -> Iterator[tuple[str, str]]:
    """(name, path) of what this person can reach."""
    yield "accueil", "/"
    yield "documents", "/documents"
    for number, path in enumerate(reports(page, base_url)):
        yield f"compte-rendu-{number}", path
        if number == 0:
            yield "document", f"{path}/document"
    if who == "laura.bernard":
        yield "introuvable", "/documents/rien"
        yield "boite", "/demo/boite"
        yield "comptes", "/demo/comptes"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("who", ["laura.bernard", "dominique.pat-trois"])
def test_every_screen_is_accessible_at_every_width(
    browser: Browser,
    browser_context_args: dict[str, Any],
    base_url: str,
    signed_in: dict[str, StorageState],
    who: str,
    scheme: Scheme,
) -> None:
    arguments = {**browser_context_args, "storage_state": signed_in[who], "color_scheme": scheme}
    context = browser.new_context(**arguments)
    page = context.new_page()
    for name, path in list(screens(page, base_url, who)):
        page.goto(base_url + path)
        check(page, f"{who.split('.', maxsplit=1)[0]}-{name}", scheme)
    context.close()


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
    context.close()


def check(page: Page, name: str, scheme: str) -> None:
    """No axe violation, nothing wider than the screen, also with letters twice as large."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert wider(page) <= 0, f"{name} is wider than {width} px"
        if width != WIDTHS[0]:
            page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}.png")
    page.set_viewport_size({"width": 360, "height": 800})
    found = Axe().run(page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert wider(page) <= 0, f"{name} is too wide with large text"
    page.evaluate("document.documentElement.style.fontSize = ''")


def wider(page: Page) -> int:
    overflow: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return overflow
