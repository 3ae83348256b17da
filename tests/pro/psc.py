"""A professional’s browser for tests: out to the emulator, somebody chosen there, and back."""

import re
from html import unescape
from urllib.parse import urlsplit

from httpx import Response
from litestar import Litestar

from tests.fixtures.application import client_of
from tests.pages import Browser

HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">')


class Desk(Browser):
    """One desk, one browser."""

    def __init__(self, app: Litestar) -> None:
        super().__init__(app, client_of(app))

    async def leaves(self) -> str:
        """The address of Pro Santé Connect that our door leads to."""
        await self.get("/pro")
        answer = await self.post("/pro/connexion")
        assert answer.status_code == 200, answer.text
        return answer.headers["refresh"].removeprefix("0; url=")

    async def is_named(self, address: str, who: str, way: str = "") -> str:
        """The address that the emulator leads back to, for this person."""
        shown = await self.get(path_of(address))
        assert shown.status_code == 200, shown.text
        asked = {name: unescape(value) for name, value in HIDDEN.findall(shown.text)}
        del asked["_csrf_token"]
        answer = await self.post("/demo/psc/auth", **asked, personne=who, travers=way)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    async def comes(self, who: str, way: str = "") -> Response:
        """Out and back: what our door answers."""
        back = await self.is_named(await self.leaves(), who, way)
        return await self.get(path_of(back))

    async def works(self, who: str) -> Response:
        """In, with the only activity that they have."""
        came = await self.comes(who)
        assert came.headers["location"] == "/pro", came.text
        return await self.get("/pro/accueil")


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"
