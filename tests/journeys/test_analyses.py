"""Laura finds her HbA1c over two years and two laboratories, understands it, prints it."""

from typing import Any

import pytest
from playwright.sync_api import Browser, StorageState, expect

from tests.journeys.conftest import leave
from tests.journeys.test_screens import check

HBA1C = "Sucre sur 3 mois"


@pytest.mark.parametrize(
    ("scripts", "scheme"),
    [(True, "light"), (True, "dark"), (False, "light")],
    ids=["with JavaScript", "in the dark", "without JavaScript"],
)
def test_one_analysis_through_two_years_and_two_laboratories(
    browser: Browser,
    browser_context_args: dict[str, Any],
    base_url: str,
    signed_in: dict[str, StorageState],
    scripts: bool,  # noqa: FBT001
    scheme: Any,
) -> None:
    context = browser.new_context(
        **browser_context_args,
        storage_state=signed_in["laura.bernard"],
        java_script_enabled=scripts,
        color_scheme=scheme,
    )
    page = context.new_page()

    def looks_right(name: str) -> None:
        if scripts:
            check(page, name, scheme)

    page.goto(f"{base_url}/documents")
    page.get_by_role("link", name="Par analyse").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes analyses")
    looks_right("analyses")

    page.get_by_role("link", name=HBA1C).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(HBA1C)
    expect(page.get_by_text("De 5,5 à 6,2 % depuis")).to_be_visible()
    expect(page.get_by_text("la ligne s’interrompt")).to_be_visible()
    expect(page.get_by_role("row", name="Laboratoire des Tilleuls")).to_contain_text("5,7 %")
    looks_right("analyse")
    page.get_by_role("link", name="1 an").click()
    expect(page.get_by_role("row", name="Laboratoire des Tilleuls")).to_have_count(0)

    page.get_by_role("button", name="Épingler à l’accueil").click()
    expect(page.get_by_role("button", name="Retirer de l’accueil")).to_be_visible()
    page.goto(base_url)
    pinned = page.get_by_role("region", name="Mes analyses")
    expect(pinned).to_contain_text(HBA1C)
    looks_right("accueil-epinglee")
    pinned.get_by_role("link").click()
    page.get_by_role("button", name="Retirer de l’accueil").click()

    page.get_by_role("link", name="Comprendre ce résultat").click()
    expect(page.get_by_text("en attente de la signature d’un biologiste")).to_be_visible()
    page.get_by_label("Que veut dire ce résultat pour moi").check()
    looks_right("comprendre")

    page.goto(f"{base_url}/analyses")
    page.get_by_role("link", name="Tableau pour mon médecin").click()
    expect(page.get_by_label(HBA1C)).to_be_checked()
    looks_right("tableau-choix")
    page.get_by_role("button", name="Voir le tableau").click()
    sheet = page.get_by_role("region", name=HBA1C, exact=True)
    expect(sheet.get_by_role("row")).to_have_count(5)
    looks_right("tableau")
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger le PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="Télécharger le PDF")).to_be_hidden()
    expect(page.get_by_text("Imprimé depuis Repères")).to_be_visible()
    leave(context)
