from pathlib import Path
from typing import Any

import pytest
from litestar.testing import AsyncTestClient

from backend.storage.db import Sessions
from tests.web.little import HOST, little_app, little_settings

Client = AsyncTestClient[Any]
EVERY_KIND_OF_ANSWER = [
    ("GET", "/who", 200),
    ("GET", "/page", 200),
    ("GET", "/mine", 303),
    ("GET", "/nowhere", 404),
    ("GET", "/problem/absent", 404),
    ("GET", "/problem/bug", 500),
    ("GET", "/problem/down", 503),
    ("HEAD", "/who", 404),
    ("POST", "/change", 403),
    ("DELETE", "/who", 404),
    ("GET", "/api/absent", 404),
]


@pytest.mark.parametrize(("method", "path", "status"), EVERY_KIND_OF_ANSWER)
async def test_every_answer_has_its_headers(
    client: Client, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path, follow_redirects=False)
    assert answer.status_code == status
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["strict-transport-security"].startswith("max-age=63072000")
    assert "server" not in answer.headers


async def test_http_is_not_told_to_be_https(sessions: Sessions, tmp_path: Path) -> None:
    settings = little_settings(tmp_path, PUBLIC_URL="http://127.0.0.1:8000")
    async with little_app(settings, sessions) as client:
        assert "strict-transport-security" not in (await client.get("/who")).headers


@pytest.mark.parametrize(
    "host", ["evil.example", f"{HOST}.evil.example", f"evil{HOST}", f"x@{HOST}:80@evil.example", ""]
)
async def test_a_request_for_another_host_is_refused(client: Client, host: str) -> None:
    assert (await client.get("/who", headers={"host": host})).status_code == 400


async def test_the_name_of_another_host_in_a_forwarding_header_changes_nothing(
    client: Client,
) -> None:
    answer = await client.get(
        "/mine", headers={"x-forwarded-host": "evil.example"}, follow_redirects=False
    )
    assert answer.headers["location"] == "/connexion"


HOSTILE = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": f"https://{HOST}"},
    {"origin": "https://evil.example"},
    {"origin": f"https://{HOST}.evil.example"},
    {"sec-fetch-site": "cross-site", "origin": "null"},
]


@pytest.mark.parametrize("sent", HOSTILE)
async def test_another_site_changes_nothing_even_with_the_right_token(
    client: Client, sent: dict[str, str]
) -> None:
    token = await token_of(client)
    answer = await client.post("/change", headers={**sent, "x-csrftoken": token})
    assert answer.status_code == 403


OURS = [
    {"sec-fetch-site": "same-origin", "origin": f"https://{HOST}"},
    {"sec-fetch-site": "same-origin", "origin": "null"},
    {"origin": f"https://{HOST}"},
    {},
]


@pytest.mark.parametrize("sent", OURS)
async def test_our_own_forms_change_things(client: Client, sent: dict[str, str]) -> None:
    token = await token_of(client)
    answer = await client.post("/change", headers={**sent, "x-csrftoken": token})
    assert answer.text == "changed"


@pytest.mark.parametrize("sent", OURS)
async def test_a_form_without_its_token_changes_nothing(
    client: Client, sent: dict[str, str]
) -> None:
    await token_of(client)
    assert (await client.post("/change", headers=sent)).status_code == 403
    assert (await client.post("/change", headers={**sent, "x-csrftoken": "x"})).status_code == 403


async def test_machines_need_no_token(client: Client) -> None:
    answer = await client.post("/api/change", headers={"sec-fetch-site": "cross-site"})
    assert answer.text == "changed"


FORWARDED = [
    (0, "198.51.100.9", "testclient"),
    (0, "", "testclient"),
    (1, "198.51.100.9", "198.51.100.9"),
    (1, "203.0.113.1, 198.51.100.9", "198.51.100.9"),
    (1, "203.0.113.1, 203.0.113.2,198.51.100.9", "198.51.100.9"),
    (2, "203.0.113.1, 198.51.100.9, 192.0.2.1", "198.51.100.9"),
    (2, "198.51.100.9", "testclient"),
    (1, "unknown", "testclient"),
    (1, "", "testclient"),
    (1, "2001:db8::1", "2001:db8::1"),
]


@pytest.mark.parametrize(("proxies", "header", "seen"), FORWARDED)
async def test_only_our_own_proxies_are_believed(
    sessions: Sessions, tmp_path: Path, proxies: int, header: str, seen: str
) -> None:
    settings = little_settings(tmp_path, TRUSTED_PROXIES=str(proxies))
    async with little_app(settings, sessions) as client:
        answer = await client.get("/who", headers={"x-forwarded-for": header} if header else {})
    assert answer.json()["address"] == seen


async def token_of(client: Client) -> str:
    await client.get("/who")
    return next(cookie.value for cookie in client.cookies.jar if cookie.name == "__Host-csrf") or ""
