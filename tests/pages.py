"""A person's browser for tests: real requests, cookies kept, and every page checked as HTML."""

import asyncio
import re
from collections.abc import Sequence
from html import unescape
from typing import Any

import html5lib
from httpx import AsyncClient, Response
from litestar import Litestar

from backend.demo.people import Someone

XHTML = "{http://www.w3.org/1999/xhtml}"
HELP = re.compile(r'<section class="simple-help".*?</section>', re.DOTALL)
ABOUT = {
    "/compte/fermer": "/compte/fermer",
    "/compte/fermer/confirmer": "/compte/fermer/confirmer",
    "/compte/donnees": "/compte/donnees",
    "/masquer-des-documents": "/masquer-des-documents",
    "/dossiers": "/dossiers",
    "/compte/visibilite/categories": "/compte/visibilite",
    "/acces/professionnels/bloquer": "/acces/professionnels/chercher",
    "/acces/professionnels/plus-medecin-traitant": "/acces/professionnels/chercher",
    "/acces/urgence": "/acces/urgence",
    "/partages/nouveau": "/partages/nouveau",
    "/partages/arreter": "/partages",
    "/profils/partage": "/profils/partage",
    "/profils/partage/retirer": "/profils/partage",
    "/profils/partage/arreter": "/profils/partage",
}
"""Forms about the record on the screen, and the page of each."""
ITSELF = ("/visibilite", "/modifier", "/supprimer", "/pas-a-moi", "/ranger", "/dossier")
SAME_PAGE = (
    *("/acces/signaler/", "/acces/professionnels/debloquer/"),
    "/acces/professionnels/medecin-traitant/",
)
"""Those whose form goes where it came from."""
LABEL = re.compile(r"«\s(.+?)\s»")


class Browser:
    """Signs in as the people of the demonstration do, and reads what they read."""

    def __init__(self, app: Litestar, client: AsyncClient) -> None:
        self.app = app
        self.client = client

    async def get(self, path: str, **headers: str) -> Response:
        answer = await self.client.get(path, follow_redirects=False, headers=headers)
        if answer.headers.get("content-type", "").startswith("text/html"):
            check_page(answer)
        return answer

    async def post(self, path: str, **fields: str | Sequence[str]) -> Response:
        """Send a form as its page would: the token comes from the cookie set with the page.

        And whose record it is about, from the page fetched just before.
        """
        itself = path.endswith(ITSELF) or path.startswith(SAME_PAGE)
        page = path if itself else ABOUT.get(path)
        if page and "profil" not in fields:
            fields |= await self.about(page)
        token = next((c.value for c in self.client.cookies.jar if c.name.endswith("csrf")), "")
        return await self.client.post(
            path, data={"_csrf_token": token, **fields}, follow_redirects=False
        )

    async def send(
        self, path: str, *files: tuple[str, bytes], to: str = "fichiers", **fields: str
    ) -> Response:
        """A form with files, as a browser sends it from its page at the same address."""
        fields = await self.about(path) | fields
        token = next((c.value for c in self.client.cookies.jar if c.name.endswith("csrf")), "")
        return await self.client.post(
            path,
            data={"_csrf_token": token, **fields},
            files=[(to, file) for file in files or [("", b"")]],
            follow_redirects=False,
        )

    async def about(self, path: str) -> dict[str, str]:
        """Whose record the form of this page is about; nothing when there is no form."""
        found = re.search(r'name="profil" value="([^"]+)"', (await self.get(path)).text)
        return {"profil": found[1]} if found else {}

    async def sign_in(self, someone: Someone) -> None:
        """Both steps, the code read from the letter box."""
        await self.get("/connexion")
        before = len(self.app.state.outside.inbox.messages())
        answer = await self.post(
            "/connexion", identifiant=someone.identifier, mot_de_passe=someone.password
        )
        assert answer.headers["location"] == "/connexion/code", answer.text
        await self.get("/connexion/code")
        answer = await self.post("/connexion/code", code=await self.code(before))
        assert answer.status_code == 303, answer.text

    async def code(self, before: int = 0, *, to: str = "") -> str:
        """The newest one-time code in the letter box, waiting for the worker.

        `before` is how many messages were there when nothing had been asked for yet; `to` is the
        one address that counts.
        """
        for _ in range(200):
            messages = self.app.state.outside.inbox.messages()
            for message in messages[: len(messages) - before]:
                if to and message.to != to:
                    continue
                if found := re.search(r"\b(\d{3}) ?(\d{3})\b", message.text):
                    return found[1] + found[2]
            await asyncio.sleep(0.05)
        raise AssertionError("no code came")


def text_of(answer: Response) -> str:
    """What a person reads of a page: tags gone, spaces folded."""
    return words_of(answer.text)


def words_of(html: str) -> str:
    main = re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main))).strip()


def check_help(html: str) -> None:
    """What « Lecture simple » quotes, the same page shows, in the state that it is in."""
    rest = words_of(HELP.sub(" ", html))
    for label in LABEL.findall(" ".join(map(words_of, HELP.findall(html)))):
        assert label in rest, f"nothing says « {label} »"


def check_page(answer: Response) -> None:
    """What must be true of every page, whatever it shows."""
    parser = html5lib.HTMLParser(strict=False)
    tree: Any = parser.parse(answer.text)
    errors = [error for _, error, _ in parser.errors]
    assert not errors, errors
    assert len(tree.findall(f".//{XHTML}h1")) == 1, "one h1"
    assert tree.find(f".//{XHTML}title").text.strip()
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), "unique ids"
    for element in tree.iter():
        for name in element.keys():  # noqa: SIM118 - an element, not a mapping
            assert name != "style", "no inline style"
            assert not name.startswith("on"), "no inline script"
    for form in tree.findall(f".//{XHTML}form"):
        assert form.get("action"), "forms say where they go"
        if form.get("method") == "post":
            names = [field.get("name") for field in form.iter(f"{XHTML}input")]
            assert "_csrf_token" in names
    check_help(answer.text)
    assert "content-security-policy" in answer.headers
    assert answer.headers["cache-control"] == "no-store"
