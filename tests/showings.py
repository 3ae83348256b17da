"""Showing documents with a code, on the pages of whoever shows and of whoever comes."""

import re

from httpx import Response
from litestar import Litestar

from tests.fixtures.application import client_of
from tests.pages import Browser

PAGE, NEW, ENTER, SHOWN = "/partages", "/partages/nouveau", "/partage", "/partage/documents"
ROUX = "Dr Anne Roux, dermatologue"
CODE = re.compile(r'class="showing">([^<]+)<')


async def make(browser: Browser, *documents: str, **other: str) -> Response:
    """Show these documents, by their addresses."""
    ids = [one.rsplit("/", 1)[1] for one in documents]
    return await browser.post(NEW, **{"duree": "1h", "pour": "Dr Roux", "documents": ids, **other})


async def code_of(browser: Browser) -> str:
    """The code that the person shows."""
    found = CODE.search((await browser.get(PAGE)).text)
    assert found
    return found[1]


async def visitor(app: Litestar, code: str, who: str = ROUX) -> tuple[Browser, Response]:
    """A doctor’s browser, once the code is typed."""
    browser = Browser(app, client_of(app))
    await browser.get(ENTER)
    return browser, await browser.post(ENTER, code=code, lecteur=who)
