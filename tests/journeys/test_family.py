"""Karim, his daughter and her mother; then what anybody settles in « Compte »."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from backend.demo.people import LEA, NADIA, NOE
from backend.domain.calendar import civil_day
from backend.storage.db import utcnow
from tests.journeys.conftest import leave, receive, served, sign_in
from tests.journeys.test_screens import check, check_both


@pytest.fixture(scope="module")
def family_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of their own: codes are counted, and the others need theirs."""
    folder = tmp_path_factory.mktemp("family")
    with served(folder, REPERES_CAREGIVERS="true") as url:
        yield url


@pytest.fixture(scope="module", params=[True, False], ids=["his with JavaScript", "hers"])
def parents(
    browser: Browser, browser_context_args: dict[str, Any], family_url: str, request: Any
) -> Iterator[tuple[Page, Page]]:
    """Karim and Nadia, signed in on a phone of their own: one runs scripts, the other does not."""
    contexts = [
        browser.new_context(**browser_context_args, java_script_enabled=scripts)
        for scripts in (request.param, not request.param)
    ]
    pages = [context.new_page() for context in contexts]
    for page, who in zip(pages, ("karim.benali", "nadia.cherif"), strict=True):
        sign_in(page, family_url, who)
    yield pages[0], pages[1]
    for context in contexts:
        leave(context)


def choose(page: Page, url: str, name: str) -> None:
    """From the menu of whose space it is."""
    page.goto(f"{url}/compte")
    page.get_by_role("link", name="Profils").click()
    page.get_by_role("button", name=name).click()


def test_a_child_is_read_shared_and_read_by_the_other(
    parents: tuple[Page, Page], family_url: str, request: pytest.FixtureRequest
) -> None:
    """One child a way: what is shared stays so."""
    child, name = (LEA, "Lea") if "his" in request.node.name else (NOE, "Noe")
    receive(family_url, child)
    karim, nadia = parents
    karim.goto(f"{family_url}/profils")
    check(karim, "profils", "light")
    choose(karim, family_url, f"{name} Benali")
    expect(karim.get_by_role("heading", level=1)).to_have_text(f"Dossier de {name}")
    check(karim, "profil-enfant", "light")
    karim.get_by_role("link", name="Documents").first.click()
    karim.get_by_role("link", name="Bilan").first.click()
    expect(karim.get_by_text(name, exact=True).first).to_be_visible()

    karim.goto(f"{family_url}/profils/partage")
    check_both(karim, "partage", "light")
    karim.get_by_label("Son nom de famille").fill("Cherif")
    karim.get_by_label("Sa date de naissance").fill("30/11/84")
    karim.get_by_label("Son numéro de sécurité sociale").fill(NADIA.traits.matricule)
    karim.get_by_role("button", name="Envoyer la demande").click()
    expect(karim.get_by_role("alert")).to_contain_text("21/09/1978")
    check(karim, "partage-erreur", "light")
    karim.get_by_label("Sa date de naissance").fill("30/11/1984")
    karim.get_by_role("button", name="Envoyer la demande").click()
    expect(karim.get_by_text("Demande en attente")).to_be_visible()
    expect(karim.get_by_text("Une nouvelle demande la remplace.")).to_be_visible()
    check_both(karim, "partage-en-attente", "light")

    nadia.goto(f"{family_url}/profils")
    expect(nadia.get_by_text("Karim Benali vous propose")).to_be_visible()
    nadia.get_by_role("button", name="Accepter").click()
    choose(nadia, family_url, f"{name} Benali")
    nadia.get_by_role("link", name="Documents").first.click()
    expect(nadia.get_by_role("link", name="Bilan").first).to_be_visible()
    karim.reload()
    expect(karim.get_by_text("Deuxième parent")).to_be_visible()
    choose(karim, family_url, "Karim Benali")
    expect(karim.get_by_role("heading", level=1)).to_have_text("Bonjour Karim")


