"""Bodies that no page of ours sends: refused in a page, never a failure of ours."""

from typing import Any

import pytest
from litestar.testing import AsyncTestClient

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
