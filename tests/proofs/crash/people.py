"""A laboratory that sends until it is answered, and Laura, who reads what she may."""

import asyncio
import re
from typing import Any

import httpx
from msgspec import Struct
from msgspec.structs import replace

from backend.demo.people import LABORATORIES, LAURA
from backend.domain.formats.cda_writer import write_cda
from backend.domain.formats.hl7v2_writer import Action
from backend.domain.reports import Identifier, Report
from tests.laboratory import Laboratory
from tests.pages import text_of
from tests.proofs.crash.place import hold

BEARER = next(lab for lab in LABORATORIES if lab.client_id == "sgl-estuaire")
RECEIPT = re.compile(r"R-\d{8}-[0-9A-F]{10}")
DOCUMENT = re.compile(r'href="/documents/([0-9a-f-]{36})"')
NEXT = re.compile(r'href="(/documents\?apres=[^"]+)"')
MARK = re.compile(r"\b(\d+),37\b")
DOWN = {502, 503, 504}
EXPIRED = 401
TRIES = 200
PAUSE = 0.05


class Badge(Struct):
    """What survives a restart: Laura’s cookie, the laboratory’s token."""

    cookies: dict[str, str]
    token: str


def client(url: str, badge: Badge | None = None) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, timeout=20, cookies=badge.cookies if badge else None)


def report_of(
    base: Report, name: str, mark: int, version: int = 1, *, pdf: bool = False, first: int = 0
) -> Report:
    """Two results that both say `mark`: a page that shows two numbers shows a mixture."""
    results = tuple(
        replace(
            result,
            value=replace(result.value, number=f"{mark}.37", comparator=""),
            bounds=None,
            flags=(),
            previous=(),
            also=(),
        )
        for result in base.results[first : first + 2]
    )
    root = base.header.id.root
    header = replace(
        base.header,
        id=Identifier(root, f"{name}-{version}"),
        set_id=Identifier(root, name),
        version=version,
        replaces=(Identifier(root, f"{name}-{version - 1}"),) if version > 1 else (),
    )
    media = base.media if pdf else ()
    return replace(base, header=header, results=results, comments=(), media=media)


def message_of(report: Report, action: Action = Action.NEW, **flags: bool) -> bytes:
    laboratory = Laboratory(httpx.AsyncClient(), BEARER.client_id)
    return laboratory.message(report, action, content=write_cda(report), flags=flags)


async def send_once(web: httpx.AsyncClient, badge: Badge, message: bytes) -> str:
    """The receipt of an acknowledgement, or nothing: no answer, or « later »."""
    try:
        answer = await web.post(
            "/api/hl7v2", content=message, headers={"Authorization": f"Bearer {badge.token}"}
        )
        if answer.status_code == EXPIRED:
            badge.token = await fetch_token(web)
            return ""
    except httpx.HTTPError:
        return ""
    if answer.status_code in DOWN:
        return ""
    text = answer.content.decode("utf-8", "replace")
    hold("MSA|AA" in text, "refused", answer.status_code, text[-300:])
    found = RECEIPT.search(text)
    hold(found is not None, "an acknowledgement without a receipt")
    return found[0] if found else ""


async def send(web: httpx.AsyncClient, badge: Badge, message: bytes) -> str:
    """Its receipt, whatever it takes."""
    for _ in range(TRIES):
        if receipt := await send_once(web, badge, message):
            return receipt
        await asyncio.sleep(PAUSE)
    raise AssertionError("the service does not come back")


async def documents_of(web: httpx.AsyncClient) -> list[str]:
    """The ids on Laura’s list, all its pages."""
    found, path = list[str](), "/documents"
    while path:
        answer = await web.get(path)
        hold(answer.status_code == 200, "the list", answer.status_code)
        found += DOCUMENT.findall(answer.text)
        following = NEXT.search(answer.text)
        path = following[1].replace("&amp;", "&") if following else ""
    return list(dict.fromkeys(found))


async def mark_of(web: httpx.AsyncClient, document: str) -> int:
    """The one number that a report’s page says."""
    answer = await web.get(f"/documents/{document}")
    hold(answer.status_code == 200, "a report’s page", answer.status_code)
    return one_mark(text_of(answer))


def one_mark(text: str) -> int:
    marks = {int(mark) for mark in MARK.findall(text)}
    hold(len(marks) == 1, "not one report on one page", sorted(marks))
    return marks.pop()


async def marks_of(web: httpx.AsyncClient) -> list[int]:
    """What Laura reads, report by report."""
    return sorted([await mark_of(web, document) for document in await documents_of(web)])


async def sign_in(web: httpx.AsyncClient, read_code: Any) -> None:
    """Laura, in two steps."""
    await web.get("/connexion")
    fields = {"identifiant": LAURA.identifier, "mot_de_passe": LAURA.password}
    answer = await _post(web, "/connexion", fields)
    assert answer.headers["location"] == "/connexion/code", answer.text
    await web.get("/connexion/code")
    answer = await _post(web, "/connexion/code", {"code": await read_code()})
    assert answer.status_code == 303, answer.text


async def _post(web: httpx.AsyncClient, path: str, fields: dict[str, str]) -> httpx.Response:
    token = next((c.value for c in web.cookies.jar if c.name.endswith("csrf")), "")
    return await web.post(path, data={"_csrf_token": token, **fields}, follow_redirects=False)


async def fetch_token(web: httpx.AsyncClient) -> str:
    answer = await web.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(BEARER.client_id, BEARER.client_secret),
    )
    answer.raise_for_status()
    return str(answer.json()["access_token"])
