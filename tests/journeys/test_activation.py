"""From the letter to the first report; refusing; each on a phone, with a keyboard and a thumb."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from backend.demo.people import JULIE, MICHEL
from tests.journeys.conftest import ask, leave, newest_code, provisional_code, receive
from tests.journeys.test_passkeys import give_authenticator
from tests.journeys.test_screens import check, check_both

PASSWORD = "quatre-oiseaux-sur-le-fil"


def newcomer(base_url: str, name: str) -> dict[str, str]:
    """A fictional person who has a letter, as the page of the demonstration gives them."""
    people: list[dict[str, str]] = ask(f"{base_url}/demo/comptes.json")["newcomers"]
    return next(person for person in people if person["name"].startswith(name))


def type_the_three(page: Page, someone: dict[str, str], *, checked: bool = False) -> None:
    """One question a page."""
    for label, name in (
        ("Code provisoire", "code"),
        ("Numéro de sécurité sociale", "nir"),
        ("Numéro de série", "vitale"),
    ):
        if checked and name != "code":
            check(page, f"activer-{name}", "light")
        page.get_by_role("textbox", name=label).fill(someone[name])
        page.get_by_role("button", name="Continuer").click()


def test_from_the_letter_to_the_first_report(phone: Page, phone_url: str, *, scripts: bool) -> None:
    page, julie = phone, newcomer(phone_url, "Julie")
    page.goto(f"{phone_url}/connexion")
    page.get_by_role("link", name="Activer").click()
    check(page, "activer", "light")
    page.get_by_role("button", name="Commencer").click()
    check(page, "activer-code", "light")
    page.get_by_label("Code provisoire").fill("7KXM")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("alert")).to_contain_text("12 lettres et chiffres")
    expect(page.get_by_label("Code provisoire")).to_have_value("7KXM")
    check(page, "activer-code-erreur", "light")
    type_the_three(page, julie, checked=True)
    check(page, "activer-verifier", "light")
    page.get_by_role("button", name="C’est bon, continuer").click()
    check(page, "activer-contact", "light")
    before = len(ask(f"{phone_url}/demo/boite.json"))
    page.get_by_label("Adresse e-mail").fill("julie@courriel.example")
    page.get_by_role("button", name="Recevoir un code").click()
    check(page, "activer-preuve", "light")
    page.get_by_label("Code à 6 chiffres").fill(newest_code(phone_url, before))
    page.get_by_role("button", name="Valider").click()
    check(page, "activer-visibilite", "light")
    page.get_by_role("radio", name="Les professionnels qui me soignent").check()
    page.get_by_role("button", name="Continuer").click()
    check(page, "activer-identifiants", "light")
    page.get_by_label("Votre identifiant").fill("julie.moreau")
    page.get_by_label("Votre mot de passe").fill("bonjour")
    page.get_by_role("button", name="Ouvrir mon espace").click()
    check(page, "activer-identifiants-erreur", "light")
    page.get_by_label("Votre mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Ouvrir mon espace").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est fait, Julie")
    check(page, "bienvenue", "light")
    receive(phone_url, JULIE)
    page.get_by_role("link", name="Voir mon espace").click()
    page.get_by_role("link", name=re.compile("Bilan")).first.click()
    expect(page.get_by_role("heading", name="Dans les repères")).to_be_visible()
    if scripts:
        take_the_offer(page, f"{phone_url}/bienvenue")


def take_the_offer(page: Page, welcome: str) -> None:
    """A passkey, from the page of welcome; then it opens."""
    give_authenticator(page)
    page.goto(welcome)
    page.get_by_role("link", name="Créer ma clé d’accès").click()
    page.get_by_role("button", name="Créer ma clé d’accès").click()
    expect(page.get_by_text("Votre clé d’accès est ajoutée.")).to_be_visible()
    page.locator("details.who summary").click()
    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_role("button", name="Entrer avec ma clé d’accès").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour Julie")


def test_opening_closing_and_coming_back(phone: Page, phone_url: str) -> None:
    page, michel = phone, newcomer(phone_url, "Michel")
    come_back(page, phone_url, michel, refused=True)
    receive(phone_url, MICHEL)
    page.goto(f"{phone_url}/compte")
    page.get_by_role("link", name="Fermer mon espace").click()
    page.get_by_role("radio", name="Les garder").check()
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vous fermez votre espace ?")
    check(page, "fermer-confirmer-garder", "light")
    page.get_by_role("button", name="Oui, fermer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est fermé")
    check(page, "ferme-garder", "light")
    page.goto(f"{phone_url}/documents")
    expect(page.get_by_role("heading", level=1)).to_have_text("Se connecter")
    letters = len(ask(f"{phone_url}/demo/boite.json"))
    ask_for_a_code(page, phone_url, michel)
    come_back(page, phone_url, michel | {"code": provisional_code(phone_url, letters)})
    page.get_by_role("link", name="Voir mon espace").click()
    page.get_by_role("link", name="Documents").first.click()
    expect(page.get_by_role("link", name=re.compile("Bilan")).first).to_be_visible()


def ask_for_a_code(page: Page, url: str, someone: dict[str, str]) -> None:
    """By post."""
    page.goto(f"{url}/activer/nouveau-code")
    page.get_by_label("Numéro de sécurité sociale").fill(someone["nir"])
    page.get_by_role("textbox", name="Numéro de série").fill(someone["vitale"])
    page.get_by_label("Par courrier").check()
    page.get_by_role("button", name="Recevoir un code").click()
    expect(page.get_by_text("un code est parti par courrier")).to_be_visible()


def come_back(page: Page, base_url: str, michel: dict[str, str], *, refused: bool = False) -> None:
    """From the letter to the open space, for whoever had closed it, or refused it."""
    page.goto(f"{base_url}/activer")
    page.get_by_role("button", name="Commencer").click()
    type_the_three(page, michel)
    page.get_by_role("button", name="C’est bon, continuer").click()
    before = len(ask(f"{base_url}/demo/boite.json"))
    page.get_by_label("Numéro de mobile").fill("06 39 98 01 57")
    page.get_by_role("button", name="Recevoir un code").click()
    page.get_by_label("Code à 6 chiffres").fill(newest_code(base_url, before))
    page.get_by_role("button", name="Valider").click()
    if refused:
        page.get_by_role("radio", name="Les professionnels qui me soignent").check()
        page.get_by_role("button", name="Continuer").click()
    else:
        expect(page.get_by_text("Vos anciens documents reviendront")).to_be_visible()
    page.get_by_label("Votre identifiant").fill("michel.lefevre")
    page.get_by_label("Votre mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Ouvrir mon espace").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est fait, Michel")


def test_refusing_gives_a_paper_to_keep(phone: Page, phone_url: str) -> None:
    phone.goto(f"{phone_url}/activer")
    phone.get_by_role("link", name="Je préfère refuser").click()
    check(phone, "refuser", "light")
    phone.get_by_role("button", name="Continuer").click()
    type_the_three(phone, newcomer(phone_url, "Yann"))
    phone.get_by_role("button", name="Continuer mon refus").click()
    check(phone, "refuser-confirmer", "light")
    phone.get_by_role("button", name="Oui, je refuse").click()
    check(phone, "refuser-fait", "light")
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Télécharger mon justificatif").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")


def test_another_code_is_asked_for(phone: Page, phone_url: str) -> None:
    ask_for_a_code(phone, phone_url, newcomer(phone_url, "Yann"))
    check(phone, "nouveau-code-parti", "light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_way_in_is_accessible(
    browser: Browser, browser_context_args: dict[str, Any], base_url: str, scheme: Any
) -> None:
    context = browser.new_context(**browser_context_args, color_scheme=scheme)
    page = context.new_page()
    for name, path in (
        ("activer", "/activer"),
        ("nouveau-code", "/activer/nouveau-code"),
        ("refuser", "/refuser"),
    ):
        page.goto(base_url + path)
        check_both(page, name, scheme)
    page.get_by_role("button", name="Continuer").click()
    page.goto(f"{base_url}/activer/question/carte")
    check(page, "activer-carte", scheme)
    leave(context)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_closing_is_accessible(
    browser: Browser,
    browser_context_args: dict[str, Any],
    base_url: str,
    signed_in: dict[str, StorageState],
    scheme: Any,
) -> None:
    context = browser.new_context(
        **browser_context_args,
        storage_state=signed_in["laura.bernard"],
        color_scheme=scheme,
    )
    page = context.new_page()
    for name, path in (
        ("fermer", "/compte/fermer"),
        ("fermer-confirmer", "/compte/fermer/confirmer?choix=effacer"),
        ("ferme", "/ferme?choix=effacer"),
    ):
        page.goto(base_url + path)
        check_both(page, name, scheme)
    leave(context)
