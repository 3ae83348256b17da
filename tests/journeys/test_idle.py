"""Two minutes before the end, one is asked; after the end, the screen is cleared."""

import psycopg
from playwright.sync_api import Page, StorageState, expect

from backend.storage import embedded
from tests.journeys.conftest import SERVED
from tests.journeys.test_screens import check


def test_one_is_asked_before_the_session_ends(
    page: Page, base_url: str, signed_in: dict[str, StorageState]
) -> None:
    page.context.add_cookies(signed_in["laura.bernard"]["cookies"])  # type: ignore[arg-type]
    page.clock.install()
    page.goto(base_url)
    question = page.get_by_text("Êtes-vous toujours là ?")
    expect(question).to_be_hidden()
    page.clock.run_for(12 * 60_000 + 6_000)
    expect(question).to_be_visible()
    check(page, "deconnexion-proche", "light")
    with page.expect_response(lambda answer: "rester-connecte" in answer.url):
        page.get_by_role("link", name="Rester connecté").click()
    expect(question).to_be_hidden()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(13 * 60_000)
    expect(question).to_be_visible()
    page.clock.run_for(60_000 + 6_000)
    expect(page.locator("body")).to_be_hidden()
    page.clock.run_for(50_000)
    assert asked == [], "nobody clicked: nothing keeps the session alive"
    _fifteen_minutes_ago()
    with page.expect_navigation():
        page.clock.run_for(20_000)
    expect(page.locator("main")).to_contain_text("15 minutes sans activité")


def test_whoever_comes_back_in_the_last_minute_goes_on(
    page: Page, base_url: str, signed_in: dict[str, StorageState]
) -> None:
    page.context.add_cookies(signed_in["laura.bernard"]["cookies"])  # type: ignore[arg-type]
    page.clock.install()
    page.goto(base_url)
    page.clock.run_for(14 * 60_000 + 6_000)
    expect(page.locator("body")).to_be_hidden()
    with page.expect_navigation():
        page.keyboard.press("Shift")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")


def _fifteen_minutes_ago() -> None:
    """The server’s clock goes as far as the browser’s: every session was last seen then."""
    for home in SERVED:
        server = embedded.start(home, durable=True)  # it is found running
        with psycopg.connect(
            host=str(server.socket), user=embedded.ADMINISTRATOR, dbname="reperes"
        ) as connection:
            connection.execute(
                "UPDATE browser_session SET seen_at = seen_at - interval '15 minutes'"
            )
        server.stop()  # the service has it still
