"""Laura looks for a document by a word, adds a paper to her record, and takes it away again."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, StorageState, expect

from tests.gateways.person_files import photo
from tests.journeys.conftest import leave
from tests.journeys.test_screens import check


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_finding_a_document(
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
    page.goto(f"{base_url}/documents")
    page.get_by_label("Chercher dans les documents").fill("glicémie")
    page.get_by_role("button", name="Chercher").click()
    expect(page.locator("p[role=status].sec")).to_contain_text("Documents qui contiennent")
    assert "glic" not in page.url
    if scripts:
        check(page, "documents-recherche", "light")
    page.locator("a.rowlink").first.click()
    page.go_back()
    expect(page.get_by_label("Chercher dans les documents")).to_have_value("glicémie")
    page.get_by_label("Chercher dans les documents").fill("ornithorynque")
    page.get_by_role("button", name="Chercher").click()
    expect(page.locator("p[role=status].sec")).to_contain_text("Aucun document")
    page.get_by_role("link", name="Tout afficher").click()
    page.get_by_text("Filtrer", exact=True).click()
    page.get_by_role("link", name="Résultats de biologie").click()
    page.get_by_text("Filtrer : Résultats de biologie").click()
    chosen = page.get_by_role("link", name="Résultats de biologie")
    expect(chosen).to_have_attribute("aria-current", "true")
    if scripts:
        check(page, "documents-filtres", "light")
    leave(context)


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_adding_a_paper(
    browser: Browser,
    browser_context_args: dict[str, Any],
    base_url: str,
    signed_in: dict[str, StorageState],
    tmp_path: Path,
    scripts: bool,  # noqa: FBT001
) -> None:
    context = browser.new_context(
        **browser_context_args,
        storage_state=signed_in["laura.bernard"],
        java_script_enabled=scripts,
    )
    page = context.new_page()
    page.goto(f"{base_url}/documents")
    page.get_by_role("link", name="Ajouter un document").click()
    if scripts:
        check(page, "ajouter", "light")
        check(page, "ajouter", "dark")
    page.get_by_label("Titre").fill("Ordonnance du Dr Petit")
    page.get_by_label("Catégorie").select_option("ordonnance")
    page.get_by_label("Date du document").fill("2026-03-12")
    empty, paper = tmp_path / "vide.jpg", tmp_path / "papier.jpg"
    empty.write_bytes(b"")
    paper.write_bytes(photo(size=(1200, 1600)))
    page.get_by_label("Photo ou fichier").set_input_files(empty)
    page.get_by_role("button", name="Ajouter ce document").click()
    expect(page.locator("#fichiers-erreur")).to_contain_text("Ce fichier est vide.")
    expect(page.get_by_label("Titre")).to_have_value("Ordonnance du Dr Petit")
    if scripts:
        check(page, "ajouter-erreur", "light")
    page.get_by_label("Photo ou fichier").set_input_files([paper, paper])
    page.get_by_role("button", name="Ajouter ce document").click()
    expect(page.get_by_text("Ajouté par vous")).to_be_visible()
    if scripts:
        check(page, "document-ajoute", "light")
    page.get_by_role("link", name="Modifier ou supprimer").click()
    page.get_by_label("Titre").fill("Ordonnance de mars")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("heading", name="Ordonnance de mars")).to_be_visible()
    page.get_by_role("link", name="Modifier ou supprimer").click()
    if scripts:
        check(page, "modifier", "light")
    page.get_by_role("link", name="Supprimer ce document").click()
    if scripts:
        check(page, "supprimer", "light")
    page.get_by_role("button", name="Supprimer pour toujours").click()
    expect(page.get_by_text("Ordonnance de mars")).to_have_count(0)
    leave(context)
