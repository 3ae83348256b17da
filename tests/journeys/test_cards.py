"""A carte Vitale at the desk: read by the browser itself, through the connector of its machine."""

from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import leave
from tests.journeys.test_deposits import Keys, informs
from tests.journeys.test_pro import BUDGET, Desk, comes, desk, look

__all__ = ["desk"]

READ = "Lire la carte Vitale"


def puts_in(page: Page, url: str, name: str) -> None:
    """This card, or this trouble, at the page of the reader."""
    page.goto(f"{url}/demo/vitale")
    page.get_by_role("button", name=name).click()
    expect(page.locator("main .banner")).to_contain_text("Dans le lecteur")
    page.goto(f"{url}/pro/patients")
    expect(page.get_by_role("button", name=READ)).to_be_visible()


def test_claire_reads_two_cards_and_sees_her_day(desk: Desk, own_url: str) -> None:
    page = desk(1280)
    comes(page, own_url, "Claire Morel")
    puts_in(page, own_url, "Laura Bernard")
    expect(page.locator("[autofocus]")).to_be_focused()
    keys = Keys(page)
    while page.evaluate("document.activeElement.innerText") != READ:
        keys.press("Shift+Tab")
    keys.press("Enter")
    expect(page.locator("main")).to_contain_text("Identité déjà vérifiée")
    assert "?" not in page.url
    informs(page, keys)
    page.get_by_role("link", name="Patient suivant").click()
    expect(page.get_by_label("Date de naissance")).to_be_focused()
    expect(page.get_by_role("row", name="BERNARD LAURA")).to_contain_text("Prêt")

    page.set_viewport_size({"width": 768, "height": 1024})
    puts_in(page, own_url, "Karim Benali")
    page.get_by_role("button", name=READ).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Qui vient aujourd’hui ?")
    look(page, "carte-plusieurs")
    page.get_by_role("button", name="BENALI LEA").click()
    expect(page.locator("main")).to_contain_text("Contrôlez maintenant sa pièce")
    page.goto(f"{own_url}/pro/patients")
    row = page.get_by_role("row", name="BENALI LEA")
    expect(row).to_contain_text("Récupérée : pièce à contrôler")
    look(page, "liste-du-jour")
    assert len(page.content().encode()) < BUDGET
    row.get_by_role("button", name="Retirer").click()
    expect(page.get_by_role("row", name="BENALI LEA")).to_have_count(0)


def test_what_is_wrong_with_a_card_is_said_beside_the_button(
    desk: Desk, browser: Browser, browser_context_args: dict[str, Any], own_url: str
) -> None:
    page = desk(768)
    comes(page, own_url, "Claire Morel")
    for trouble, words in (
        ("Aucune carte dans le lecteur", "Aucune carte dans le lecteur"),
        ("Une carte qui ne se lit pas", "La carte ne se lit pas"),
    ):
        puts_in(page, own_url, trouble)
        page.get_by_role("button", name=READ).click()
        expect(page.locator(".reader [role=status]")).to_contain_text(words)
        expect(page.get_by_role("button", name=READ)).to_be_focused()
    look(page, "carte-illisible")

    context = browser.new_context(
        **browser_context_args, storage_state=page.context.storage_state()
    )
    other = context.new_page()  # browsers say a reader that is not there in their console
    puts_in(other, own_url, "Pas de lecteur branché")
    other.get_by_role("button", name=READ).click()
    expect(other.locator(".reader [role=status]")).to_contain_text("n’est pas branché")
    other.evaluate(
        "document.querySelector('[data-vitale]').dataset.vitale = 'http://127.0.0.1:1/v1/carte'"
    )
    other.get_by_role("button", name=READ).click()
    expect(other.locator(".reader [role=status]")).to_contain_text("ne répond pas")
    leave(context)

    plain = desk(768, scripts=False)
    comes(plain, own_url, "Claire Morel")
    plain.goto(f"{own_url}/pro/patients")
    expect(plain.get_by_role("button", name=READ)).to_be_hidden()
    expect(plain.locator("main")).to_contain_text("Cherchez la personne par ses traits")
