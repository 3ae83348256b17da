"""A biologist writes to Laura, who answers with a photo; the laboratory answers, then ends it."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.demo.people import LAURA
from tests.gateways.person_files import photo
from tests.journeys.conftest import leave, quiet, sign_in
from tests.journeys.test_pro import comes, look
from tests.journeys.test_screens import check


@pytest.fixture
def biologist(
    browser: Browser, browser_context_args: dict[str, Any], *, scripts: bool
) -> Iterator[Page]:
    with ExitStack() as stack:
        size = {"width": 1280, "height": 800}
        context = browser.new_context(
            **{**browser_context_args, "viewport": size, "has_touch": False},
            java_script_enabled=scripts,
        )
        stack.callback(leave, context)
        yield stack.enter_context(quiet(context.new_page()))


def test_a_conversation_from_its_beginning_to_its_end(
    biologist: Page, phone: Page, phone_url: str, *, scripts: bool
) -> None:
    desk = biologist
    comes(desk, phone_url, "Claire Morel")
    desk.get_by_role("navigation").get_by_role("link", name="Messages").click()
    look(desk, "messages")
    desk.goto(f"{phone_url}/pro/patients")
    desk.get_by_label("Date de naissance").fill("14/05/1991")
    desk.get_by_label("Nom", exact=False).first.fill("bernard")
    desk.get_by_role("button", name="Chercher").click()
    desk.get_by_role("main").get_by_role("link", name="BERNARD").first.click()
    desk.get_by_role("link", name="Écrire à cette personne").click()
    desk.get_by_role("link", name="Ordonnance à envoyer").click()
    look(desk, "message-nouveau")
    desk.get_by_role("button", name="Envoyer le message").click()
    expect(desk.get_by_role("alert")).to_contain_text("Vérifiez l’identité")
    look(desk, "message-nouveau-erreur")
    desk.get_by_text("C’est bien cette personne").click()
    subject = f"Une ordonnance {'avec' if scripts else 'sans'}"
    desk.get_by_label("Objet").fill(subject)
    desk.get_by_role("button", name="Envoyer le message").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text(subject)

    sign_in(phone, phone_url, LAURA.identifier)
    phone.get_by_role("navigation", name="Rubriques").get_by_role("link", name="Messages").click()
    check(phone, "messages", "light")
    phone.get_by_role("link", name=subject).click()
    check(phone, "message", "dark")
    phone.get_by_label("Votre message").fill("La voici, en photo.")
    phone.get_by_label("Joindre une photo ou un fichier").set_input_files(
        {"name": "ordonnance.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    phone.get_by_role("button", name="Envoyer").click()
    expect(phone.get_by_role("log")).to_contain_text("La voici, en photo.")
    check(phone, "message-repondu", "light")

    desk.reload()
    expect(desk.get_by_role("log").get_by_role("link", name="ordonnance")).to_be_visible()
    look(desk, "message-lu")
    desk.set_viewport_size({"width": 768, "height": 1024})
    look(desk, "message-768")
    desk.get_by_label("Votre message").fill("Merci, tout est en ordre.")
    desk.get_by_role("button", name="Envoyer la réponse").click()
    desk.get_by_text("Fermer la conversation", exact=True).first.click()
    desk.get_by_label("Pourquoi").fill("Nous avons votre ordonnance.")
    desk.get_by_role("button", name="Fermer la conversation").click()
    expect(desk.get_by_role("status").first).to_contain_text("Conversation fermée")

    phone.reload()
    expect(phone.get_by_role("main")).to_contain_text("Nous avons votre ordonnance.")
    expect(phone.get_by_label("Votre message")).to_have_count(0)
    check(phone, "message-ferme", "light")
    phone.goto(f"{phone_url}/messages/reglages")
    check(phone, "messages-reglages", "light")
