"""A forgotten password, found again on a phone; and the page that asks for a fresh proof."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import ask, leave, read_simply, sign_in
from tests.journeys.test_screens import Scheme, check

NEW = "quatre-mots-que-rien-ne-lie-88"


def codes(url: str, before: int) -> dict[str, str]:
    """The newest code by channel, once there are two."""
    for _ in range(600):
        messages = ask(f"{url}/demo/boite.json")
        found: dict[str, str] = {}
        for message in messages[: len(messages) - before]:
            if code := re.search(r"\b(\d{3}) (\d{3})\b", message["text"]):
                found.setdefault(message["channel"], code[1] + code[2])
        if len(found) > 1:
            return found
        time.sleep(0.1)
    raise AssertionError("two codes did not come")


def test_a_forgotten_password_is_replaced(phone: Page, own_url: str, *, scripts: bool) -> None:
    page, who = phone, "dominique.pat-trois" if scripts else "nadia.cherif"
    page.goto(f"{own_url}/connexion")
    page.get_by_role("link", name="J’ai oublié").click()
    check(page, "retrouver", "light")
    page.get_by_role("link", name="Mon mot de passe").click()
    check(page, "retrouver-identifiant", "light")
    before = len(ask(f"{own_url}/demo/boite.json"))
    page.get_by_label("Identifiant").fill(who)
    page.get_by_role("button", name="Recevoir les codes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Entrez deux codes")
    found = codes(own_url, before)
    page.get_by_label("Code reçu par e-mail").fill(found["email"])
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_role("alert")).to_contain_text("Entrez deux codes")
    check(page, "retrouver-codes", "light")
    page.get_by_label("Code reçu par SMS").fill(found["sms"])
    page.get_by_role("button", name="Valider").click()
    check(page, "retrouver-nouveau", "light")
    page.get_by_label("Nouveau mot de passe").fill(NEW)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est fait")
    check(page, "retrouver-fait", "light")
    undo = next(
        link[0]
        for message in ask(f"{own_url}/demo/boite.json")
        if (link := re.search(r"/annuler/\S+", message["text"]))
    )
    page.goto(own_url + undo)
    check(page, "annuler", "light")
    page.goto(f"{own_url}/retrouver/identifiant")
    check(page, "retrouver-numero", "light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_that_asks_for_a_proof_is_accessible(
    browser: Browser, browser_context_args: dict[str, Any], own_url: str, scheme: Scheme
) -> None:
    context = browser.new_context(**browser_context_args, color_scheme=scheme)
    page = context.new_page()
    sign_in(page, own_url, {"light": "laura.bernard", "dark": "karim.benali"}[scheme])
    for simple in (False, True):
        if simple:
            read_simply(context, own_url)
            page.goto(own_url)
        # A proof has just been given: the page is reached by the form that it holds.
        page.evaluate(
            """() => {
                const form = document.querySelector("form[action='/deconnexion']");
                form.action = "/confirmer";
                form.submit();
            }"""
        )
        expect(page.get_by_role("heading", level=1)).to_have_text("Confirmez que c’est vous")
        check(page, "confirmer", scheme)
    leave(context)
