"""The alarm rings: for each channel, an application that says too much on it, and is heard."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkstemp
from typing import Any
from urllib.parse import quote

import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from httpx import AsyncClient
from litestar import Litestar, get
from litestar.response import Redirect, Response
from sqlalchemy.ext.asyncio import AsyncEngine

from backend import logs
from backend.demo.people import KARIM, LAURA
from backend.gateways.files import open_files
from backend.gateways.mail import Mail
from backend.gateways.sms import Sms
from backend.services import backups
from backend.services.backups import Repository
from backend.storage.backups import sealing
from backend.storage.db import make_engine, make_sessions
from backend.storage.structures import Structure
from backend.storage.vault import Vault
from tests.canaries import CANARIES, SOUGHT_IN_FILES, STRANGE_WORDS, STRANGER, in_bytes, in_text
from tests.fixtures.alarm import Alarm, Rung, hear_database, hear_files, hear_temporary_files
from tests.fixtures.application import client_of
from tests.fixtures.database import Databases, database_server

ROOT = Path(__file__).parents[1]
NAME = STRANGER.traits.birth_name
WORD = STRANGE_WORDS[0]


@get("/erreur", sync_to_thread=False)
def wrong() -> Response[str]:
    return Response(
        f"{LAURA.email} est inconnue", status_code=404, headers={"Cache-Control": "no-store"}
    )


@get("/en-tete", sync_to_thread=False)
def header() -> Response[str]:
    named = {"Content-Disposition": f"inline; filename*=UTF-8''{quote(WORD)}.pdf"}
    return Response("", headers={**named, "Cache-Control": "no-store"})


@get("/temoin", sync_to_thread=False)
def cookie() -> Response[str]:
    kept = {"Set-Cookie": f"nir={LAURA.traits.matricule}", "Cache-Control": "no-store"}
    return Response("", headers=kept)


@get("/ailleurs", sync_to_thread=False)
def away() -> Redirect:
    headers = {"Cache-Control": "no-store"}
    return Redirect(f"/recherche?nom={quote(NAME.lower())}", status_code=303, headers=headers)


@get("/page", sync_to_thread=False)
def kept() -> Response[str]:
    return Response("Glyc&eacute;mie à jeun", headers={"Cache-Control": "private, max-age=60"})


@get("/metrics", sync_to_thread=False)
def metrics() -> Response[str]:
    line = f'reperes_openings{{account="{KARIM.identifier}"}} 3'
    return Response(line, headers={"Cache-Control": "no-store"})


LEAKS = [wrong, header, cookie, away, kept, metrics]


@pytest.fixture
def leaky() -> AsyncClient:
    return client_of(Litestar(LEAKS, logging_config=None, openapi_config=None))


@pytest.mark.parametrize(
    ("path", "channel", "whose"),
    [
        ("/erreur", "error page", "laura’s email"),
        ("/en-tete", "header", "result word"),
        ("/temoin", "cookie", "laura’s matricule"),
        ("/ailleurs", "address", "stranger’s name"),
        ("/page", "what may be cached", "result word"),
        ("/metrics", "health page", "karim’s identifier"),
        (f"/rien?q={quote(LAURA.phone)}", "address", "laura’s phone"),
        (f"/rien/{quote(WORD)}", "address", "result word"),
    ],
)
async def test_an_answer_that_says_too_much_is_heard(
    alarm: Alarm, leaky: AsyncClient, path: str, channel: str, whose: str
) -> None:
    with alarm.on_purpose() as rung:
        await leaky.get(path)
    assert {where for where, _ in rung} == {channel}
    assert any(name.startswith(whose) for _, name in rung), rung


async def test_so_is_an_address_that_follows_to_the_next_page(
    alarm: Alarm, leaky: AsyncClient
) -> None:
    with alarm.on_purpose() as rung:
        await leaky.get("/rien", headers={"Referer": f"https://example.org/?q={NAME}"})
    assert rung == {("referer", "stranger’s name")}


@pytest.fixture
def careless_logs() -> Iterator[None]:
    logs.configure(candid=True)
    yield
    logs.configure(strict=True)


def test_so_is_a_line_of_ours_or_of_a_library(alarm: Alarm, careless_logs: None) -> None:
    for say in (structlog.get_logger().error, logging.getLogger("sqlalchemy").error):
        with alarm.on_purpose() as rung:
            say("unexpected", exc_info=ValueError(f"row of {STRANGER.email}"))
        assert ("log line", "stranger’s email") in rung


async def test_so_are_letters_and_texts_but_not_who_they_are_for(
    alarm: Alarm, app: Litestar
) -> None:
    outside = app.state.outside
    with alarm.on_purpose() as rung:
        await outside.mail.send(Mail(LAURA.email, "Un document vous attend", "Bonjour\n", "1111"))
        await outside.sms.send(Sms(LAURA.phone, "Votre code est 123 456.", "2222"))
    assert not rung
    with alarm.on_purpose() as rung:
        await outside.mail.send(Mail(LAURA.email, f"Votre {WORD}", f"Bonjour {NAME}\n", "3333"))
        await outside.sms.send(Sms(LAURA.phone, "Bonjour Laura Bernard", "4444"))
    assert {(where, name.split(" ")[0]) for where, name in rung} == {
        ("letter", "result"),
        ("letter", "stranger’s"),
        ("text message", "laura’s"),
    }


async def test_so_is_a_column_in_clear_and_what_the_server_leaves_on_its_disk(
    alarm: Alarm,
) -> None:
    with alarm.on_purpose() as rung_at_the_end, database_server() as server:
        databases = Databases(server)
        url = databases.copy()
        databases.run(f"CREATE TABLE mistake AS SELECT '{WORD}' AS title", url)
        with alarm.on_purpose() as rung:
            hear_database(url)
        assert {where for where, _ in rung} == {"database"}
        with alarm.on_purpose() as rung:
            databases.drop(url)
        assert rung, "before it is dropped, each database of a test is read"
    assert {where for where, _ in rung_at_the_end} == {"database file"}, "the write-ahead log"


async def test_a_server_that_saw_nothing_leaves_nothing(alarm: Alarm) -> None:
    with alarm.on_purpose() as rung, database_server() as server:
        Databases(server)
    assert not rung


async def test_so_is_a_file_its_name_and_what_lies_about(alarm: Alarm, tmp_path: Path) -> None:
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / "sealed").write_bytes(b"\0" * 9000)
    with alarm.on_purpose() as rung:
        hear_files("blob", tmp_path)
    assert not rung
    (tmp_path / "ab" / "clear").write_bytes(b"\0" * 9000 + WORD.encode("cp1252"))
    (tmp_path / f"{LAURA.identifier}.pdf").touch()
    with alarm.on_purpose() as rung:
        hear_files("blob", tmp_path)
    assert {where for where, _ in rung} == {"blob", "name of blob"}
    with alarm.on_purpose() as rung, hear_temporary_files():
        number, _ = mkstemp()
        os.write(number, NAME.encode())
        os.close(number)
    assert ("temporary file", "stranger’s name") in rung


async def test_so_is_a_backup_that_is_not_sealed(
    alarm: Alarm, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its public key sees to it: a row that is in clear in the database is in no backup.

    On a server of its own: the write-ahead log keeps the row, and is read when the server stops.
    """
    folder, files = tmp_path / "backups", open_files(f"file://{tmp_path}/blobs")
    key = X25519PrivateKey.generate().public_key()

    async def back_up(engine: AsyncEngine, where: str) -> Rung:
        made = Repository(folder / where)
        await backups.make(engine, vault, files, made, key)
        with alarm.on_purpose() as rung:
            hear_files("backup", folder / where)
        return rung

    with alarm.on_purpose() as rung_at_the_end, database_server() as server:
        engine = make_engine(Databases(server).copy())
        async with make_sessions(engine, vault).begin() as db:
            db.add(Structure(finess="990000017", name="Laboratoire", city=NAME))
        assert not await back_up(engine, "sealed")
        monkeypatch.setattr(sealing.Sealer, "write", lambda self, data: self._out.write(data))
        assert {where for where, _ in await back_up(engine, "clear")} == {"backup"}
        await engine.dispose()
    assert {where for where, _ in rung_at_the_end} == {"database file"}


