"""Laura writes down her weight and her tension, makes mistakes, and lets her reports in."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.journeys.conftest import leave, read_simply
from tests.journeys.test_screens import check


@pytest.mark.parametrize(
    ("scripts", "scheme", "simply"),
    [(True, "light", False), (True, "dark", True), (False, "light", False)],
    ids=["with JavaScript", "in the dark, read simply", "without JavaScript"],
)
def test_a_morning_of_measures(
    browser: Browser,
    browser_context_args: dict[str, Any],
    base_url: str,
    signed_in: dict[str, StorageState],
    scheme: Any,
    *,
    scripts: bool,
    simply: bool,
) -> None:
    context = browser.new_context(
        **browser_context_args,
        storage_state=signed_in["laura.bernard"],
        java_script_enabled=scripts,
        color_scheme=scheme,
    )
    if simply:
        read_simply(context, base_url)
    page = context.new_page()

    def looks_right(name: str) -> None:
        if scripts:
            check(page, name, scheme)

    page.goto(base_url)
    page.get_by_role("link", name="Mesures").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mesures")
    looks_right("mesures")
    weighs(page, looks_right)
    measures_tension(page, looks_right)
    lets_reports_in(page, looks_right)
    leave(context)


def weighs(page: Page, looks_right: Any) -> None:
    """She forgets the comma, is asked, corrects; then deletes the value and puts it back."""
    page.get_by_role("link", name="Ajouter : Poids", exact=True).click()
    page.get_by_role("textbox", name="Poids").fill("715")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("alert")).to_contain_text("715 kg, est-ce bien cela")
    expect(page.get_by_role("button", name="Oui, enregistrer")).to_be_visible()
    looks_right("mesure-surprenante")
    page.get_by_role("textbox", name="Poids").fill("71,5")
    page.get_by_role("button", name="Oui, enregistrer").click()
    expect(page.get_by_text("C’est enregistré")).to_contain_text("71,5 kg")
    expect(page.get_by_role("row", name="71,5 kg")).to_have_count(1)
    looks_right("mesure")
    page.get_by_role("row", name="71,5 kg").get_by_role("button", name="Supprimer").click()
    expect(page.get_by_text("Mesure supprimée")).to_contain_text("71,5 kg")
    looks_right("mesure-supprimee")
    page.get_by_role("button", name="Annuler, la remettre").click()
    row = page.get_by_role("row", name="71,5 kg")
    expect(row).to_have_count(1)
    row.get_by_role("button", name="Supprimer").click()  # as it was, for the next journey
    page.get_by_role("link", name="Mesures", exact=True).click()


def measures_tension(page: Page, looks_right: Any) -> None:
    """She says it as doctors do."""
    page.get_by_role("link", name="Ajouter : Tension", exact=True).click()
    page.get_by_label("Le plus grand chiffre").fill("8")
    page.get_by_label("Le plus petit chiffre").fill("12,5")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("alert")).to_contain_text("d’abord le plus grand")
    looks_right("mesure-erreur")
    page.get_by_label("Le plus grand chiffre").fill("12,5")
    page.get_by_label("Le plus petit chiffre").fill("8")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("C’est enregistré")).to_contain_text("125/80 mmHg")
    expect(page.get_by_text("Le plus grand chiffre : de 138 à 125 mmHg")).to_be_visible()
    looks_right("mesure-tension")
    row = page.get_by_role("row", name="125/80").first
    row.get_by_role("button", name="Supprimer").click()
    page.get_by_role("link", name="Mesures", exact=True).click()


def lets_reports_in(page: Page, looks_right: Any) -> None:
    """What her laboratories wrote stands beside what she wrote, and leads to its report."""
    page.get_by_role("link", name="Changer").click()
    looks_right("mesures-comptes-rendus")
    page.get_by_role("button", name="Oui, les montrer").click()
    expect(page.get_by_text("C’est fait.")).to_be_visible()
    page.get_by_role("link", name="Mesures", exact=True).click()
    page.get_by_role("link", name="HbA1c", exact=True).click()
    expect(page.get_by_role("link", name="Compte rendu du").first).to_be_visible()
    looks_right("mesure-hba1c")
    page.get_by_role("link", name="Changer").click()
    page.get_by_role("button", name="Ne plus les montrer").click()
    expect(page.get_by_text("ne sont plus montrées")).to_be_visible()
