"""A secretary at her desk: a report that did not arrive, sent again, and read."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import leave, quiet
from tests.journeys.test_pro import comes, look


@pytest.fixture
def secretary(
    browser: Browser, browser_context_args: dict[str, Any], *, scripts: bool
) -> Iterator[Page]:
    with ExitStack() as stack:
        size = {"width": 1280, "height": 800}
        context = browser.new_context(
            **{**browser_context_args, "viewport": size, "has_touch": False},
            java_script_enabled=scripts,
        )
        stack.callback(leave, context)
        yield stack.enter_context(quiet(context.new_page()))


def test_what_did_not_arrive_is_sent_again(
    secretary: Page, phone_url: str, *, scripts: bool
) -> None:
    page = secretary
    comes(page, phone_url, "Awa Diallo")
    page.get_by_role("navigation").get_by_role("link", name="Suivi des envois").click()
    look(page, "envois")
    page.get_by_role("link", name="En échec").click()
    refused = page.locator("tbody tr", has_text="Refusé").first
    refused.wait_for()
    refused.get_by_role("link").click()
    expect(page.locator("main")).to_contain_text("Cette boîte est pleine")
    address = page.url
    page.get_by_label("Adresse MSSanté").fill("helene@gmail.com")
    page.get_by_role("button", name="Renvoyer").click()
    expect(page.get_by_role("alert")).to_contain_text("n’est pas une adresse MSSanté")
    look(page, "envoi-erreur")
    page.get_by_label("Adresse MSSanté").fill("")
    page.get_by_role("button", name="Renvoyer").click()
    expect(page.locator("main")).to_contain_text("Renvoi demandé")
    for _ in range(20):
        page.goto(address)
        if page.get_by_text("Ouvert par le destinataire").count():
            break
        page.wait_for_timeout(500)
    expect(page.locator("main")).to_contain_text("Ouvert par le destinataire")
    page.get_by_text("Codes et preuve").click()
    look(page, "envoi")
