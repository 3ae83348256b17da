"""Two minutes before the end, one is asked; after the end, the screen is cleared."""

from playwright.sync_api import Page, StorageState, expect

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
    page.clock.run_for(13 * 60_000)
    expect(question).to_be_visible()
    with page.expect_navigation():
        page.clock.run_for(2 * 60_000)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")
