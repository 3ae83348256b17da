"""Two worlds that differ by what one of them hides, and whoever asks both the same questions."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from itertools import cycle, product
from random import Random
from typing import Any
from uuid import UUID, uuid4

from httpx import AsyncClient, Response
from litestar import Litestar
from litestar.routes import HTTPRoute
from sqlalchemy import text

from tests.access.routes import AUTOMATIC, compared
from tests.fixtures.application import client_of
from tests.laboratory import Laboratory

UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LINKS = re.compile(r'(?:href|src)="(/[^"]*)"')
FORMS = re.compile(r'<form[^>]*action="(/[^"]*)"[^>]*>(.*?)</form>', re.DOTALL)
FIELDS = re.compile(r'<(?:input|button)[^>]*\sname="([^"]+)"[^>]*?\svalue="([^"]*)"')
PROFESSIONALS = frozenset({"martin", "guillou"})
SEES_NOTHING = frozenset({403, 422})
"""Answers of a handler that looks for nothing before it refuses what was sent."""
LEAVING = frozenset(
    {
        "guests.leave",
        "patient.showings.end",
        "patient.security.end_others",
        "patient.security.end_session",
        "patient.sign_in.leave",
    }
)
"""Routes after which this reader, or another of the same person, is somebody else."""
RANDOM_COOKIES = re.compile(r"^((?:csrf|reperes|appareil|parcours|retrouver|partage|pro)=)[^;]+")
FOLDER = re.compile(r"(?<=/dossiers/)[0-9a-f-]{36}")
RANDOM_FIELDS = (
    (re.compile(rb'(name="_csrf_token" value=")[^"]*'), rb"\1"),
    (re.compile(rb'(name="seance" value=")[^"]*'), rb"\1"),
    (re.compile(rb"([?;]s=)[\w-]+"), rb"\1"),  # the words of a search, sealed
    (re.compile(rb'(class="letters">).*?(?=</p>)', re.DOTALL), rb"\1"),
    (re.compile(rb'(<svg[^>]*class="square").*?(?=</svg>)', re.DOTALL), rb"\1"),
    (re.compile(rb'(href="otpauth:)[^"]*'), rb"\1"),
    (re.compile(rb'(class="showing">)[^<]*'), rb"\1"),
    (re.compile(rb'("access_token":")[^"]*'), rb"\1"),
    (re.compile(rb"(?m)^(MSH(?:\|[^|\r]*){8}\|)[^|\r]*"), rb"\1"),  # the number of an ACK
    (re.compile(rb"(/dossiers/|dossier=|name=\"dossier\" value=\")[0-9a-f-]{36}"), rb"\1"),
    (re.compile(rb"R-\d{8}-[0-9A-F]{10}"), b"R-"),
    (re.compile(rb"([?&]_page=)[\w-]+"), rb"\1"),  # where a page goes on, sealed
)


@dataclass
class World:
    """One application, and the browsers of its readers."""

    app: Litestar
    clients: dict[str, AsyncClient] = field(default_factory=dict)

    def laboratory(self, client_id: str) -> Laboratory:
        return Laboratory(client_of(self.app), client_id)

    async def run(self, statement: str, **values: object) -> Sequence[Any]:
        async with self.app.state.engine.begin() as connection:
            found = await connection.execute(text(statement), values)
            return found.all() if found.returns_rows else ()


def door_of(reader: str) -> str:
    """Where they come in."""
    doors = {"guest": "/partage/documents", "visitor": "/connexion"}
    return "/pro/accueil" if reader in PROFESSIONALS else doors.get(reader, "/")


@dataclass(frozen=True)
class Asked:
    """One request, the same in both worlds."""

    route: str
    method: str
    path: str
    body: bytes = b""
    kind: str = ""
    """What the body is, where the door asks for it."""
    form: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, order=True)
class Difference:
    """What told the two worlds apart: never its content."""

    reader: str
    route: str
    what: str


class Twins:
    """Asks both worlds everything, in the same order, and compares every byte."""

    def __init__(
        self, plain: World, hiding: World, hidden: Sequence[str], few: int, record: UUID
    ) -> None:
        self.plain, self.hiding, self.hidden, self.few = plain, hiding, hidden, few
        self.record = record
        """Laura’s, which professionals open."""
        self.asked = 0
        self.hasty = False
        """One difference is enough."""
        self.routes = compared()
        self.statuses: dict[int, int] = {}
        self.forms: dict[str, dict[str, str]] = {}
        """What the last page that has such a form would send, by the shape of its address."""
        self.leaving: list[tuple[str, Asked]] = []
        self.tried: dict[str, set[int]] = {}
        """How each route that acts on an id answered."""

    async def compare(self, reader: str, *more: Asked) -> set[Difference]:
        """Everything that this reader can ask, and `more`; `part` asks what would shut them out."""
        found: set[Difference] = set()
        self.forms.clear()
        pages, ids = await self._crawl(reader, found)
        for asked in (*self._questions(reader, pages, ids), *more):
            if found and self.hasty:
                break
            if asked.route in LEAVING:
                self.leaving.append((reader, asked))
            else:
                await self.both(reader, asked, found)
        return found

    async def doors(self, *readers: str) -> dict[str, int]:
        """How each of them is received where they come in, to see that nobody was shut out."""
        return {
            reader: (await self.both(reader, Asked("(a door)", "GET", door_of(reader)), set()))[
                0
            ].status_code
            for reader in readers
        }

    async def part(self) -> set[Difference]:
        """Everybody leaves, and asks others to, once all else was asked."""
        found: set[Difference] = set()
        for reader, asked in self.leaving:
            await self.both(reader, asked, found)
        return found

    def blind(self) -> set[str]:
        """Routes that act on an id and never looked for it: nothing was compared.

        The fields that they need are found in the form of a page that was read, or added to FORM.
        """
        return {route for route, statuses in self.tried.items() if statuses <= SEES_NOTHING}

    def compare_letters(self, *, but: str) -> set[Difference]:
        """What was sent outside, to anybody `but` whoever reads what the others do not."""
        here, there = [_letters(world.app, but) for world in (self.plain, self.hiding)]
        return {Difference("(outside)", "(letters)", "letters")} if here != there else set()

    async def _crawl(self, reader: str, found: set[Difference]) -> tuple[set[str], list[str]]:
        """Every address that pages give, from the home page on; and the ids that they tell."""
        waiting, seen, ids = self._starts(reader), set[str](), dict[str, None]()
        while waiting and not (found and self.hasty):
            path = waiting.pop(0)
            if path in seen or path.startswith("/demo") or _many(path, seen, self.few):
                continue
            seen.add(path)
            _, answer = await self.both(reader, Asked("(a link)", "GET", path), found)
            if answer.headers.get("content-type", "").startswith("text/html"):
                links = [unescape(link) for link in LINKS.findall(answer.text)]
                for action, inside in FORMS.findall(answer.text):
                    self.forms[_shape(action)] = dict(FIELDS.findall(inside))
                ids |= dict.fromkeys(UUIDS.findall(" ".join(links)))
                waiting += [link.partition("#")[0] for link in links]
        return seen, list(ids)

    def _starts(self, reader: str) -> list[str]:
        if reader in PROFESSIONALS:
            return ["/pro/accueil", f"/pro/dossiers/{self.record}"]
        return ["/", "/documents", "/connexion", "/partage/documents"]

    def _questions(self, reader: str, pages: set[str], ids: list[str]) -> Iterator[Asked]:
        """Every route with everything known in its place, and what is hidden too."""
        values = self._values(reader, pages, ids)
        for route in self.plain.app.routes:
            if not isinstance(route, HTTPRoute):
                continue
            for handler in route.route_handlers:
                if handler.name in self.routes:
                    paths = list(_paths(route, values, self._named(reader)))
                    paths = self._some(handler.name, reader, paths)
                    for path, method in product(paths, sorted(handler.http_methods - AUTOMATIC)):
                        yield Asked(handler.name, method, path, form=self._form(path))
                    if self._close(reader):
                        yield Asked(handler.name, "OPTIONS", paths[-1])
        for day, id_ in zip(cycle(DAYS), values[UUID], strict=False):
            yield Asked("patient.documents.index", "GET", f"/documents?apres={day}.{id_}")

    def _form(self, path: str) -> tuple[tuple[str, str], ...]:
        """What the page of this address would send, and what other forms need."""
        return tuple((FORM | self.forms.get(_shape(path), {})).items())

    def _values(self, reader: str, pages: set[str], ids: list[str]) -> dict[type, list[str]]:
        kept = ids[:1] + Random(1).sample(ids[1:], min(len(ids) - 1, self.few)) if ids else []
        names = sorted(path.rsplit("/", 1)[1].split("#")[0] for path in pages if "/static/" in path)
        return {
            UUID: [*kept, *self._hidden_from(reader), str(UNKNOWN)],
            int: ["1"],
            str: ["800", *names[:1]],
        }

    def _named(self, reader: str) -> dict[str, list[str]]:
        """Professionals ask about one record: what is not in it is nowhere for them."""
        return {"record_id": [str(self.record)]} if reader in PROFESSIONALS else {}

    def _some(self, route: str, reader: str, paths: list[str]) -> list[str]:
        """All of them; in the short form a few for each route, others for another route."""
        if self.few > 1:
            return paths
        theirs = route.startswith("pro.") == (reader in PROFESSIONALS)
        most = OF_A_ROUTE if theirs and self._close(reader) else OF_ANOTHER_FACE
        return Random(route).sample(paths, min(len(paths), most))

    def _hidden_from(self, reader: str) -> Sequence[str]:
        """All of it for those from whom it is hidden; a few for the others in the short form."""
        if self._close(reader):
            return self.hidden
        return Random(reader).sample(self.hidden, min(STRANGERS, len(self.hidden)))

    def _close(self, reader: str) -> bool:
        """Whether everything is asked of them: always in the long form."""
        return reader in CLOSE or self.few > 1

    async def both(
        self, reader: str, asked: Asked, found: set[Difference]
    ) -> tuple[Response, Response]:
        answers = []
        for world in (self.plain, self.hiding):
            client = world.clients[reader]
            answers.append(await _send(client, asked))
        self.asked += 1
        one, other = answers
        self.statuses[one.status_code] = self.statuses.get(one.status_code, 0) + 1
        if asked.method == "POST" and UUIDS.search(asked.path):
            self.tried.setdefault(asked.route, set()).add(one.status_code)
        for what, (here, there) in _parts(one, other).items():
            if here != there:
                found.add(Difference(reader, asked.route, what))
        return one, other


UNKNOWN = uuid4()
NAMED = re.compile(r"^(/analyses/|/mesures/)(?!tableau)[^/]+")
OF_A_ROUTE, OF_ANOTHER_FACE = 8, 2
"""Addresses of a route in the short form: for close readers on their face, and for all else."""
AT_LEAST = 4
"""Addresses of one shape, even in the short form: the first and the last are often unlike."""
CLOSE, STRANGERS = frozenset({"laura", "karim for lea"}) | PROFESSIONALS, 3
"""Readers of the records in which something is hidden; ids that each other one tries."""
DAYS = ("2026-11-20", "2026-06-01")
"""In the first page of Laura’s list, and after it."""
FORM = {
    "identifiant": "laura.bernard",
    "mot_de_passe": "ce-n-est-pas-celui-la",
    "code": "000000",
    "nom": "Le mien",
    "grant_type": "client_credentials",
    "motif": "equipe",
    "nature": "BTG",
    "titre": "Un modèle",
    "texte": "Des mots.",
}
"""Fields of forms that no page of these readers has."""


async def _send(client: AsyncClient, asked: Asked) -> Response:
    """As a page's own form would, with the token of this browser."""
    token = next((c.value or "" for c in client.cookies.jar if c.name == "csrf"), "")
    posted: dict[str, Any] = {}
    if asked.body:
        posted["content"] = asked.body
        posted["headers"] = {"Content-Type": asked.kind} if asked.kind else None
    elif asked.method not in {"GET", "OPTIONS"}:
        posted["data"] = {**dict(asked.form), "_csrf_token": token}
    return await client.request(asked.method, asked.path, follow_redirects=False, **posted)