def test_an_aidant_is_asked_reads_is_seen_and_stopped(
    parents: tuple[Page, Page], family_url: str
) -> None:
    karim, nadia = parents
    choose(karim, family_url, "Karim Benali")
    karim.goto(f"{family_url}/compte")
    karim.get_by_role("link", name="Aidants").click()
    karim.get_by_label("Son nom de famille").fill("Cherif")
    karim.get_by_label("Sa date de naissance").fill("30/11/1984")
    karim.get_by_label("Son numéro de sécurité sociale").fill(NADIA.traits.matricule)
    karim.get_by_label("Jusqu’à quel jour ?").fill("hier")
    karim.get_by_role("button", name="Envoyer la demande").click()
    expect(karim.get_by_role("alert")).to_contain_text("31/12/2026")
    check(karim, "aidants-erreur", "light")
    last = civil_day(utcnow()) + timedelta(days=30)
    karim.get_by_label("Jusqu’à quel jour ?").fill(f"{last:%d/%m/%Y}")
    karim.get_by_role("button", name="Envoyer la demande").click()
    expect(karim.get_by_text("N’a pas encore répondu")).to_be_visible()

    nadia.goto(f"{family_url}/profils")
    expect(nadia.get_by_text("Karim Benali vous demande d’être son aidant")).to_be_visible()
    nadia.get_by_role("button", name="Accepter").click()
    nadia.get_by_role("button", name="Je l’aide").click()
    expect(nadia.get_by_text("Vous le voyez parce que vous aidez Karim")).to_be_visible()
    nadia.get_by_role("link", name="Documents").first.click()
    nadia.get_by_role("link", name="Bilan").first.click()
    expect(nadia.get_by_role("link", name="Télécharger le PDF")).to_have_count(0)

    karim.goto(f"{family_url}/acces?qui=tous")
    expect(karim.locator("main li").filter(has_text="Nadia Cherif").first).to_be_visible()
    karim.goto(f"{family_url}/compte/aidants")
    check_both(karim, "aidants", "light")
    with karim.expect_download() as download:
        karim.get_by_role("link", name="Attestation").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    karim.get_by_role("button", name="Arrêter cette aide").click()
    nadia.reload()
    expect(nadia.get_by_role("heading", level=1)).to_have_text("Page introuvable")


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_notifications_and_simple_reading(
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
    page.goto(base_url)
    page.get_by_role("link", name="Compte", exact=True).click()
    page.get_by_role("link", name="Notifications").click()
    page.get_by_role("checkbox", name="Pas la nuit").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("C’est enregistré.")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Pas la nuit")).to_be_checked()
    page.get_by_role("button", name="Lecture simple").click()
    expect(page.locator("html.simple")).to_be_attached()
    page.get_by_role("button", name="Lecture normale").click()
    expect(page.locator("html.simple")).not_to_be_attached()
    leave(context)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("reading", ["normale", "simple"])
def test_the_account_and_every_main_page_are_accessible(
    browser: Browser,
    browser_context_args: dict[str, Any],
    base_url: str,
    signed_in: dict[str, StorageState],
    scheme: Any,
    reading: str,
) -> None:
    context = browser.new_context(
        **browser_context_args, storage_state=signed_in["dominique.pat-trois"], color_scheme=scheme
    )
    page = context.new_page()
    page.goto(f"{base_url}/compte")
    if reading == "simple":
        page.get_by_role("button", name="Lecture simple").click()
    places = {
        "compte": "/compte",
        "donnees": "/compte/donnees",
        "notifications": "/compte/notifications",
        "profils": "/profils",
    }
    if reading == "simple":
        page.goto(f"{base_url}/documents")
        link = page.locator("a.rowlink").first.get_attribute("href")
        places |= {
            "accueil": "/",
            "documents": "/documents",
            "compte-rendu": str(link),
            "document": f"{link}/document",
            "activite": "/activite",
            "visibilite": "/compte/visibilite",
            "securite": "/compte/securite",
            "fermer": "/compte/fermer",
        }
    for name, path in places.items():
        answer = page.goto(base_url + path)
        assert answer
        assert answer.ok, name
        expect(page.locator(".simple-help")).to_have_count(int(reading == "simple"))
        check(page, name, scheme)
    leave(context)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_way_in_is_read_simply(
    browser: Browser, browser_context_args: dict[str, Any], base_url: str, scheme: Any
) -> None:
    context = browser.new_context(**browser_context_args, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{base_url}/connexion")
    page.get_by_role("button", name="Lecture simple").click()
    for name in ("connexion", "activer", "refuser", "retrouver", "retrouver/mot-de-passe"):
        page.goto(f"{base_url}/{name}")
        expect(page.get_by_role("region", name="Sur cette page")).to_be_visible()
        check(page, name.replace("/", "-"), scheme)
    page.goto(f"{base_url}/connexion")
    page.get_by_role("button", name="Continuer").click()
    wrong, steps = page.get_by_role("alert"), page.get_by_role("region", name="Sur cette page")
    places = [one.evaluate("one => one.getBoundingClientRect().top") for one in (wrong, steps)]
    assert places == sorted(places), "what is wrong comes first"
    page.goto(f"{base_url}/activer")
    page.get_by_role("button", name="Commencer").click()
    check(page, "code-provisoire", scheme)
    leave(context)


def test_everything_is_taken_away(
    browser: Browser, browser_context_args: dict[str, Any], family_url: str
) -> None:
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, family_url, "dominique.pat-trois")
    page.get_by_role("link", name="Compte", exact=True).click()
    page.get_by_role("link", name="Mes données").click()
    page.get_by_role("button", name="Préparer mon fichier").click()
    ready = page.get_by_role("link", name="Télécharger")
    for _ in range(50):
        if ready.is_visible():
            break
        page.wait_for_timeout(200)
        page.reload()
    with page.expect_download() as download:
        ready.click()
    with ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        assert "index.html" in archive.namelist()
    leave(context)