CARELESS = """
import subprocess, sys
def test_one_that_says_it_itself():
    print("{value}")
def test_trace():
    sys.stderr.write("Traceback: {value}")
def test_line():
    print('{{"event": "request", "route": "/{value}"}}')
def test_child():
    subprocess.run("echo {value} >&2", shell=True)
"""


def test_a_test_in_which_it_rang_has_failed_and_says_who_but_not_what(tmp_path: Path) -> None:
    value = LAURA.email
    (tmp_path / "test_careless.py").write_text(CARELESS.format(value=value))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.fixtures.alarm"]
    options = ["--show-capture=no", "--rootdir", str(tmp_path), "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *options, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "3 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "standard error: laura’s email" in done.stdout
    assert "log line: laura’s email" in done.stdout
    assert value not in done.stdout


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.name)
def test_a_canary_is_heard_however_it_is_written(canary: Any) -> None:
    value = canary.value
    for told in (value, value.upper(), value.lower(), quote(value), ascii(value)[1:-1]):
        assert canary.name in in_text(f"« {told} »"), "escapes, case and accents"
    if canary in SOUGHT_IN_FILES:
        for coding in ("utf-8", "cp1252"):
            assert canary.name in in_bytes(b"\x01\xff" + value.encode(coding, "replace") + b"\0")
