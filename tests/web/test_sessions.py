from pathlib import Path
from typing import Any

import pytest
from litestar.testing import AsyncTestClient

from backend.storage.accounts import AccountState
from backend.storage.db import Sessions
from backend.web.cookies import SESSION, make_cookie
from tests.services.laura import Laura
from tests.web.little import little_app, little_settings

Client = AsyncTestClient[Any]


async def kind(client: Client) -> str:
    return str((await client.get("/who")).json()["kind"])


async def test_a_signed_in_person_is_known_by_their_cookie(client: Client, laura: Laura) -> None:
    client.cookies.set("__Host-reperes", (await laura.signs_in()).token)
    assert await kind(client) == "Patient"
    assert (await client.get("/mine")).text == str(laura.record_id)


async def test_half_way_opens_the_page_of_the_code_and_nothing_else(
    client: Client, laura: Laura
) -> None:
    client.cookies.set("__Host-reperes", (await laura.starts()).token)
    assert await kind(client) == "Visitor"
    assert (await client.get("/half")).text == "half"
    assert (await client.get("/mine", follow_redirects=False)).status_code == 303


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "é" * 43, "' OR 1=1 --"])
async def test_a_cookie_that_we_did_not_give_is_nobody(client: Client, token: str) -> None:
    answer = await client.get("/who", headers=[(b"cookie", f"__Host-reperes={token}".encode())])
    assert answer.json()["kind"] == "Visitor"
    assert "reperes" not in answer.headers.get("set-cookie", "")


async def test_a_suspended_person_is_out_at_the_next_click(client: Client, laura: Laura) -> None:
    client.cookies.set("__Host-reperes", (await laura.signs_in()).token)
    await laura.becomes(AccountState.SUSPENDED)
    assert await kind(client) == "Visitor"


@pytest.mark.parametrize("header", ["Bearer x", f"Bearer {'x' * 43}", "Basic eDp5", "Bearer"])
async def test_an_unknown_bearer_is_nobody_even_beside_a_cookie(
    client: Client, laura: Laura, header: str
) -> None:
    answer = await client.get("/who", headers={"authorization": header})
    assert answer.json()["kind"] == "Visitor"


async def test_static_files_do_not_ask_who_it_is(client: Client, laura: Laura) -> None:
    client.cookies.set("__Host-reperes", (await laura.signs_in()).token)
    assert (await client.get("/static")).text == "Visitor"


async def test_no_method_is_exempt(client: Client) -> None:
    assert (await client.request("OPTIONS", "/mine")).status_code == 404


async def test_over_http_the_cookie_has_a_plain_name(
    sessions: Sessions, laura: Laura, tmp_path: Path
) -> None:
    settings = little_settings(tmp_path, PUBLIC_URL="http://192.168.1.35:8000", HOST="0.0.0.0")
    cookie = make_cookie(settings, SESSION, "x")
    assert (cookie.key, cookie.secure, cookie.httponly) == ("reperes", False, True)
    async with little_app(settings, sessions) as client:
        client.cookies.set("reperes", (await laura.signs_in()).token)
        assert await kind(client) == "Patient"


def test_over_https_the_cookie_is_bound_to_this_host(tmp_path: Path) -> None:
    cookie = make_cookie(little_settings(tmp_path), SESSION, "x").to_header(header="")
    assert cookie.startswith("__Host-reperes=x")
    for part in ("HttpOnly", "Path=/", "SameSite=lax", "Secure"):
        assert part in cookie
    assert "Domain" not in cookie
