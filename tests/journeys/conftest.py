"""A real server, a real browser, the size of a phone."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect

from backend.demo.people import Someone
from backend.demo.reports import demo_reports, write_message
from backend.domain.reports import Identifier
from backend.storage import embedded
from backend.web.cookies import READING
from tests.ports import quiet_port

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "var" / "screenshots"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 300
PATIENCE_MS = 30_000
"""For what a page shows: much, for a machine that does something else too."""
expect.set_options(timeout=PATIENCE_MS)
collect_ignore = ["test_face.py"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    return {**browser_type_launch_args, "executable_path": found, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "viewport": {"width": 360, "height": 800},
        "has_touch": True,
        "locale": "fr-FR",
        "timezone_id": "Europe/Paris",
        "reduced_motion": "reduce",
    }


@pytest.fixture(scope="session")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`reperes run` with its demonstration, every sample deposited."""
    with served(tmp_path_factory.mktemp("journey")) as url:
        yield url


@pytest.fixture(scope="session")
def own_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Another one, for journeys that change how people sign in."""
    with served(tmp_path_factory.mktemp("security")) as url:
        yield url


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without, read simply"])
def scripts(request: Any) -> bool:
    """The two ways to walk through a journey: every screen of it is checked in both readings."""
    return bool(request.param)


@pytest.fixture
def phone(
    browser: Browser, browser_context_args: dict[str, Any], phone_url: str, *, scripts: bool
) -> Iterator[Page]:
    """A browser of its own."""
    context = browser.new_context(**browser_context_args, java_script_enabled=scripts)
    if not scripts:
        read_simply(context, phone_url)
    with quiet(context.new_page()) as page:
        yield page
    leave(context)


@pytest.fixture(params=[(1280, "own_url"), (768, "base_url")], ids=["1280", "768"])
def two_widths(request: Any) -> tuple[int, str]:
    """(Width, address): a desk, a tablet, each with its server, for what happens once there."""
    width, server = request.param
    return width, str(request.getfixturevalue(server))


@pytest.fixture
def phone_url(request: Any, *, scripts: bool) -> str:
    """Each way has its server: newcomers come once."""
    return str(request.getfixturevalue("base_url" if scripts else "own_url"))


def leave(context: BrowserContext) -> None:
    """Close it once its pages ask for nothing: one that still loads may keep Chromium for ever."""
    for page in context.pages:
        page.goto("about:blank")
    context.close()


def read_simply(context: BrowserContext, url: str) -> None:
    """As if « Lecture simple » had been chosen in this browser."""
    context.add_cookies([{"name": READING, "value": "simple", "url": url}])


SERVED: list[Path] = []
"""The databases of the servers that run."""


@pytest.fixture(autouse=True)
def another_day() -> None:
    """What each journey asks for is counted anew: a dozen of codes a day is many for one person."""
    for home in SERVED:
        server = embedded.start(home, durable=True)  # it is found running
        with psycopg.connect(
            host=str(server.socket), user=embedded.ADMINISTRATOR, dbname="reperes"
        ) as connection:
            connection.execute("DELETE FROM rate_limit")
        server.stop()  # the service has it still


@contextmanager
def served(folder: Path, module: str = "backend", **more: str) -> Iterator[str]:
    """The address of a server whose every file is in `folder`; `more` is in its environment."""
    for place in (folder, *folder.parents):  # root's PostgreSQL runs under another account
        if place.stat().st_uid == os.getuid() and place != Path("/tmp"):
            place.chmod(0o755)
    port = quiet_port()
    url = f"http://localhost:{port}"  # a name: passkeys are not bound to addresses
    environment = {k: v for k, v in os.environ.items() if not k.startswith("REPERES_")} | {
        "REPERES_VAR_DIR": str(folder / "var"),
        "REPERES_HOST": "127.0.0.1",
        "REPERES_PORT": str(port),
        "REPERES_PUBLIC_URL": url,
        **more,
    }
    log = folder / "log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", module, "run"],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=out,
        )
    home = folder / "var/postgres"
    try:
        wait_for(lambda: "Comptes rendus déposés" in log.read_text(), log)
        SERVED.append(home)
        yield url
    finally:
        if home in SERVED:
            SERVED.remove(home)
        server.terminate()
        server.wait(30)


def wait_for(ready: Any, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while not ready():
        assert time.monotonic() < end, log.read_text()[-3000:]
        time.sleep(0.2)


def ask(url: str) -> Any:
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


def provisional_code(url: str, after: int) -> str:
    """In the letter that came since there were `after` of them."""
    return _in_a_letter(url, after, r"\b[2-9A-Z]{4} [2-9A-Z]{4} [2-9A-Z]{4}\b")


def newest_code(url: str, after: int) -> str:
    """The code in the first letter that came since there were `after` of them."""
    return _in_a_letter(url, after, r"\b\d{3} \d{3}\b").replace(" ", "")


def _in_a_letter(url: str, after: int, pattern: str) -> str:
    for _ in range(600):
        messages = ask(f"{url}/demo/boite.json")
        for message in messages[: len(messages) - after]:
            if found := re.search(pattern, message["text"]):
                return found[0]
        time.sleep(0.1)
    raise AssertionError("no letter came")


def sign_in(page: Page, url: str, identifier: str) -> None:
    people = {p["identifier"]: p for p in ask(f"{url}/demo/comptes.json")["people"]}
    page.goto(f"{url}/connexion")
    page.get_by_label("Identifiant").fill(identifier)
    page.get_by_label("Mot de passe").fill(people[identifier]["password"])
    before = len(ask(f"{url}/demo/boite.json"))
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Code à 6 chiffres").fill(newest_code(url, before))
    page.get_by_role("button", name="Valider").click()
    page.get_by_role("heading", level=1).filter(has_text="Bonjour").wait_for()


RECENT = 240.0
"""Seconds: a journey has time to act before it is asked for a fresh proof, ten minutes later."""


@pytest.fixture(scope="session")
def visits() -> dict[str, tuple[StorageState, float]]:
    """Cookies of people who came in, by identifier, and when."""
    return {}


@pytest.fixture
def signed_in(
    browser: Browser,
    browser_context_args: dict[str, Any],
    base_url: str,
    visits: dict[str, tuple[StorageState, float]],
) -> dict[str, StorageState]:
    """The same from one journey to the next, for a few minutes."""
    for who in ("laura.bernard", "dominique.pat-trois"):
        if who not in visits or not is_inside(base_url, *visits[who]):
            context = browser.new_context(**browser_context_args)
            sign_in(context.new_page(), base_url, who)
            context.clear_cookies(name=READING)  # another journey may have chosen for them
            visits[who] = context.storage_state(), time.monotonic()
            leave(context)
    return {who: visit for who, (visit, _) in visits.items()}


def is_inside(url: str, visit: StorageState, since: float) -> bool:
    """They came in a moment ago, and too many others have not come in after them."""
    if time.monotonic() - since > RECENT:
        return False
    cookies = {cookie["name"]: cookie["value"] for cookie in visit["cookies"]}
    return httpx.get(f"{url}/compte", cookies=cookies).status_code == 200


@pytest.fixture(autouse=True)
def quiet_console(page: Page) -> Iterator[None]:
    with quiet(page):
        yield


@contextmanager
def quiet(page: Page) -> Iterator[Page]:
    """Nothing is wrong in the browser's console: no error, no refused script or style."""
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    expected = ("404 (Not Found)", "410 (Gone)", "422")
    wrong = [text for text in said if not any(status in text for status in expected)]
    assert not wrong, wrong


def receive(url: str, someone: Someone, name: str = "karim-bilan-v1") -> None:
    """Their laboratory files a report of theirs, through its door: Karim’s, under their name."""
    sent = next(each for each in demo_reports(date(2026, 11, 23)) if each.name == name)
    number = uuid4().hex
    fresh = {
        "id": Identifier(sent.report.header.id.root, number),
        "set_id": Identifier(sent.report.header.id.root, f"{number}-set"),
    }
    header = replace(sent.report.header, patient=someone.on_paper, patient_ids=(), **fresh)
    message = write_message(replace(sent, report=replace(sent.report, header=header)))
    client = (sent.laboratory.client_id, sent.laboratory.client_secret)
    with httpx.Client(base_url=url, timeout=60) as door:
        token = door.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=client
        ).json()["access_token"]
        answer = door.post(
            "/api/hl7v2", content=message, headers={"Authorization": f"Bearer {token}"}
        )
    assert "MSA|AA" in answer.text, answer.text