def _parts(one: Response, other: Response) -> dict[str, tuple[object, object]]:
    return {
        "status": (one.status_code, other.status_code),
        "headers": (_headers(one), _headers(other)),
        "body": (_body(one), _body(other)),
    }


def _headers(answer: Response) -> list[tuple[str, str]]:
    """In their order, but for what is drawn at random for each answer."""
    return [
        (name, RANDOM_COOKIES.sub(r"\1", value) if name == "set-cookie" else _sought(name, value))
        for name, value in answer.headers.multi_items()
        if name != "x-request-id"
    ]


def _sought(name: str, value: str) -> str:
    return FOLDER.sub("", value.partition("s=")[0]) if name == "location" else value


def _body(answer: Response) -> bytes:
    body = answer.content
    for pattern, kept in RANDOM_FIELDS:
        body = pattern.sub(kept, body)
    return body


def _letters(app: Litestar, but: str) -> list[tuple[str, ...]]:
    """Without the codes, which are drawn at random."""
    return sorted(
        (each.channel, each.to, each.subject, re.sub(r"\d{3} ?\d{3}", "", each.text))
        for each in app.state.outside.inbox.messages()
        if each.to != but
    )


def _many(link: str, seen: set[str], few: int) -> bool:
    """One more address of a shape already seen often enough."""
    shape = _shape(link)
    return shape != link and sum(_shape(path) == shape for path in seen) >= AT_LEAST * few


def _shape(path: str) -> str:
    """The address without what differs from one document, one analysis or one choice to another."""
    return NAMED.sub(r"\1*", UUIDS.sub("*", path.partition("?")[0])) + "?" * ("?" in path)


def _paths(
    route: HTTPRoute, values: dict[type, list[str]], named: dict[str, list[str]]
) -> Iterator[str]:
    choices = [
        [part] if isinstance(part, str) else named.get(part.name, values[part.type])
        for part in route.path_components
    ]
    for parts in product(*choices):
        yield "/" + "/".join(parts)


@asynccontextmanager
async def opened(
    worlds: Sequence[World], cookies: dict[str, dict[str, str]]
) -> AsyncIterator[None]:
    """A browser for each reader in each world, with the same cookies to begin with."""
    async with AsyncExitStack() as stack:
        for world in worlds:
            for reader, jar in cookies.items():
                client = await stack.enter_async_context(client_of(world.app))
                for name, value in jar.items():
                    if name == "Authorization":
                        client.headers[name] = value
                    else:
                        client.cookies.set(name, value, domain="127.0.0.1")
                world.clients[reader] = client
        yield
