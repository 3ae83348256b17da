"""Laura hides one document from professionals, then everything, and changes her mind."""

from typing import Any

import pytest
from playwright.sync_api import Browser, StorageState, expect

from tests.journeys.conftest import leave
from tests.journeys.test_screens import check, check_both


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_hiding_and_showing_again(
    browser: Browser,
    browser_context_args: dict[str, Any],
    base_url: str,
    signed_in: dict[str, StorageState],
    scripts: bool,  # noqa: FBT001
) -> None:
    context = browser.new_context(
        **browser_context_args,
        storage_state=signed_in["laura.bernard"],
        java_script_enabled=scripts,
    )
    page = context.new_page()
    page.goto(f"{base_url}/documents")
    row = page.locator(".rows li").first
    row.get_by_role("button", name="Masquer").click()
    if scripts:
        expect(row).to_be_focused()
        expect(row.get_by_role("status")).to_contain_text("Les professionnels ne le voient plus")
        check(page, "ligne-masquee", "light")
        row.get_by_role("button", name="Annuler").click()
        expect(row.get_by_role("status")).to_contain_text("Document montré")
    else:
        page.get_by_role("button", name="Annuler, le montrer").click()
        page.goto(f"{base_url}/documents")
    page.locator("a.rowlink").first.click()
    page.get_by_role("link", name="Qui peut le voir").click()
    if scripts:
        check_both(page, "visibilite-document", "light")
    page.get_by_role("button", name="Masquer ce document").click()
    expect(page.locator(".banner[role=status]")).to_contain_text(
        "Les professionnels ne le voient plus"
    )
    if scripts:
        check_both(page, "visibilite-document-masque", "light")
    page.get_by_role("button", name="Annuler, le montrer").click()
    expect(page.locator(".banner[role=status]")).to_contain_text("Document montré")

    page.goto(f"{base_url}/acces")
    page.get_by_role("link", name="Tout le dossier, ou une catégorie").click()
    page.get_by_role("button", name="Masquer tout le dossier").click()
    expect(page.locator(".banner[role=status]")).to_contain_text("Tout est masqué")
    if scripts:
        check_both(page, "visibilite-tout", "light")
    page.get_by_role("button", name="Ne plus tout masquer").click()
    expect(page.get_by_role("button", name="Masquer tout le dossier")).to_be_visible()
    leave(context)
