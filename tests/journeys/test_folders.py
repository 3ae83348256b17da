"""Laura puts two reports away in a folder, finds them there, renames it, takes it away."""

from playwright.sync_api import Page, expect

from backend.demo.people import LAURA
from tests.journeys.conftest import sign_in
from tests.journeys.test_screens import check


def test_documents_are_put_away(phone: Page, phone_url: str) -> None:
    sign_in(phone, phone_url, LAURA.identifier)
    phone.goto(f"{phone_url}/documents")
    before = phone.locator("a.rowlink").count()
    phone.get_by_role("link", name="Mes dossiers").click()
    check(phone, "dossiers", "light")
    phone.get_by_label("Nom du nouveau dossier").fill("suivi du FER")
    phone.get_by_role("button", name="Créer le dossier").click()
    expect(phone.get_by_role("alert")).to_contain_text("Vous avez déjà un dossier de ce nom")
    check(phone, "dossiers-refus", "light")
    phone.get_by_label("Nom du nouveau dossier").fill("Grossesse")
    phone.get_by_role("button", name="Créer le dossier").click()
    check(phone, "dossier-ranger", "light")
    for box in phone.get_by_role("checkbox").all()[-2:]:
        box.check()
    phone.get_by_role("button", name="Ranger dans ce dossier").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Grossesse")
    expect(phone.locator("a.rowlink")).to_have_count(2)
    check(phone, "dossier", "light")
    phone.goto(f"{phone_url}/documents")
    phone.get_by_text("Filtrer", exact=True).click()
    phone.get_by_role("navigation", name="Dossier").get_by_role("link", name="Grossesse").click()
    expect(phone.locator("a.rowlink")).to_have_count(2)
    check(phone, "documents-d-un-dossier", "light")
    phone.locator("a.rowlink").first.click()
    phone.get_by_role("link", name="Ranger dans un dossier").click()
    check(phone, "ranger-un-document", "light")
    phone.get_by_text("Aucun dossier", exact=True).click()
    phone.get_by_role("button", name="Enregistrer").click()
    phone.get_by_role("link", name="Grossesse").click()
    expect(phone.locator("a.rowlink")).to_have_count(1)
    phone.get_by_text("Changer le nom").click()
    phone.get_by_label("Nom du dossier").fill("Bébé")
    phone.get_by_role("button", name="Enregistrer le nom").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Bébé")
    phone.get_by_role("link", name="Supprimer ce dossier").click()
    check(phone, "dossier-supprimer", "light")
    phone.get_by_role("button", name="Supprimer le dossier").click()
    expect(phone.get_by_role("link", name="Bébé")).to_have_count(0)
    phone.goto(f"{phone_url}/documents")
    expect(phone.locator("a.rowlink")).to_have_count(before)
