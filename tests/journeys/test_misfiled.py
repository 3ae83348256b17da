"""Laura’s laboratory hears that a report is not hers: two people withdraw it, and she is told."""

from playwright.sync_api import Page, expect

from backend.demo.people import LAURA
from tests.journeys.conftest import receive, sign_in
from tests.journeys.test_pro import Desk, comes, desk, look

__all__ = ["desk"]


def test_a_report_leaves_when_two_people_say_that_it_is_not_hers(desk: Desk, own_url: str) -> None:
    report = reported(laura := desk(360), own_url)
    riou, morel = desk(1280), desk(1280)
    comes(riou, own_url, "Solène Riou")
    expect(riou.locator("main")).to_contain_text("votre réponse")
    look(riou, "accueil-signalement")
    verify(riou)
    expect(riou.locator("dl.identity")).to_contain_text(LAURA.traits.birth_name)
    look(riou, "signalement")
    riou.get_by_role("button", name="Il n’est pas à elle").click()
    expect(riou.locator("main")).to_contain_text("Une autre personne du laboratoire doit")
    look(riou, "signalement-attend")

    comes(morel, own_url, "Claire Morel")
    verify(morel)
    look(morel, "signalement-confirmer")
    morel.get_by_role("button", name="Confirmer le retrait").click()
    expect(morel.locator("main")).to_contain_text("il est retiré")
    look(morel, "signalement-fini")
    morel.get_by_role("link", name="Registre des anomalies").click()
    look(morel, "anomalies-signalement")

    laura.goto(f"{own_url}/notifications")
    expect(laura.locator("ul.told > li").first).to_contain_text("a été retiré par le laboratoire")
    laura.goto(report)
    expect(laura.get_by_role("main")).to_contain_text("retiré")


def reported(page: Page, url: str) -> str:
    """On her phone: the address of what she says is not hers."""
    receive(url, LAURA, "laura-bilan-sanguin-v1")
    sign_in(page, url, LAURA.identifier)
    page.goto(f"{url}/notifications")
    page.locator("ul.told > li").first.get_by_role("link").click()
    address = page.url
    page.get_by_role("link", name="Ce document n’est pas à moi").click()
    page.get_by_role("button", name="Signaler et cacher ce document").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est signalé")
    return address


def verify(page: Page) -> None:
    """From the menu to the latest report."""
    page.get_by_role("navigation").get_by_role("link", name="Anomalies").click()
    page.get_by_role("link", name="Vérifier le document").first.click()
