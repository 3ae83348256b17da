"""Laura adds two papers, chooses both, is asked once more, and they are gone."""

from pathlib import Path

from playwright.sync_api import Page, expect

from backend.demo.people import LAURA
from tests.journeys.conftest import sign_in
from tests.journeys.test_screens import check

TITLES = ("Papier à jeter un", "Papier à jeter deux")


def test_several_papers_are_taken_away(phone: Page, phone_url: str, tmp_path: Path) -> None:
    sign_in(phone, phone_url, LAURA.identifier)
    paper = tmp_path / "papier.txt"
    paper.write_text("À jeter")
    for title in TITLES:
        phone.goto(f"{phone_url}/ajouter-un-document")
        phone.get_by_label("Titre").fill(title)
        phone.get_by_label("Catégorie").select_option("autre")
        phone.get_by_label("Photo ou fichier").set_input_files(paper)
        phone.get_by_role("button", name="Ajouter ce document").click()
        expect(phone.get_by_role("heading", level=1)).to_have_text(title)
    phone.goto(f"{phone_url}/documents")
    phone.get_by_role("link", name="Supprimer des documents").click()
    check(phone, "supprimer-choisir", "light")
    phone.get_by_role("button", name="Continuer").click()
    expect(phone.get_by_role("alert")).to_contain_text("Cochez au moins un document.")
    check(phone, "supprimer-refus", "light")
    for title in TITLES:
        phone.get_by_role("checkbox", name=title).check()
    phone.get_by_role("button", name="Continuer").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Supprimer ces 2 documents")
    check(phone, "supprimer-confirmer", "light")
    phone.get_by_role("button", name="Supprimer pour toujours").click()
    expect(phone.locator(".banner[role=status]")).to_contain_text("2 documents supprimés.")
    check(phone, "supprimer-fait", "light")
    phone.goto(f"{phone_url}/documents")
    for title in TITLES:
        expect(phone.get_by_text(title)).to_have_count(0)
