"""Laura tells of a vaccine and files a synthesis; Karim answers twice at once."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.demo.people import KARIM, LAURA
from tests.journeys.conftest import leave, sign_in
from tests.journeys.test_screens import check, check_both


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def test_one_question_a_page_then_a_synthesis(phone: Page, phone_url: str) -> None:
    sign_in(phone, phone_url, LAURA.identifier)
    phone.goto(phone_url)
    phone.get_by_role("link", name="Profil médical").click()
    heading(phone, "Profil médical")
    check(phone, "profil", "light")
    phone.get_by_role("link", name="Répondre : Vaccinations").click()
    heading(phone, "Avez-vous reçu des vaccins ?")
    check(phone, "profil-question", "light")
    phone.get_by_role("button", name="Oui").click()
    heading(phone, "Quel vaccin, ou contre quelle maladie ?")
    phone.get_by_role("button", name="Continuer").click()
    expect(phone.get_by_role("alert")).to_contain_text("Vaccin : écrivez une réponse.")
    check(phone, "profil-erreur", "light")
    phone.get_by_label("Vaccin").fill("Tétanos")
    phone.get_by_role("button", name="Continuer").click()
    heading(phone, "Quand ?")
    check(phone, "profil-date", "light")
    phone.get_by_role("button", name="Question précédente").click()
    expect(phone.get_by_label("Vaccin")).to_have_value("Tétanos")
    phone.get_by_role("button", name="Continuer").click()
    phone.get_by_label("Date").fill("03/2019")
    phone.get_by_role("button", name="Continuer").click()
    heading(phone, "Voulez-vous en dire plus ?")
    check(phone, "profil-reste", "light")
    phone.get_by_label("Commentaire (facultatif)").fill("Rappel dans dix ans.")
    phone.get_by_role("button", name="Enregistrer").click()
    heading(phone, "Vaccinations")
    expect(phone.get_by_role("region", name="Tétanos")).to_contain_text("mars 2019")
    check(phone, "profil-reponses", "light")
    phone.get_by_role("link", name="Supprimer : Tétanos").click()
    check(phone, "profil-supprimer", "light")
    phone.get_by_role("link", name="Garder cette réponse").click()
    phone.get_by_role("link", name="Revenir au profil").click()
    phone.get_by_role("link", name="faites une synthèse").click()
    heading(phone, "Synthèse du profil médical")
    check(phone, "profil-synthese", "light")
    phone.get_by_role("button", name="Enregistrer la synthèse dans mes documents").click()
    heading(phone, "Synthèse du profil médical")
    assert phone.url.endswith("/document")


def test_an_illness_goes_with_a_treatment_and_a_document(phone: Page, phone_url: str) -> None:
    sign_in(phone, phone_url, LAURA.identifier)
    phone.goto(f"{phone_url}/profil/traitements")
    phone.get_by_role("link", name="Diabète de type 2", exact=True).click()
    illness = phone.get_by_role("region", name="Diabète de type 2")
    expect(illness).to_contain_text("Metformine 500 mg")
    phone.get_by_role("link", name="Modifier : Diabète de type 2").click()
    phone.get_by_role("button", name="Continuer").click()
    phone.get_by_role("button", name="Continuer").click()
    heading(phone, "Quels documents parlent de cette maladie ?")
    phone.get_by_role("checkbox").first.check()
    check(phone, "profil-liens", "light")
    phone.get_by_role("button", name="Enregistrer").click()
    expect(illness).to_contain_text("Documents liés")
    check(phone, "profil-liens-vus", "light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_two_pages_that_answer_at_once(
    browser: Browser,
    browser_context_args: dict[str, Any],
    base_url: str,
    scheme: Any,
) -> None:
    context = browser.new_context(**browser_context_args, color_scheme=scheme)
    page = context.new_page()
    sign_in(page, base_url, KARIM.identifier)
    page.goto(f"{base_url}/profils")
    page.get_by_role("button", name="Lea").click()
    page.goto(f"{base_url}/profil")
    expect(page.get_by_role("region", name="Allergies")).to_contain_text("Arachide")
    check(page, "profil-enfant", scheme)
    page.goto(f"{base_url}/profil/handicaps")
    first = context.new_page()
    first.goto(f"{base_url}/profil/handicaps")
    answers = ("Je ne sais pas", "Non, rien à signaler")
    for tab, answer in zip(
        (first, page), answers if scheme == "light" else answers[::-1], strict=True
    ):
        tab.get_by_role("button", name=answer).click()
    heading(page, "Quelle réponse garder ?")
    check_both(page, "profil-deux-reponses", scheme)
    leave(context)
