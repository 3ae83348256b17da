"""Laura makes a code, a doctor reads with it on their own screen, Laura takes it back."""

from typing import Any

from playwright.sync_api import Browser, Page, expect

from backend.demo.people import LAURA
from tests.journeys.conftest import leave, quiet, sign_in
from tests.journeys.test_screens import check

ROUX = "Dr Anne Roux, dermatologue"


def test_documents_are_shown_and_taken_back(
    browser: Browser,
    browser_context_args: dict[str, Any],
    phone: Page,
    phone_url: str,
    *,
    scripts: bool,
) -> None:
    sign_in(phone, phone_url, LAURA.identifier)
    phone.goto(f"{phone_url}/documents")
    phone.locator("a.rowlink").nth(1).click()
    title = phone.get_by_role("heading", level=1).inner_text()
    phone.get_by_role("link", name="Montrer à un médecin").click()
    expect(phone.get_by_role("checkbox", checked=True)).to_have_count(1)
    check(phone, "montrer-choisir", "light")
    phone.get_by_text("15 minutes").click()
    phone.get_by_label("Pour qui ?").fill("Dr Roux")
    phone.get_by_role("button", name="Créer le code").click()
    code = phone.locator(".showing").first.inner_text()
    check(phone, "montrer-code", "light")

    theirs = browser.new_context(**browser_context_args, java_script_enabled=scripts)
    with quiet(theirs.new_page()) as doctor:
        read_as_a_doctor(doctor, phone_url, code, title)
        phone.reload()
        expect(phone.locator("main")).to_contain_text(f"« {ROUX} » (nom non vérifié)")
        check(phone, "montrer-ouvert", "light")
        phone.get_by_role("button", name="Arrêter ce partage").first.click()
        expect(phone.locator("main")).to_contain_text("Partages terminés")
        doctor.goto(f"{phone_url}/partage/documents")
        expect(doctor.get_by_role("heading", level=1)).to_have_text("Partage terminé")
        doctor.goto(f"{phone_url}/partage")
        doctor.get_by_label("Code", exact=True).fill(code)
        doctor.get_by_label("Votre nom et votre métier").fill(ROUX)
        doctor.get_by_role("button", name="Voir les documents").click()
        expect(doctor.get_by_role("alert")).to_contain_text("Ce code n’ouvre rien")
    leave(theirs)


def read_as_a_doctor(page: Page, url: str, code: str, title: str) -> None:
    """From the code to the report: nothing else of the record, nothing to download."""
    page.goto(f"{url}/partage")
    check(page, "partage-entrer", "light")
    page.get_by_label("Code", exact=True).fill(code.lower())
    page.get_by_label("Votre nom et votre métier").fill(ROUX)
    page.get_by_role("button", name="Voir les documents").click()
    expect(page.locator("a.rowlink")).to_have_count(1)
    check(page, "partage-documents", "light")
    page.locator("a.rowlink").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.get_by_role("link", name="Télécharger")).to_have_count(0)
    check(page, "partage-compte-rendu", "light")
