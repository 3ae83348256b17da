"""Bodies that no page of ours sends: refused in a page, never a failure of ours."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.testing import AsyncTestClient

from backend.web.uploads import read_upload

Client = AsyncTestClient[Any]
FORM = "application/x-www-form-urlencoded"
FILES = "multipart/form-data; boundary=b"
NOT_WORDS = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\xfe\r\n--b--'
NO_CHARSET = NOT_WORDS.replace(
    b"\r\n\r\n", b"\r\nContent-Type: text/plain; charset=none\r\n\r\n", 1
)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("body", [NOT_WORDS, NO_CHARSET, b"", b"--b", b"nothing of the kind"])
@pytest.mark.parametrize("kind", [FILES, "Multipart/Mixed", "multipart/form-data"])
async def test_no_page_takes_files(client: Client, method: str, body: bytes, kind: str) -> None:
    answer = await client.request(method, "/who", content=body, headers={"content-type": kind})
    assert answer.status_code == (400 if method == "GET" else 404)


@pytest.mark.parametrize(
    "body", [b"_csrf_token=%c3%a9" + b"x" * 90, b"_csrf_token=%ff" + b"0" * 99]
)
async def test_a_token_that_cannot_be_ours_is_not_ours(client: Client, body: bytes) -> None:
    answer = await client.post("/change", content=body, headers={"content-type": FORM})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"x-csrftoken": "\xe9" * 100},
        {"x-csrftoken": "a" * 100, "cookie": "__Host-csrf=" + "\xe9" * 100},
        {"origin": "http://[::1"},
    ],
)
async def test_headers_that_no_browser_sends_are_refused(
    client: Client, headers: dict[str, str]
) -> None:
    sent = {name: value.encode("latin-1") for name, value in headers.items()}
    assert (await client.post("/change", headers=sent)).status_code == 403  # type: ignore[arg-type]


async def test_a_form_has_a_few_fields(client: Client) -> None:
    answer = await client.post("/change", content=b"a&" * 200, headers={"content-type": FORM})
    assert answer.status_code == 400


def upload(app: Litestar, address: str, *bodies: bytes) -> Request[Any, Any, Any]:
    """A form with files from this address, of which no more comes than these pieces."""
    pieces = [*bodies]

    async def receive() -> dict[str, Any]:
        if not pieces:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [(b"content-type", FILES.encode())],
        "client": (address, 1),
        "litestar_app": app,
        "route_handler": SimpleNamespace(resolve_request_max_body_size=lambda: None),
        "state": {},
    }
    return Request(scope, receive)  # type: ignore[arg-type]


async def test_whoever_sends_slowly_leaves_room_for_others() -> None:
    known = State({"settings": SimpleNamespace(trusted_proxies=0)})
    app = Litestar(logging_config=None, openapi_config=None, state=known)
    slow = [asyncio.create_task(read_upload(upload(app, "192.0.2.1"))) for _ in range(8)]
    await asyncio.sleep(0)
    whole = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nun\r\n--b--'
    quick = upload(app, "192.0.2.2", whole)
    async with asyncio.timeout(2):
        await read_upload(quick)
    assert (await quick.form())["a"] == "un"
    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)
