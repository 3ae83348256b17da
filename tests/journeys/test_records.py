"""A patient’s record before a professional: why, what is there, an emergency, a review, a block."""

from typing import Any

from playwright.sync_api import Browser, Page, expect

from backend.demo.people import KARIM, LAURA, Someone
from tests.journeys.conftest import leave, sign_in
from tests.journeys.test_pro import SIZES, Desk, comes, desk, look

__all__ = ["desk"]


def find(page: Page, someone: Someone) -> None:
    """By INS."""
    page.get_by_role("navigation").get_by_role("link", name="Dossiers").click()
    page.get_by_label("Matricule INS").fill(someone.traits.matricule)
    page.get_by_label("Type de numéro").select_option(someone.traits.oid)
    page.get_by_role("button", name="Continuer").click()


def test_a_biologist_opens_a_record_from_the_desk_and_reads(desk: Desk, base_url: str) -> None:
    page = desk(1280)
    comes(page, base_url, "Claire Morel")
    page.get_by_role("navigation").get_by_role("link", name="Accueil du patient").click()
    page.get_by_label("Date de naissance").fill(f"{LAURA.traits.birth_date:%d/%m/%Y}")
    page.get_by_label("Nom", exact=True).fill(LAURA.traits.birth_name)
    page.get_by_role("button", name="Chercher").click()
    page.get_by_role("link", name="BERNARD").first.click()
    page.get_by_role("button", name="Ouvrir son dossier de santé").click()
    page.get_by_role("button", name="Ouvrir", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Dites pourquoi")
    expect(page.locator("main")).to_contain_text("Laura Bernard en sera informée")
    look(page, "dossier-porte")
    page.get_by_label("Je fais partie de son équipe de soins").check()
    page.get_by_role("button", name="Ouvrir", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Laura Bernard")
    look(page, "dossier")
    page.get_by_role("link", name="Nos comptes rendus").click()
    page.locator("tr", has_text="Non visible du patient").get_by_role("link").first.click()
    expect(page.locator("main")).to_contain_text("n’est pas visible du patient")
    page.get_by_role("link", name="Dossier de Laura Bernard").click()
    page.locator("tr", has_text="hors repères").get_by_role("link").first.click()
    look(page, "dossier-resultats")
    page.get_by_role("link", name="Document ·").click()
    expect(page.get_by_role("img").first).to_be_visible()


def test_an_emergency_stops_everybody_and_is_reviewed(desk: Desk, base_url: str) -> None:
    page = desk(768)
    comes(page, base_url, "Claire Morel")
    find(page, KARIM)
    page.get_by_role("link", name="Demander un accès en urgence").click()
    look(page, "urgence")
    page.get_by_role("button", name="S’identifier de nouveau").click()
    expect(page.get_by_text("prouver de nouveau qui vous êtes")).to_be_visible()
    page.get_by_role("button", name="Claire Morel").click()
    page.get_by_role("button", name="Ouvrir en urgence").click()
    expect(page.get_by_role("alert")).to_contain_text("Écrivez en une phrase")
    page.get_by_label("Motif, en une phrase").fill("Malaise au prélèvement, ne répond pas.")
    page.get_by_role("button", name="Ouvrir en urgence").click()
    expect(page.get_by_label("Accès en urgence")).to_contain_text("Karim")
    look(page, "urgence-en-cours")
    page.get_by_role("button", name="Terminer l’urgence").click()
    expect(page.get_by_label("Accès en urgence")).not_to_be_visible()

    other = desk(1280)
    comes(other, base_url, "Étienne Rousseau")
    other.get_by_role("navigation").get_by_role("link", name="Accès à relire").click()
    look(other, "a-relire")
    other.get_by_label("Ce que vous avez vérifié").first.fill("Vu avec elle : malaise réel.")
    other.get_by_role("button", name="Marquer comme relu").first.click()
    expect(other.locator("main")).to_contain_text("Relu par Dr Étienne Rousseau")


def test_a_doctor_whom_laura_blocks_from_her_phone_reads_one_sentence(
    browser: Browser,
    browser_context_args: dict[str, Any],
    two_widths: tuple[int, str],
) -> None:
    width, url = two_widths
    office = browser.new_context(locale="fr-FR", viewport={"width": width, "height": SIZES[width]})
    doctor = office.new_page()  # not watched: what is refused is written in its console
    comes(doctor, url, "Hélène Leroux")
    doctor.get_by_role("button", name="Cabinet du Port").click()
    find(doctor, LAURA)
    doctor.get_by_label("Hors de l’équipe de soins").check()
    doctor.get_by_label("Accord jusqu’au").fill("31/12/2030")
    doctor.get_by_role("button", name="Ouvrir", exact=True).click()
    doctor.locator("main table").get_by_role("link", name="Bilan sanguin").first.click()
    expect(doctor.get_by_role("heading", level=1)).to_have_text("Bilan sanguin")
    opened = doctor.url

    phone = browser.new_context(**browser_context_args)
    laura = phone.new_page()
    sign_in(laura, url, LAURA.identifier)
    laura.goto(f"{url}/acces/professionnels")
    laura.get_by_label("Dr Hélène Leroux").check()
    laura.get_by_role("button", name="Bloquer", exact=True).click()
    expect(laura.locator("main")).to_contain_text("C’est bloqué")

    for address in (opened, f"{opened}/document", f"{opened}/original.pdf"):
        doctor.goto(address)
        expect(doctor.locator("main")).to_contain_text("Cette patiente n’autorise pas l’accès.")
    look(doctor, "dossier-refuse")
    laura.goto(f"{url}/acces")
    expect(laura.locator("main")).to_contain_text("Dr Hélène Leroux, médecin")
    expect(laura.locator("main")).to_contain_text("a voulu ouvrir le dossier. Nous avons refusé")
    laura.goto(f"{url}/acces/professionnels")
    laura.get_by_role("link", name="Dr Hélène Leroux").click()
    laura.get_by_role("button", name="Oui, débloquer").click()
    leave(phone)
    leave(office)
