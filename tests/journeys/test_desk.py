"""At the desk of a laboratory: somebody comes, INSi answers, a passport is seen, it is done."""

from playwright.sync_api import Page, expect

from backend.demo.desk import ZOE
from backend.domain.calendar import civil_day
from backend.storage.db import utcnow
from tests.journeys.test_pro import Desk, comes, desk, look

__all__ = ["desk"]


def test_an_identity_is_qualified_at_the_desk(
    desk: Desk,
    phone_url: str,
    *,
    scripts: bool,
) -> None:
    page = desk(1280)
    comes(page, phone_url, "Inès Caradec")
    page.get_by_role("navigation").get_by_role("link", name="Accueil du patient").click()
    look(page, "patients")
    page.get_by_label("Date de naissance").fill("01/01/1960")
    page.get_by_label("Nom", exact=True).fill("Adrtrois")
    page.get_by_role("button", name="Chercher").click()
    expect(page.locator("main")).to_contain_text("Aucun dossier du laboratoire")
    page.get_by_label("Premier prénom de naissance").fill("Touçaint")
    page.get_by_label("Sexe").select_option("M")
    page.get_by_label("Lieu de naissance").fill("Corse")
    page.get_by_role("button", name="Créer le dossier").click()
    expect(page.get_by_role("alert")).to_contain_text("cinq caractères")
    page.get_by_label("Lieu de naissance").fill("2B021")
    page.get_by_label("Premier prénom de naissance").fill("Toussaint")
    page.get_by_role("button", name="Créer le dossier").click()
    page.get_by_role("button", name="Interroger INSi").click()
    expect(page.locator("main")).to_contain_text("Le lieu de naissance diffère")
    look(page, "patient-ecarts")
    page.get_by_text("Corriger les traits").click()
    page.get_by_label("Lieu de naissance").fill("2B020")
    page.get_by_role("button", name="Enregistrer les traits").click()
    page.get_by_role("button", name="Interroger INSi").click()
    expect(page.locator("main")).to_contain_text("Contrôlez maintenant sa pièce")
    page.get_by_label("Passeport").check()
    page.get_by_label("Les traits de la pièce sont ceux du dossier").check()
    page.get_by_role("button", name="Qualifier l’identité").click()
    expect(page.locator("main")).to_contain_text("rien à demander")
    page.get_by_label("J’ai informé la personne").check()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    look(page, "patient-qualifie")


def test_a_referent_reads_the_contracts_and_closes_an_anomaly(
    desk: Desk,
    phone_url: str,
    *,
    scripts: bool,
) -> None:
    page = desk(1280)
    comes(page, phone_url, "Solène Riou")
    page.get_by_role("navigation").get_by_role("link", name="Contrats").click()
    page.get_by_role("link", name="Clinique des Ormes").click()
    look(page, "contrat")
    page.get_by_role("navigation").get_by_role("link", name="Anomalies").click()
    page.get_by_role("button", name="Prendre en charge").first.click()
    page.get_by_label("Motif de clôture").first.fill("Le prénom a été corrigé d’après la pièce.")
    look(page, "anomalies")
    page.get_by_role("button", name="Clore l’anomalie").first.click()
    expect(page.locator("main")).to_contain_text("Le prénom a été corrigé")


def test_a_partners_word_counts_until_its_contract_is_suspended(
    desk: Desk, two_widths: tuple[int, str]
) -> None:
    (width, url), born = two_widths, f"{ZOE.birth_date:%d/%m/%Y}"
    page = desk(width)
    comes(page, url, "Solène Riou")
    search(page, born, ZOE.birth_name)
    expect(page.get_by_label("Prélèvement envoyé par")).to_contain_text("Clinique des Ormes")
    page.locator("main ul.rows a").first.click()
    page.get_by_role("button", name="Qualifier par contrat — Clinique des Ormes").click()
    expect(page.locator("main")).to_contain_text("Qualifiée par contrat — Clinique des Ormes")
    look(page, "patient-par-contrat")
    page.get_by_role("navigation").get_by_role("link", name="Contrats").click()
    page.get_by_role("link", name="Clinique des Ormes").click()
    page.get_by_label("Jour de l’audit").fill(f"{civil_day(utcnow()):%d/%m/%Y}")
    page.get_by_label("Non conforme").check()
    page.get_by_label("Constat").fill("Deux dossiers sur dix avaient été mélangés.")
    page.get_by_role("button", name="Enregistrer l’audit").click()
    expect(page.locator("main")).to_contain_text("suspendu par un audit")
    search(page, born, ZOE.birth_name)
    expect(page.get_by_text("Clinique des Ormes")).to_have_count(0)


def search(page: Page, born: str, name: str) -> None:
    """From the menu to what the laboratory has of this person."""
    page.get_by_role("navigation").get_by_role("link", name="Accueil du patient").click()
    page.get_by_label("Date de naissance").fill(born)
    page.get_by_label("Nom", exact=True).fill(name)
    page.get_by_role("button", name="Chercher").click()
