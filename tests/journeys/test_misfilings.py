"""Somebody else’s report came to Laura: she says so, and it is gone from her record."""

from playwright.sync_api import Page, expect

from backend.demo.people import LAURA
from tests.journeys.conftest import receive, sign_in
from tests.journeys.test_screens import check


def test_a_report_that_is_not_hers_is_put_away(phone: Page, phone_url: str) -> None:
    receive(phone_url, LAURA)
    sign_in(phone, phone_url, LAURA.identifier)
    phone.goto(f"{phone_url}/notifications")
    phone.locator("ul.told > li").first.get_by_role("link").click()
    report = phone.url
    phone.get_by_role("link", name="Ce document n’est pas à moi").click()
    check(phone, "pas-a-moi", "light")
    phone.get_by_role("link", name="Garder ce document").click()
    expect(phone).to_have_url(report)
    phone.get_by_role("link", name="Ce document n’est pas à moi").click()
    phone.get_by_role("button", name="Signaler et cacher ce document").click()
    expect(phone.locator(".banner[role=status]")).to_contain_text(
        "n’est plus visible dans ce dossier"
    )
    check(phone, "pas-a-moi-fait", "light")
    phone.get_by_role("link", name="Revenir aux documents").click()
    listed = phone.eval_on_selector_all("a.rowlink", "all => all.map(a => a.href)")
    assert listed
    assert report not in listed
    phone.goto(report)
    expect(phone.get_by_role("heading", level=1)).to_have_text("Page introuvable")
