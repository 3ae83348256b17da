"""A secretary keeps « Suivi des envois » open: nothing moves while she is on a row."""

import psycopg
import pytest
from playwright.sync_api import Page, expect

from backend.demo.people import LAURA
from backend.storage import embedded
from tests.journeys.conftest import SERVED, receive
from tests.journeys.test_pro import SIZES, Desk, comes, desk, look

__all__ = ["desk"]

PLACES = """
[...document.querySelectorAll('main table, main nav, main tbody tr')].map((one) => {
  const { x, y, width, height } = one.getBoundingClientRect();
  return [x, y, width, height];
})
"""
DISPATCH = "laura-bilan-sanguin-v1"


def change(dispatch: str, state: str) -> None:
    """As whatever hears of it writes it: in another connection."""
    server = embedded.start(SERVED[-1], durable=True)  # it is found running
    with psycopg.connect(
        host=str(server.socket), user=embedded.ADMINISTRATOR, dbname="reperes"
    ) as connection:
        connection.execute(
            "UPDATE dispatch SET state = %s, changed_at = now() WHERE id = %s",
            (state, dispatch.removeprefix("envoi-")),
        )
    server.stop()


def opens(desk: Desk, url: str, width: int) -> Page:
    page = desk(width)
    comes(page, url, "Awa Diallo")
    page.get_by_role("navigation").get_by_role("link", name="Suivi des envois").click()
    expect(page.get_by_text("Cette page se met à jour toute seule.")).to_be_visible()
    return page


@pytest.mark.parametrize("width", [1280, 768])
def test_nothing_moves_while_a_row_is_in_use(desk: Desk, own_url: str, width: int) -> None:
    assert width in SIZES
    page = opens(desk, own_url, width)
    row = page.locator("tbody tr", has_text="Lu").first
    id_ = str(row.get_attribute("id"))
    followed = page.locator(f"#{id_}")
    followed.get_by_role("link").focus()
    before, there = page.evaluate(PLACES), page.locator("tbody tr").count()
    change(id_, "delivered")
    button = page.get_by_role("button", name="1 mise à jour")
    expect(button).to_be_visible()
    receive(own_url, LAURA, DISPATCH)
    button = page.get_by_role("button", name="2 mises à jour")
    expect(button).to_be_visible()
    assert page.evaluate(PLACES) == before
    expect(followed).to_contain_text("Lu")
    expect(followed.get_by_role("link")).to_be_focused()
    expect(page.locator("#annonce")).to_contain_text("1 mise à jour")
    look(page, "envois-direct")
    button.click()
    expect(button).to_be_hidden()
    expect(followed).to_contain_text("Remis")
    expect(page.locator("tbody tr")).to_have_count(there + 1)
    expect(page.get_by_role("region", name="Tableau des envois")).to_be_focused()
    page.locator("h1").click()
    page.evaluate("document.activeElement.blur()")
    change(id_, "read")
    expect(followed).to_contain_text("Lu")
    if width == max(SIZES):
        look(page, "envois-direct-montre")


def test_a_browser_that_is_told_nothing_asks(desk: Desk, own_url: str) -> None:
    page = desk(1280)
    page.route("**/pro/envois/direct*", lambda route: route.fulfill(status=204, body=""))
    comes(page, own_url, "Awa Diallo")
    page.goto(f"{own_url}/pro/envois")
    expect(page.get_by_text("toutes les 20 secondes")).to_be_visible()
