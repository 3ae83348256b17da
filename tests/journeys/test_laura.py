"""Laura's visit, on a phone."""

import gzip
from typing import Any

from playwright.sync_api import Browser, Page, StorageState, expect

from tests.journeys.conftest import leave, sign_in
from tests.journeys.test_screens import PAGE_KB

FIRST_VISIT_KB = 60
HERS = "17 dans les repères"
"""Her report of the demonstration: other journeys may have brought newer ones."""


def test_laura_signs_in_reads_her_results_and_leaves_nothing_behind(
    page: Page, base_url: str
) -> None:
    page.goto(base_url)
    page.get_by_label("Identifiant").fill("laura.bernard")
    page.get_by_label("Mot de passe").fill("ce n’est pas le bon")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Identifiant")).to_have_value("laura.bernard")

    sign_in(page, base_url, "laura.bernard")
    page.get_by_role("link", name="Documents").first.click()
    page.locator("a.rowlink", has_text=HERS).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bilan sanguin")
    expect(page.get_by_text("17 résultats sur 20 sont dans les repères")).to_be_visible()
    expect(page.get_by_role("heading", name="À regarder")).to_be_visible()
    line = page.get_by_role("img", name="Glycémie à jeun : 1,18 g/L.")
    expect(line).to_be_visible()
    page.get_by_text("Cellules du sang").click()
    expect(page.get_by_text("Hémoglobine", exact=True)).to_be_visible()

    views = page.get_by_role("navigation", name="Résultats ou document")
    views.get_by_role("link", name="Document").click()
    image = page.get_by_role("img", name="Page 1")
    expect(image).to_be_visible()
    image.scroll_into_view_if_needed()
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger le PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")

    page.locator("details.who summary").click()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Se connecter")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Se connecter")
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert page.evaluate("caches.keys().then(names => names.length)") == 0


def test_everything_works_without_javascript(
    browser: Browser, browser_context_args: dict[str, Any], base_url: str
) -> None:
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, base_url, "nadia.cherif")
    page.get_by_role("link", name="Documents").first.click()
    page.get_by_role("link", name="Bilan sanguin").click()
    expect(page.get_by_text("dans les repères du laboratoire")).to_be_visible()
    page.get_by_text("Cellules du sang").click()
    expect(page.get_by_text("Hémoglobine", exact=True)).to_be_visible()
    leave(context)


def test_a_result_kept_for_the_doctor_to_tell_is_nowhere(
    page: Page, base_url: str, signed_in: dict[str, StorageState]
) -> None:
    page.context.add_cookies(signed_in["laura.bernard"]["cookies"])  # type: ignore[arg-type]
    links: list[str] = []
    for path in ("/", "/documents"):
        page.goto(base_url + path)
        assert "GAD" not in page.content()
        links += page.eval_on_selector_all("a.rowlink", "all => all.map(a => a.href)")
    for link in set(links):
        page.goto(link)
        assert "GAD" not in page.content()
        assert "48,6" not in page.content()


def test_a_first_visit_is_light(page: Page, base_url: str) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    sign_in(page, base_url, "laura.bernard")
    page.wait_for_load_state("networkidle")
    assert sum(sizes) <= FIRST_VISIT_KB * 1000
    page.goto(f"{base_url}/documents")
    page.locator("a.rowlink", has_text=HERS).click()
    page.get_by_role("heading", name="À regarder").wait_for()
    assert len(gzip.compress(page.content().encode())) <= PAGE_KB * 1000
