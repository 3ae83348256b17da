"""A report arrives: Laura is told of it, says that it is read, puts it away."""

from playwright.sync_api import Page, expect

from backend.demo.people import LAURA
from tests.journeys.conftest import receive, sign_in
from tests.journeys.test_screens import check


def test_what_happened_is_read_and_put_away(phone: Page, phone_url: str, *, scripts: bool) -> None:
    receive(phone_url, LAURA)
    sign_in(phone, phone_url, LAURA.identifier)
    phone.goto(f"{phone_url}/notifications")
    told = phone.locator("ul.told > li:not(.gone)")
    before = told.count()
    newest, waiting = told.first, phone.locator("ul.told > li.unread").count()
    expect(newest).to_contain_text("Non lu")
    check(phone, "a-savoir", "light")
    newest.get_by_role("button", name="C’est lu").click()
    expect(phone.locator("ul.told > li.unread")).to_have_count(waiting - 1)
    expect(newest).not_to_contain_text("Non lu")
    expect(newest.get_by_role("button", name="C’est lu")).to_have_count(0)
    path = phone.url
    newest.get_by_role("button", name="Retirer").click()
    expect(told).to_have_count(before - 1)
    if scripts:
        expect(phone.locator("li.gone")).to_be_focused()
        assert phone.url == path
        goes_wrong(phone)
    phone.get_by_role("button", name="Tout marquer comme lu").click()
    expect(phone.locator("ul.told > li.unread")).to_have_count(0)
    check(phone, "a-savoir-lu", "light")
    told.first.get_by_role("link").click()
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    phone.goto(f"{phone_url}/notifications")
    expect(told).to_have_count(before - 1)


def goes_wrong(page: Page) -> None:
    """A notice that is gone meanwhile: the page that says so, and not a page in a line."""
    unknown = "/notifications/00000000-0000-4000-8000-000000000000"
    form = page.locator("ul.told form").first
    form.evaluate("(form, to) => form.setAttribute('hx-post', to)", unknown)
    form.get_by_role("button", name="Retirer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Page introuvable")
    expect(page.locator("ul.told")).to_have_count(0)
    page.go_back()
    page.goto(page.url.partition("/notifications")[0] + "/notifications")
