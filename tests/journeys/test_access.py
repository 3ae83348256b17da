"""Laura hides several documents, sees who opened her record, blocks somebody and unblocks them."""

from typing import Any

import pytest
from playwright.sync_api import Browser, StorageState, expect

from tests.journeys.conftest import leave
from tests.journeys.test_screens import check

IN_THE_DARK = {"acces", "professionnels"}


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_who_opened_it_and_who_may(
    browser: Browser,
    browser_context_args: dict[str, Any],
    base_url: str,
    signed_in: dict[str, StorageState],
    scripts: bool,  # noqa: FBT001
) -> None:
    context = browser.new_context(
        **browser_context_args,
        storage_state=signed_in["laura.bernard"],
        java_script_enabled=scripts,
    )
    page = context.new_page()
    said = page.locator(".banner[role=status], .banner [role=status]")

    def look(name: str) -> None:
        if scripts:
            for scheme in ("light", "dark") if name in IN_THE_DARK else ("light",):
                page.emulate_media(color_scheme=scheme)
                check(page, name, scheme)

    page.goto(f"{base_url}/documents")
    page.get_by_role("link", name="Masquer des documents").click()
    look("masquer-plusieurs")
    for box in page.get_by_role("checkbox").all()[:3]:
        box.check()
    page.get_by_role("button", name="Masquer", exact=True).click()
    expect(said).to_contain_text("masqués")
    look("masquer-plusieurs-fait")
    page.get_by_role("button", name="Annuler, les montrer").click()

    page.get_by_role("link", name="Accès").click()
    expect(page.locator("main")).to_contain_text("Dr Claire Morel, médecin biologiste")
    expect(page.locator(".urgent").filter(has_text="Motif écrit").first).to_be_visible()
    look("acces")
    page.get_by_label("Montrer").select_option(label="Dr Claire Morel")
    page.get_by_role("button", name="Montrer", exact=True).click()
    expect(page.locator("main")).not_to_contain_text("Dr Paul Martin, médecin")

    page.goto(f"{base_url}/acces")
    page.get_by_role("link", name="Professionnels de santé").click()
    look("professionnels")
    page.get_by_label("Dr Hugo Petit").check()
    page.get_by_role("button", name="Bloquer", exact=True).click()
    expect(said).to_contain_text("C’est bloqué")
    look("professionnels-bloque")
    page.get_by_role("link", name="Dr Hugo Petit").click()
    look("debloquer")
    page.get_by_role("button", name="Oui, débloquer").click()
    expect(said).to_contain_text("devra redemander")

    page.get_by_role("link", name="Bloquer quelqu’un d’avance").click()
    page.get_by_label("Son nom").fill("durand")
    page.get_by_role("button", name="Chercher").click()
    look("bloquer-d-avance")
    page.goto(f"{base_url}/acces/urgence")
    look("urgence")
    page.goto(f"{base_url}/acces/voir-comme")
    look("voir-comme")
    page.get_by_role("link", name="Un pharmacien", exact=True).click()
    expect(page.locator("main")).to_contain_text("Ordonnances de médicaments")
    look("voir-comme-pharmacien")
    leave(context)
