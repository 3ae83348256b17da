"""Noé is eighteen: his father no longer sees his record, he has his own. The clock is moved."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, expect

from backend.demo.people import NOE
from tests.journeys.conftest import (
    ask,
    leave,
    newest_code,
    provisional_code,
    receive,
    served,
    sign_in,
)
from tests.journeys.test_screens import check

PARIS = ZoneInfo("Europe/Paris")
BIRTHDAY = datetime(2028, 1, 25, tzinfo=PARIS)
"""Midnight, in Paris."""
Clock = Callable[[datetime], None]


@pytest.fixture
def at(tmp_path: Any) -> Clock:
    """Sets the clock of the server."""

    def set_(moment: datetime) -> None:
        ahead = (moment - datetime.now(UTC)).total_seconds()
        (tmp_path / "ahead").write_text(str(ahead))

    (tmp_path / "ahead").write_text("0")
    return set_


@pytest.fixture
def url(tmp_path: Any, at: Clock) -> Iterator[str]:
    ahead = str(tmp_path / "ahead")
    with served(tmp_path, "tests.journeys.later", AHEAD=ahead) as url:
        yield url


def test_the_day_noe_is_eighteen(
    browser: Browser, browser_context_args: dict[str, Any], url: str, at: Clock
) -> None:
    contexts = [
        browser.new_context(**browser_context_args, java_script_enabled=scripts)
        for scripts in (False, True)
    ]
    karim, noe = (context.new_page() for context in contexts)
    receive(url, NOE)

    at(datetime(2027, 10, 25, 9, tzinfo=PARIS))
    wait_for_letter(url, "aura bientôt 18 ans")

    at(datetime(2028, 1, 24, 23, 55, tzinfo=PARIS))
    sign_in(karim, url, "karim.benali")
    karim.goto(f"{url}/profils")
    karim.get_by_role("button", name="Noe Benali").click()
    karim.get_by_role("link", name="Documents").first.click()
    karim.get_by_role("link", name=re.compile("Bilan")).first.click()
    report = karim.url

    letters = len(ask(f"{url}/demo/boite.json"))
    at(BIRTHDAY)
    karim.reload()
    expect(karim.get_by_role("heading", level=1)).to_have_text("Page introuvable")
    karim.goto(f"{url}/profils")
    expect(karim.get_by_role("button", name="Karim Benali")).to_be_visible()
    expect(karim.get_by_role("button", name="Noe Benali")).to_have_count(0)

    code = provisional_code(url, letters)
    noe.goto(f"{url}/activer")
    noe.get_by_role("button", name="Commencer").click()
    for label, typed in (
        ("Code provisoire", code),
        ("Numéro de sécurité sociale", NOE.traits.matricule),
        ("Numéro de série", NOE.vitale),
    ):
        noe.get_by_role("textbox", name=label).fill(typed)
        noe.get_by_role("button", name="Continuer").click()
    noe.get_by_role("button", name="C’est bon, continuer").click()
    before = len(ask(f"{url}/demo/boite.json"))
    noe.get_by_label("Adresse e-mail").fill("noe@courriel.example")
    noe.get_by_role("button", name="Recevoir un code").click()
    noe.get_by_label("Code à 6 chiffres").fill(newest_code(url, before))
    noe.get_by_role("button", name="Valider").click()
    noe.get_by_role("radio", name="Les professionnels qui me soignent").check()
    noe.get_by_role("button", name="Continuer").click()
    noe.get_by_label("Votre identifiant").fill("noe.benali")
    noe.get_by_label("Votre mot de passe").fill("dix-huit-bougies-et-du-vent")
    noe.get_by_role("button", name="Ouvrir mon espace").click()
    expect(noe.get_by_role("heading", level=1)).to_have_text("C’est fait, Noe")
    noe.goto(report)
    expect(noe.get_by_role("heading", name="Dans les repères")).to_be_visible()
    noe.goto(f"{url}/acces?qui=tous")
    check(noe, "dix-huit-ans-activite", "light")
    expect(noe.get_by_text("Karim Benali")).to_have_count(0)
    karim.goto(report)
    expect(karim.get_by_role("heading", level=1)).to_have_text("Page introuvable")
    for context in contexts:
        leave(context)


def wait_for_letter(url: str, words: str) -> None:
    for _ in range(600):
        if any(words in message["text"] for message in ask(f"{url}/demo/boite.json")):
            return
        time.sleep(0.1)
    raise AssertionError(words)
