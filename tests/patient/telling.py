"""Telling the medical profile, page after page, as browsers without scripts do."""

import re

from httpx import Response
from litestar import Litestar
from sqlalchemy import select

from backend.demo.people import LEA, NADIA
from backend.storage.traces import Trace
from tests.pages import Browser
from tests.patient.test_profiles import answer as accept
from tests.patient.test_profiles import choose, invited, open_as

PROFILE = "/profil"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def hidden(page: Response, path: str) -> dict[str, str]:
    """What the form that goes to `path` sends by itself."""
    form = page.text.split(f'action="{path}"')[1].split("</form>")[0]
    return {name: value for name, value in HIDDEN.findall(form) if name != "_csrf_token"}


def where(page: Response) -> str:
    """Where the form of the page goes."""
    found = re.search(r'method="post" action="(/profil/[^"]+)"', page.text)
    assert found, page.text
    return found[1]


async def say(browser: Browser, section: str, choice: str) -> Response:
    page = await browser.get(f"{PROFILE}/{section}")
    path = f"{PROFILE}/{section}"
    return await browser.post(path, choix=choice, **hidden(page, path))


async def fill(browser: Browser, page: Response, *answers: dict[str, str]) -> Response:
    """Walk through the pages of an entry, as without scripts."""
    for typed in answers:
        path = where(page)
        page = await browser.post(path, **hidden(page, path) | typed)
    return page


async def tell(browser: Browser, section: str, *answers: dict[str, str]) -> Response:
    return await fill(browser, await browser.get(f"{PROFILE}/{section}/ajouter"), *answers)


async def two_parents(app: Litestar) -> tuple[Browser, Browser]:
    """Karim and Nadia, each with Léa's profile on the screen."""
    karim, nadia = await invited(app), await open_as(app, NADIA)
    await accept(nadia, "accepter")
    await choose(nadia, LEA)
    return karim, nadia


async def traced(app: Litestar, action: str) -> int:
    async with app.state.sessions() as db:
        return len((await db.scalars(select(Trace).where(Trace.action == action))).all())
