"""Security on a phone: a passkey is added, then opens; every screen of it photographed."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import leave, sign_in
from tests.journeys.test_screens import Scheme, check, check_both

SECURITY = "/compte/securite"


def give_authenticator(page: Page) -> None:
    """The telephone’s own: it recognises its person."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def test_a_passkey_is_added_then_opens(page: Page, own_url: str) -> None:
    give_authenticator(page)
    sign_in(page, own_url, "karim.benali")
    page.goto(own_url + SECURITY)
    page.get_by_role("link", name="Clés d’accès").click()
    page.get_by_role("button", name="Créer ma clé d’accès").click()
    expect(page.get_by_text("Votre clé d’accès est ajoutée.")).to_be_visible()
    check(page, "securite-cle-ajoutee", "light")
    page.get_by_role("link", name="Clés d’accès").click()
    check_both(page, "securite-cles", "light")
    page.get_by_role("link", name="Chrome").click()
    check_both(page, "securite-cle", "light")
    page.get_by_label("Nom de la clé").fill("Mon téléphone")
    page.get_by_role("button", name="Changer le nom").click()
    expect(page.get_by_text("Le nom est changé.")).to_be_visible()

    page.locator("details.who summary").click()
    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_role("button", name="Entrer avec ma clé d’accès").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")
    page.goto(f"{own_url}{SECURITY}/cles")
    page.get_by_role("link", name="Mon téléphone").click()
    page.get_by_role("button", name="Retirer cette clé").click()
    expect(page.get_by_text("La clé d’accès est retirée.")).to_be_visible()
    page.locator("details.who summary").click()
    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_role("button", name="Entrer avec ma clé d’accès").click()
    expect(page.get_by_role("alert")).to_contain_text("n’a pas été reconnue")


def test_without_javascript_no_button_is_shown_that_would_do_nothing(
    browser: Browser, browser_context_args: dict[str, Any], own_url: str
) -> None:
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{own_url}/connexion")
    expect(page.get_by_role("button", name="Continuer")).to_be_visible()
    expect(page.get_by_role("button", name="clé d’accès")).to_be_hidden()
    leave(context)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_screens_of_security_are_accessible(
    browser: Browser, browser_context_args: dict[str, Any], own_url: str, scheme: Scheme
) -> None:
    context = browser.new_context(**browser_context_args, color_scheme=scheme)
    page = context.new_page()
    who = {"light": "laura.bernard", "dark": "karim.benali"}[scheme]
    sign_in(page, own_url, who)
    for name, path in {
        "securite": "",
        "securite-mot-de-passe": "/mot-de-passe",
        "securite-email": "/joindre/email",
        "securite-mobile": "/joindre/mobile",
        "securite-application": "/application",
    }.items():
        page.goto(own_url + SECURITY + path)
        check_both(page, name, scheme)
    page.goto(f"{own_url}{SECURITY}/mot-de-passe")
    page.get_by_role("button", name="Changer mon mot de passe").click()
    check(page, "securite-mot-de-passe-erreur", scheme)
    leave(context)
