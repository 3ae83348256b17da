"""A laboratory at work: in by Pro Santé Connect, a colleague attached, who comes in, and is out."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import SCREENSHOTS, leave, quiet
from tests.journeys.test_screens import assert_large_text_fits, wider

SIZES = {1280: 800, 768: 1024, 360: 800}
BUDGET = 90_000
WEIGHT = """["navigation", "resource"]
  .flatMap((kind) => performance.getEntriesByType(kind))
  .filter((one) => one.initiatorType !== "img" && one.initiatorType !== "fetch")
  .reduce((sum, one) => sum + one.encodedBodySize, 0)"""
"""Bytes of a page, its styles, scripts and letters, as a browser without any of them fetches it."""
Desk = Callable[..., Page]


@pytest.fixture
def desk(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Desk]:
    """A browser of its own, so wide, with scripts or without."""
    with ExitStack() as stack:

        def open_one(width: int, *, scripts: bool = True) -> Page:
            size = {"width": width, "height": SIZES[width]}
            context = browser.new_context(
                **{**browser_context_args, "viewport": size, "has_touch": False},
                java_script_enabled=scripts,
            )
            stack.callback(leave, context)
            return stack.enter_context(quiet(context.new_page()))

        yield open_one


def comes(page: Page, url: str, name: str, *, by_keyboard: bool = False) -> None:
    """From the button of our door to whom the emulator leads back."""
    page.goto(f"{url}/pro")
    button = page.get_by_role("button", name="S’identifier avec Pro Santé Connect")
    if by_keyboard:
        button.focus()
        page.keyboard.press("Enter")
    else:
        button.click()
    page.get_by_role("heading", name="Pro Santé Connect, pour de faux").wait_for()
    page.get_by_role("button", name=name).click()


def look(page: Page, name: str) -> None:
    """Light, nothing wider than the screen or in anybody’s way, photographed for a person.

    Without scripts pages are the same bytes: they are looked at once.
    """
    page.wait_for_load_state()  # a click waits for a page’s first byte only
    if not page.evaluate("matchMedia('(scripting: enabled)').matches"):
        return
    assert page.evaluate(WEIGHT) <= BUDGET, f"{name} is heavy"
    before = page.viewport_size
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for width, height in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        assert wider(page) <= 0, f"{name} is wider than {width} px"
        page.screenshot(path=SCREENSHOTS / f"pro-{name}-{width}.png")
        found = Axe().run(page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    assert_large_text_fits(page, name)
    if before:
        page.set_viewport_size(before)


def test_a_colleague_is_attached_comes_in_and_is_out_at_once(
    desk: Desk, phone_url: str, *, scripts: bool
) -> None:
    morel, malo = desk(1280, scripts=scripts), desk(768, scripts=scripts)
    morel.goto(f"{phone_url}/pro")
    look(morel, "entree")
    comes(morel, phone_url, "Claire Morel", by_keyboard=True)
    expect(morel.locator("main")).to_contain_text("Laboratoire de l’Estuaire, Nantes")
    look(morel, "accueil")

    comes(malo, phone_url, "Malo Kerivel")
    expect(malo.get_by_role("heading", level=1)).to_have_text("Aucune activité ouverte ici")
    look(malo, "sans-activite")

    morel.get_by_role("navigation").get_by_role("link", name="Équipe").click()
    morel.get_by_role("button", name="Ajouter à l’équipe").click()
    expect(morel.get_by_role("alert")).to_be_visible()
    look(morel, "equipe-erreur")
    morel.get_by_label("Identifiant national").fill("999 0000 0110")
    morel.get_by_label("Rôle sur ce site").select_option("technicien")
    morel.get_by_label("Nom", exact=True).fill("Kerivel")
    morel.get_by_label("Prénom").fill("Malo")
    morel.get_by_role("button", name="Ajouter à l’équipe").click()
    expect(morel.locator("table")).to_contain_text("Malo Kerivel")
    look(morel, "equipe")

    comes(malo, phone_url, "Malo Kerivel")
    expect(malo.locator("main")).to_contain_text("en tant que technicien ou technicienne")
    morel.get_by_role("link", name="Retirer Malo Kerivel").click()
    look(morel, "retirer")
    morel.get_by_role("button", name="Retirer de l’équipe").click()
    malo.get_by_role("navigation").get_by_role("link", name="Mes connexions").click()
    expect(malo.get_by_role("status").first).to_contain_text("Votre session est terminée")
    look(malo, "terminee")
    morel.get_by_role("button", name="Se déconnecter").click()
    expect(morel.get_by_role("heading", level=1)).to_have_text("Espace des professionnels de santé")


def test_a_doctor_says_for_which_activity_and_one_without_is_told_what_to_do(
    desk: Desk, base_url: str
) -> None:
    page = desk(768)
    comes(page, base_url, "Hélène Leroux")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pour quelle activité ?")
    look(page, "activites")
    page.get_by_role("button", name="Clinique des Ormes").click()
    expect(page.locator("main")).to_contain_text("médecin, Clinique des Ormes")
    page.get_by_role("link", name="Changer d’activité").click()
    page.get_by_role("button", name="Cabinet du Port").click()
    page.get_by_role("navigation").get_by_role("link", name="Mes connexions").click()
    look(page, "connexions")
    nora = desk(1280)
    comes(nora, base_url, "Nora Saidi")
    expect(nora.locator("main")).to_contain_text("Déclarez votre activité à votre ordre")


def test_every_section_is_light_and_accessible(desk: Desk, base_url: str) -> None:
    """Those that no other journey stops at."""
    page = desk(1280)
    comes(page, base_url, "Claire Morel")
    page.get_by_role("navigation", name="Rubriques").wait_for()
    for path in ("/pro/messages/modeles", "/pro/deposer", "/pro/dossiers", "/pro/urgences"):
        answer = page.goto(base_url + path)
        assert answer, path
        assert answer.status == 200, path
        look(page, path.removeprefix("/pro/").replace("/", "-"))


def test_on_a_phone_the_sections_are_in_a_menu(
    desk: Desk, phone_url: str, *, scripts: bool
) -> None:
    page = desk(360, scripts=scripts)
    comes(page, phone_url, "Claire Morel")
    sections = page.get_by_role("navigation", name="Rubriques")
    expect(sections.get_by_role("link")).to_have_count(0)
    sections.get_by_text("Menu").click()
    look(page, "menu")
    sections.get_by_role("link", name="Annonces").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Annonces")
    page.set_viewport_size({"width": 768, "height": SIZES[768]})
    expect(sections.get_by_role("link", name="Annonces")).to_be_visible()


def test_the_desk_prints_its_kit(desk: Desk, base_url: str) -> None:
    page = desk(1280)
    comes(page, base_url, "Awa Diallo")
    page.get_by_role("navigation").get_by_role("link", name="Kit d’accueil").click()
    look(page, "kit")
    for name, sheets in (
        ("Dépliant facile à lire", 2),
        ("Affiche", 1),
        ("Que dire à l’accueil", 1),
    ):
        page.get_by_role("link", name=name, exact=False).first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        if name != "Que dire à l’accueil":  # laid out as the others
            look(page, f"kit-{name.split()[0].lower()}")
        printed = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
        assert len(printed) == sheets, name
        page.locator("main").get_by_role("link", name="Kit d’accueil").click()
