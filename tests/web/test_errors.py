from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from litestar.testing import AsyncTestClient
from sqlalchemy import select

from backend.access.actions import Action
from backend.storage.db import make_engine, make_sessions
from backend.storage.traces import Trace
from backend.storage.vault import Vault
from backend.web.cookies import LONGEST_PATH, safe_path
from tests.services.laura import Laura
from tests.web.little import little_app, little_settings

Client = AsyncTestClient[Any]


@pytest.mark.parametrize(
    ("name", "status"),
    [("absent", 404), ("refused", 409), ("withdrawn", 410), ("down", 503), ("bug", 500)],
)
async def test_every_failure_has_its_status_and_a_page(
    client: Client, name: str, status: int
) -> None:
    answer = await client.get(f"/problem/{name}")
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.count("<h1") == 1


async def test_a_bug_says_nothing_of_itself(client: Client) -> None:
    answer = await client.get("/problem/bug")
    for word in ("SELECT", "RuntimeError", "Traceback", "little"):
        assert word not in answer.text


async def test_what_does_not_exist_and_what_is_not_for_you_are_the_same_bytes(
    client: Client, laura: Laura
) -> None:
    client.cookies.set("__Host-reperes", (await laura.signs_in()).token)
    await client.get("/who")
    unknown = await client.get("/nowhere")
    hidden = await client.get("/problem/absent")
    other_kind = await client.get("/half")
    assert unknown.content != b""
    assert unknown.status_code == hidden.status_code == other_kind.status_code == 404
    client.cookies.clear()
    for_visitor = await client.get("/nowhere")
    assert other_kind.content == unknown.content == for_visitor.content


async def test_come_back_later_says_when(client: Client) -> None:
    assert (await client.get("/problem/down")).headers["retry-after"] == "30"


async def test_a_database_that_does_not_answer_is_not_a_bug(tmp_path: Path, vault: Vault) -> None:
    engine = make_engine(f"postgresql+psycopg://nobody@/nothing?host={tmp_path}")
    async with little_app(little_settings(tmp_path), make_sessions(engine, vault)) as client:
        answer = await client.get("/mine", headers={"authorization": f"Bearer {'x' * 43}"})
    assert answer.status_code == 503


async def test_a_visitor_signs_in_first_and_then_goes_where_they_were_going(
    client: Client,
) -> None:
    answer = await client.get("/mine?avant=1", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/connexion")
    assert client.cookies.get("__Host-suite") == "%2Fmine"


async def test_nobody_was_going_to_an_image(client: Client) -> None:
    image = {"Sec-Fetch-Dest": "image"}
    answer = await client.get("/mine", headers=image, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/connexion")
    assert "__Host-suite" not in client.cookies


async def test_htmx_is_told_to_leave_the_page(client: Client) -> None:
    answer = await client.get("/mine", headers={"HX-Request": "true"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (200, "/connexion")
    assert answer.content == b""


async def test_what_was_denied_is_in_the_journal(client: Client, laura: Laura) -> None:
    client.cookies.set("__Host-reperes", (await laura.signs_in()).token)
    assert (await client.get("/denied")).status_code == 403
    trace = await laura.one(select(Trace).where(Trace.action == Action.DEPOSIT_DOCUMENT))
    assert (trace.allowed, trace.actor_id, trace.reason) == (False, laura.account_id, "rule")


async def test_machines_read_json(client: Client) -> None:
    answer = await client.get("/api/absent")
    assert answer.status_code == 404
    assert answer.json() == {"message": "Cette page n’existe pas ou n’est pas pour vous."}


@pytest.mark.parametrize(
    ("asked", "safe"),
    [
        ("/documents", "/documents"),
        (f"/documents/{UUID(int=1)}", f"/documents/{UUID(int=1)}"),
        ("", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\\b", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("/" + "a" * LONGEST_PATH, "/"),
    ],
)
def test_a_way_back_never_leads_to_another_site(asked: str, safe: str) -> None:
    assert safe_path(asked) == safe
