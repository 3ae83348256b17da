"""A serology that is announced first: not there on her phone, released at the desk, then there."""

from playwright.sync_api import Page, expect

from backend.demo.people import LAURA
from tests.journeys.conftest import receive, sign_in
from tests.journeys.test_pro import Desk, comes, desk, look

__all__ = ["desk"]


def test_a_serology_is_announced_then_read(
    desk: Desk, phone: Page, phone_url: str, *, scripts: bool
) -> None:
    sign_in(phone, phone_url, LAURA.identifier)
    before = documents(phone, phone_url)
    receive(phone_url, LAURA, "karim-vih-v1")
    assert documents(phone, phone_url) == before

    page = desk(1280 if scripts else 768, scripts=scripts)
    comes(page, phone_url, "Claire Morel")
    expect(page.locator("main")).to_contain_text("invisibles attendent une annonce")
    page.get_by_role("link", name="une annonce").click()
    look(page, "annonces")
    line = page.locator("tbody tr", has_text="À attribuer").filter(has_text="Laura Bernard")
    line.get_by_role("link").click()
    page.get_by_label("Me le rappeler le").fill("demain")
    page.get_by_role("button", name="Enregistrer le rappel").click()
    expect(page.get_by_role("alert")).to_contain_text("Écrivez une date")
    page.get_by_role("button", name="Je m’en charge").click()
    expect(page.locator("main")).to_contain_text("(vous) s’en charge")
    look(page, "annonce")
    page.get_by_role("link", name="L’annonce est faite").click()
    page.get_by_role("button", name="Rendre visible maintenant").click()
    expect(page.get_by_role("alert")).to_contain_text("Écrivez le nom")
    look(page, "annonce-confirmer")
    assert documents(phone, phone_url) == before
    page.get_by_label("Annonce faite par").fill("Dr Paul Martin")
    page.get_by_role("button", name="Rendre visible maintenant").click()
    expect(page.locator("main")).to_contain_text("Visible depuis le")
    (new,) = set(documents(phone, phone_url)) - set(before)
    phone.goto(new)
    expect(phone.locator("main")).to_contain_text("VIH 1 et 2")

    page.get_by_role("navigation").get_by_role("link", name="Règles").click()
    page.get_by_label("Recherche et suivi du VIH").check()
    page.get_by_role("button", name="Enregistrer ces règles").click()
    expect(page.locator("main")).to_contain_text("par Dr Claire Morel")
    look(page, "regles")
    page.get_by_label("Recherche et suivi du VIH").uncheck()
    page.get_by_role("button", name="Enregistrer ces règles").click()


def documents(phone: Page, url: str) -> list[str]:
    """Where each document of the first page is."""
    phone.goto(f"{url}/documents")
    links = phone.eval_on_selector_all("a.rowlink", "all => all.map(a => a.href)")
    return [link for link in links if "/documents/" in link]
