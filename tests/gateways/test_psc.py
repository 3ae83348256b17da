"""Pro Santé Connect over real sockets: sizes, patience, and the proof of who we are."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from joserfc import jwt
from joserfc.jwk import RSAKey

from backend.domain.errors import Unavailable
from backend.gateways.psc import Distrusted, PscClient, open_psc
from backend.gateways.psc import client as module
from backend.settings import BadSettings, Psc, Settings
from backend.settings.psc import WELL_KNOWN

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
Writer = Callable[[bytes, asyncio.StreamWriter, str], Awaitable[None]]


@asynccontextmanager
async def provider(answer: Writer) -> AsyncIterator[str]:
    """The address of a server that answers in its own way."""
    address = ""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (
                int(line[15:])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length:")
            ),
            0,
        )
        try:
            await answer(head + await reader.readexactly(length), writer, address)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield address


@asynccontextmanager
async def client(address: str, **proof: str) -> AsyncIterator[PscClient]:
    given = Psc("reperes", address + WELL_KNOWN, **(proof or {"secret": "s"}))
    async with open_psc(given, "https://reperes.example") as opened:
        assert opened
        yield opened


async def say(writer: asyncio.StreamWriter, body: bytes, status: str = "200 OK") -> None:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    writer.write(f"{head}\r\n\r\n".encode() + body)
    await writer.drain()


async def description(writer: asyncio.StreamWriter, address: str) -> None:
    names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
    said = "".join(f', "{name}": "{address}/{name}"' for name in names)
    await say(writer, f'{{"issuer": "{address}"{said}}}'.encode())


async def begin(opened: PscClient) -> str:
    return await opened.address(state="s", nonce="n", verifier="v" * 64, now=NOW)


async def identify(opened: PscClient) -> None:
    await opened.identify("code", nonce="n", verifier="v" * 64, issuer="", now=NOW)


async def test_a_question_carries_everything_that_binds_its_answer() -> None:
    async def answer(_: bytes, writer: asyncio.StreamWriter, address: str) -> None:
        await description(writer, address)

    async with provider(answer) as address, client(address) as opened:
        asked = parse_qs((await begin(opened)).partition("?")[2])
    assert asked["response_type"] == ["code"]
    assert asked["scope"] == ["openid scope_all"]
    assert asked["acr_values"] == ["eidas1"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["https://reperes.example/pro/retour"]
    assert (asked["state"], asked["nonce"]) == (["s"], ["n"])
    assert "v" * 64 not in str(asked)


async def test_an_answer_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = 0

    async def endless(_: bytes, writer: asyncio.StreamWriter, __: str) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        while sent < 50_000_000:
            writer.write(b" " * 10_000)
            await writer.drain()
            sent += 10_000

    async with provider(endless) as address, client(address) as opened:
        with pytest.raises(Distrusted, match="answer-size"):
            await begin(opened)
    assert sent < 20_000_000


async def test_who_answers_drop_by_drop_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.3)

    async def dripping(_: bytes, writer: asyncio.StreamWriter, __: str) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        for _drop in range(100):
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with provider(dripping) as address, client(address) as opened:
        started = asyncio.get_running_loop().time()
        with pytest.raises(Unavailable):
            await begin(opened)
        assert asyncio.get_running_loop().time() - started < 2


async def test_nobody_there_is_said_as_such() -> None:
    async with client("http://127.0.0.1:9") as opened:
        with pytest.raises(Unavailable):
            await begin(opened)


async def test_a_key_proves_who_we_are_without_a_shared_secret() -> None:
    key, asked = generate_private_key(65537, 2048), list[bytes]()

    async def answer(request: bytes, writer: asyncio.StreamWriter, address: str) -> None:
        if WELL_KNOWN.encode() in request:
            await description(writer, address)
        else:
            asked.append(request)
            await say(writer, b'{"error": "invalid_grant"}', "400 Bad Request")

    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    async with provider(answer) as address, client(address, private_key=pem) as opened:
        with pytest.raises(Distrusted, match="answer-tokens"):
            await identify(opened)
    head, _, body = asked[0].partition(b"\r\n\r\n")
    form = parse_qs(body.decode())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    proof = jwt.decode(form["client_assertion"][0], RSAKey.import_key(public), ["RS256"]).claims
    assert (proof["iss"], proof["sub"], proof["aud"]) == (
        "reperes",
        "reperes",
        f"{address}/token_endpoint",
    )
    assert proof["exp"] == int(NOW.timestamp()) + 60
    assert form["code_verifier"] == ["v" * 64]
    assert b"authorization" not in head.lower()


@pytest.mark.parametrize(
    "env",
    [
        {"URL": "http://psc.example" + WELL_KNOWN, "CLIENT_ID": "x", "CLIENT_SECRET": "y"},
        {"URL": "https://psc.example", "CLIENT_ID": "x", "CLIENT_SECRET": "y"},
        {"URL": "https://psc.example" + WELL_KNOWN, "CLIENT_SECRET": "y"},
        {"URL": "https://psc.example" + WELL_KNOWN, "CLIENT_ID": "x"},
        {"URL": "https://psc.example" + WELL_KNOWN, "CLIENT_ID": "x", "PRIVATE_KEY": "y"},
    ],
)
def test_half_a_configuration_is_refused(env: dict[str, str], tmp_path: object) -> None:
    named = {f"REPERES_PSC_{name}": value for name, value in env.items()}
    with pytest.raises(BadSettings, match="REPERES_PSC_"):
        Settings.from_env({"REPERES_VAR_DIR": str(tmp_path), **named})
