"""Laura’s visit: received, her report deposited by hand, told, opened; a wrong file is stopped."""

from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, expect

from backend.demo.people import LAURA
from tests.journeys.conftest import SCREENSHOTS, leave, quiet, sign_in
from tests.journeys.test_pro import BUDGET, Desk, comes, desk, look

__all__ = ["desk"]

MOST_KEYS = 8
"""From the search to what the person wants, kept; letters of a name and a date are not counted."""
MOST_KEYS_TO_DEPOSIT = 30


def sample(url: str, folder: Path, name: str) -> Path:
    """A report that nobody has deposited, as the demonstration gives it."""
    path = folder / name
    path.write_bytes(
        httpx.get(f"{url}/demo/fichiers/{name}", timeout=30).raise_for_status().content
    )
    return path


class Keys:
    """A keyboard whose commands are counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.count += 1

    def to(self, words: str, *, selector: str = "") -> None:
        """Past the navigation, then on to what says this."""
        self.press("Tab")
        self.press("Enter")
        for _ in range(20):
            self.press("Tab")
            found = self.page.evaluate(
                "s => { const e = document.activeElement;"
                " return s ? e.matches(s) : (e.innerText || '') }",
                selector,
            )
            if found is True or (isinstance(found, str) and words in found):
                return
        raise AssertionError(words)


def finds_laura(page: Page, url: str) -> Keys:
    page.goto(f"{url}/pro/patients")
    expect(page.locator("[autofocus]")).to_be_focused()  # a moment after the page is there
    keys = Keys(page)
    page.keyboard.type(f"{LAURA.traits.birth_date:%d%m%Y}")
    keys.press("Tab")
    page.keyboard.type("bern")
    keys.press("Enter")
    page.get_by_role("heading", name="1 dossier trouvé").wait_for()
    expect(page.get_by_role("link", name="BERNARD LAURA")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("main")).to_contain_text("Identité déjà vérifiée")
    return keys


def informs(page: Page, keys: Keys) -> None:
    """All that is left to do for somebody whose identity is known."""
    informed = page.get_by_label("J’ai informé la personne")
    if informed.is_checked():  # by another journey of today
        return
    expect(informed).to_be_focused()
    keys.press("Space")
    with page.expect_navigation():
        keys.press("Enter")
    expect(informed).to_be_checked()
    expect(page.get_by_role("link", name="Patient suivant")).to_be_visible()
    assert keys.count <= MOST_KEYS, keys.count


def test_lauras_visit(
    desk: Desk,
    browser: Browser,
    browser_context_args: dict[str, Any],
    two_widths: tuple[int, str],
    tmp_path: Path,
) -> None:
    width, url = two_widths
    page = desk(width)
    comes(page, url, "Claire Morel")
    keys = finds_laura(page, url)
    informs(page, keys)

    keys = finds_laura(page, url)
    keys.to("Déposer un document")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Déposer un compte rendu")
    look(page, "deposer")
    page.set_input_files("#fichiers", sample(url, tmp_path, "laura.xml"))
    page.locator("#fichiers").focus()
    keys.press("Enter")  # the dialog of the system
    keys.press("Tab")
    keys.press("Enter")
    expect(page.locator(".checks")).to_contain_text("lettre à lettre")
    look(page, "deposer-controle")
    page.get_by_role("link", name="Voir toute la page").click()
    expect(page.locator("main")).to_contain_text("dans les repères du laboratoire")
    look(page, "deposer-apercu")
    page.go_back()
    page.reload()
    keys.to("Déposer et envoyer")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Compte rendu déposé")
    assert keys.count <= MOST_KEYS_TO_DEPOSIT, keys.count
    look(page, "deposer-recu")

    context = browser.new_context(**browser_context_args)
    with quiet(context.new_page()) as phone:
        sign_in(phone, url, LAURA.identifier)
        phone.goto(f"{url}/notifications")
        phone.locator(".told a").first.click()
        expect(phone.get_by_role("heading", level=1)).to_have_text("Bilan sanguin")
        phone.screenshot(path=SCREENSHOTS / "deposit-on-her-phone.png")
    leave(context)
    page.get_by_role("button", name="Retirer ce dépôt").click()
    expect(page.get_by_role("alert")).to_contain_text("déjà lu")


def test_the_file_of_somebody_else_is_stopped(
    desk: Desk, two_widths: tuple[int, str], tmp_path: Path
) -> None:
    width, url = two_widths
    page = desk(width)
    comes(page, url, "Claire Morel")
    finds_laura(page, url)
    page.get_by_role("link", name="Déposer un document").click()
    weight = 0

    def weigh(response: Any) -> None:
        nonlocal weight
        weight += response.request.sizes()["responseBodySize"]

    page.set_input_files("#fichiers", sample(url, tmp_path, "karim.xml"))
    page.on("requestfinished", lambda request: weigh(request.response()))
    page.get_by_role("button", name="Contrôler").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Le dépôt est bloqué")
    assert weight < BUDGET
    look(page, "deposer-autre-personne")
    page.get_by_role("button", name="Ouvrir une anomalie").click()
    page.get_by_role("navigation").get_by_role("link", name="Anomalies").click()
    expect(page.locator("main")).to_contain_text("porte l’identité d’une autre personne")


def says_of_today(page: Page, *, opposes: bool) -> None:
    box = page.get_by_label("Elle s’oppose à ce dépôt")
    box.set_checked(opposes)
    with page.expect_navigation():
        page.get_by_role("button", name="Enregistrer").first.click()
    expect(box).to_be_checked(checked=opposes)


def test_who_opposes_it_has_nothing_in_their_space_and_the_prescriber_has_it(
    desk: Desk, own_url: str, tmp_path: Path
) -> None:
    page = desk(768)
    comes(page, own_url, "Claire Morel")
    finds_laura(page, own_url)
    says_of_today(page, opposes=True)
    expect(page.locator("main")).to_contain_text("peut partir chez son prescripteur")
    look(page, "envoi-seul-accueil")
    page.get_by_role("link", name="Déposer un document").click()
    page.set_input_files("#fichiers", sample(own_url, tmp_path, "laura.xml"))
    page.get_by_role("button", name="Contrôler").click()
    main = page.locator("main")
    expect(main).to_contain_text("Choix de la personne : pas de dépôt")
    expect(page.get_by_label("Ne pas le déposer : l’envoyer seulement")).to_be_checked()
    look(page, "envoi-seul-controle")
    page.get_by_role("button", name="Envoyer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compte rendu envoyé")
    expect(main).to_contain_text("Sans dépôt dans l’espace de Laura Bernard")
    look(page, "envoi-seul-recu")
    page.get_by_role("link", name="Suivre les envois").click()
    expect(main).to_contain_text("Laura Bernard")
    finds_laura(page, own_url)
    says_of_today(page, opposes=False)


DROP = """async ([url, names]) => {
  const carried = new DataTransfer();
  for (const name of names) {
    const answer = await fetch(`${url}/demo/fichiers/${name}`);
    carried.items.add(new File([await answer.blob()], name));
  }
  const fire = (kind, on) => on.dispatchEvent(
    new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: carried }));
  const zone = document.querySelector("[data-drop]");
  fire("dragover", zone);
  window.letGo = () => fire("drop", zone);
}"""


def test_a_file_is_dropped_cleaned_and_sent_to_a_colleague(desk: Desk, own_url: str) -> None:
    page = desk(1280)
    comes(page, own_url, "Claire Morel")
    finds_laura(page, own_url)
    page.get_by_role("link", name="Déposer un document").click()
    page.evaluate(DROP, [own_url, ["laura-active.pdf", "karim.xml"]])
    expect(page.get_by_text("Déposez ici")).to_be_visible()
    look(page, "deposer-glisser")
    page.evaluate("letGo()")
    alert = page.get_by_role("alert", name="karim.xml")
    expect(alert).to_contain_text("Le dépôt est bloqué")
    expect(alert).to_be_focused()
    look(page, "deposer-glisser-refus")
    page.evaluate(DROP, [own_url, ["laura-active.pdf"]])
    page.evaluate("letGo()")
    main = page.locator("main")
    expect(main).to_contain_text("nous en avons retiré du JavaScript")
    page.get_by_label("Ajouter depuis l’Annuaire Santé").fill("Leroux")
    page.keyboard.press("Enter")
    expect(main).to_contain_text("1 personne trouvée")
    look(page, "deposer-annuaire")
    page.get_by_role("button", name="Ajouter Dr Hélène Leroux").click()
    expect(page.get_by_role("checkbox", name="Dr Hélène Leroux")).to_be_checked()
    look(page, "deposer-nettoye")
    page.get_by_label("J’ai lu sur le PDF").check()
    page.get_by_role("button", name="Déposer et envoyer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compte rendu déposé")
    expect(main).to_contain_text("Dr Hélène Leroux")
