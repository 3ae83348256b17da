"""Requests that no browser sends, to a real server: answered with a refusal, never a failure."""

import asyncio
import re
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import httpx
import pytest
import uvicorn
from litestar import Litestar

from backend.app import create_app
from backend.logs import AccessLog
from backend.settings import Settings
from tests.fixtures.application import running
from tests.proofs.conftest import Figure

PATIENCE = 20
FORM = b"application/x-www-form-urlencoded"
FILES = b"multipart/form-data; boundary=b"
STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")
DOORS = (b"/connexion", b"/oauth/token", b"/connexion/code", b"/deconnexion")


@asynccontextmanager
async def served(app: Litestar) -> AsyncIterator[int]:
    """A server in this loop, on a port of its own."""
    config = uvicorn.Config(
        cast(Any, AccessLog(cast(Any, app))), port=0, lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(PATIENCE):
        while not server.started:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.02)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await asyncio.wait_for(task, PATIENCE)


async def ask(port: int, request: bytes) -> int:
    """The status; 0 when the server closed the connection or waits for the rest."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        await writer.drain()
        async with asyncio.timeout(1.5):
            found = STATUS.match(await reader.readline())
    except (TimeoutError, ConnectionError):
        return 0
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    return int(found[1]) if found else 0


def request(path: bytes, body: bytes, kind: bytes = FORM, *more: bytes, size: str = "") -> bytes:
    length = size or str(len(body))
    lines = (
        b"POST " + path + b" HTTP/1.1",
        b"Host: 127.0.0.1",
        b"Content-Type: " + kind,
        b"Content-Length: " + length.encode(),
        *more,
    )
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def part(value: bytes, head: bytes = b'Content-Disposition: form-data; name="a"') -> bytes:
    return b"--b\r\n" + head + b"\r\n\r\n" + value + b"\r\n"


END = b"--b--\r\n"
BODIES: dict[str, tuple[bytes, bytes]] = {
    "not UTF-8": (b"identifiant=\xff\xfe&mot_de_passe=\xc3\x28", FORM),
    "escapes that are not UTF-8": (b"identifiant=%ff%fe%00&mot_de_passe=%ed%a0%80", FORM),
    "broken escapes": (b"identifiant=%&mot_de_passe=%zz%u0041", FORM),
    "NULs": (b"identifiant=a%00b&mot_de_passe=%00\0", FORM),
    "a token of another script": (b"_csrf_token=" + "é".encode() * 90, FORM),
    "a hundred thousand fields": (b"&".join(b"a%d=1" % n for n in range(100_000)), FORM),
    "ten thousand times one field": (b"identifiant=a&" * 7_000, FORM),
    "nothing but ampersands": (b"&" * 90_000, FORM),
    "nothing but equals": (b"=" * 90_000, FORM),
    "a field of ten megabytes": (b"identifiant=" + b"a" * 10_000_000, FORM),
    "a body of twenty-five megabytes": (b"a" * 25_000_000, FORM),
    "a charset of no language": (b"identifiant=a", FORM + b"; charset=none"),
    "UTF-16": ("identifiant=a".encode("utf-16"), FORM + b"; charset=utf-16"),
    "UTF-7": (b"identifiant=+ADw-", FORM + b"; charset=utf-7"),
    "JSON": (b'{"identifiant": {"$ne": 1}}', b"application/json"),
    "broken JSON": (b"[" * 50_000, b"application/json"),
    "no type": (b"identifiant=a", b""),
    "a type of noise": (b"identifiant=a", b"\xff/\xfe;;==\t"),
    "gzip": (zlib.compress(b"identifiant=a" * 99), FORM + b"\r\nContent-Encoding: gzip"),
    "files: sound": (part(b"x") + END, FILES),
    "files: bytes": (part(b"\xff\xfe") + END, FILES),
    "files: a charset": (
        part(b"x", b'Content-Disposition: form-data; name="a"\r\nContent-Type: a; charset=none')
        + END,
        FILES,
    ),
    "files: a file for a token": (
        part(b"x", b'Content-Disposition: form-data; name="_csrf_token"; filename="a"') + END,
        FILES,
    ),
    "files: a path": (
        part(b"x", b'Content-Disposition: form-data; name="a"; filename="../../x"') + END,
        FILES,
    ),
    "files: no end": (part(b"x"), FILES),
    "files: no part": (END, FILES),
    "files: no disposition": (part(b"x", b"X: y") + END, FILES),
    "files: garbage": (b"garbage" * 999, FILES),
    "files: no boundary": (part(b"x") + END, b"multipart/form-data"),
    "files: two boundaries": (part(b"x") + END, b"multipart/form-data; boundary=a; boundary=b"),
    "files: an empty boundary": (part(b"x") + END, b'multipart/form-data; boundary=""'),
    "files: a long boundary": (part(b"x"), b"multipart/form-data; boundary=" + b"b" * 5_000),
    "files: parts without end": (part(b"x") * 5_000 + END, FILES),
    "files: in one another": (part(part(b"x") + END, b"Content-Type: " + FILES) + END, FILES),
}
HEADS: dict[str, tuple[bytes, ...]] = {
    "a cookie of 100 kB": (b"Cookie: a=" + b"b" * 100_000,),
    "twenty thousand cookies": (b"Cookie: " + b"; ".join(b"a%d=b" % n for n in range(9_000)),),
    "a cookie of noise": (b"Cookie: reperes=\xff\xfe\x7f; csrf=\xff; =; ;;",),
    "a session of noise": (b'Cookie: reperes="\\377\\000"; reperes=x',),
    "a token of noise": (b"X-CSRFToken: " + b"\xe9" * 99, b"Cookie: csrf=" + b"\xe9" * 99),
    "ten thousand headers": tuple(b"X-%d: y" % n for n in range(10_000)),
    "a header of a megabyte": (b"X: " + b"y" * 1_000_000,),
    "another host": (b"Host: attaquant.example",),
    "a host of noise": (b"Host: [::1",),
    "an origin of noise": (b"Origin: http://[::1",),
    "a proof of noise": (b"Authorization: Basic \xff\xfe",),
    "a token of 100 kB": (b"Authorization: Bearer " + b"a" * 60_000,),
    "an address of noise": (b"X-Forwarded-For: " + b"," * 60_000,),
    "htmx of noise": (b"HX-Request: true", b"HX-Current-URL: \xff%zz"),
    "a header on two lines": (b"X: y\r\n z",),
    "a header without a name": (b": y",),
    "a NUL in a header": (b"X: a\0b",),
}


def requests(armed: tuple[bytes, ...]) -> Iterator[tuple[str, bytes]]:
    """`armed`: the headers that get a form past the check of its origin."""
    for name, (body, kind) in BODIES.items():
        yield f"from a page of ours: {name}", request(DOORS[0], body, kind, *armed)
    for door in DOORS:
        where = door.decode()
        for name, (body, kind) in BODIES.items():
            yield f"{where}: {name}", request(door, body, kind)
        for name, more in HEADS.items():
            yield f"{where}: {name}", request(door, b"identifiant=a", FORM, *more)
    sound = b"identifiant=a&mot_de_passe=b"
    for size in (
        "0",
        "5",
        "99",
        "-1",
        "abc",
        "9" * 30,
        "1e3",
        "0x10",
        "+5",
        "28, 28",
        "28\r\nContent-Length: 5",
    ):
        yield f"a length of {size}", request(DOORS[0], sound, size=size)
    chunked = b"Transfer-Encoding: chunked"
    for body in (b"zz\r\n", b"5\r\nabcde", b"-1\r\n\r\n", b"fffffffffffffffff\r\n", b"0\r\n\r\n"):
        head = request(DOORS[0], body, FORM, chunked)
        yield f"a length and chunks: {body!r}", head
        yield f"chunks: {body!r}", head.replace(b"Content-Length: %d\r\n" % len(body), b"")
    for line in (
        *(
            b"GET",
            b"GET /",
            b"GET / HTTP/9.9",
            b"\0\0\0\0",
            b"GET http://attaquant.example/ HTTP/1.1",
        ),
        *(
            b"GET /%ff%00 HTTP/1.1",
            b"GET /../../etc/passwd HTTP/1.1",
            b"GET /static/..%2f..%2fx HTTP/1.1",
        ),
        *(
            b"GET /" + b"a" * 60_000 + b" HTTP/1.1",
            b"GET /documents?apres=%ff HTTP/1.1",
            b"PRI * HTTP/2.0",
        ),
        *(
            b"GET /documents/" + b"%2e" * 99 + b" HTTP/1.1",
            b"TRACE / HTTP/1.1",
            b"CONNECT a:1 HTTP/1.1",
        ),
    ):
        yield f"the line {line[:40]!r}", line + b"\r\nHost: 127.0.0.1\r\n\r\n"


async def answers(port: int) -> dict[str, int]:
    """The status of each."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        await client.get("/connexion")
        (cookie,) = [found for found in client.cookies.jar if found.name.endswith("csrf")]
    token = str(cookie.value).encode()
    armed = (b"Cookie: " + cookie.name.encode() + b"=" + token, b"X-CSRFToken: " + token)
    assert await ask(port, request(DOORS[0], b"identifiant=a", FORM, *armed)) == 422
    return {name: await ask(port, sent) for name, sent in requests(armed)}


async def test_no_request_is_a_failure(settings: Settings, figure: Figure) -> None:
    app = create_app(settings)
    async with running(app), served(app) as port:
        told = await answers(port)
        assert {name: status for name, status in told.items() if status >= 500} == {}
        assert {name: status for name, status in told.items() if 200 <= status < 300} == {}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            assert (await client.get("/connexion")).status_code == 200
            assert (await client.get("/readyz")).json()["status"] == "ready"
    silent = sum(status == 0 for status in told.values())
    assert silent < len(told) / 10
    figure(
        "requests that no browser sends: refused, left without answer",
        f"{len(told) - silent}, {silent}",
    )


async def test_a_server_that_reads_files_is_noticed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check(*_: object) -> None:
        return

    monkeypatch.setattr("backend.web.security.check_form", check)
    app = create_app(settings)
    async with running(app), served(app) as port:
        name = "files: bytes"
        body, kind = BODIES[name]
        assert await ask(port, request(DOORS[0], body, kind)) == 500
