"""A stranger with unmistakable traits goes through a real server, and nothing keeps a trace."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from msgspec.structs import replace

from backend.access import Action, authorise
from backend.access.actors import Robot
from backend.demo.reports import DemoDeposit
from backend.domain.reports import Identifier, Report
from backend.services.accounts import create_account
from backend.storage.db import make_engine, make_sessions, utcnow
from backend.storage.records import IdentityStatus, new_record
from backend.storage.vault import Vault
from tests.canaries import CANARIES, STRANGE_WORDS, STRANGER, in_bytes, in_text
from tests.fixtures.alarm import ALARM, Alarm, hear_files
from tests.fixtures.application import settings_for
from tests.fixtures.database import Databases
from tests.fixtures.twins import Grown
from tests.laboratory import Laboratory
from tests.ports import quiet_port
from tests.proofs.conftest import Figure

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
SERVICE = ("-m", "backend", "run")
TALKATIVE = (
    "-c",
    """
import runpy, sys
from backend.logs import access

quiet = access.AccessLog.__call__

async def call(self, scope, receive, send):
    if scope["type"] == "http":
        print('{"event": "request", "route": "%s"}' % scope["path"], flush=True)
    await quiet(self, scope, receive, send)

access.AccessLog.__call__ = call
sys.argv = ["reperes", "run"]
runpy.run_module("backend", run_name="__main__")
""",
)
"""The same service, that logs addresses as most servers do."""
ROBOT = Robot("demo")
CODE = re.compile(r"\d{3} \d{3}")
OF_THE_STRANGER = {
    c.name for c in CANARIES if c.name.startswith("stranger") or c.value in STRANGE_WORDS
}
Reports = Mapping[str, DemoDeposit]


@dataclass(frozen=True)
class Server:
    """A whole service in processes of its own, and the folder of what it writes."""

    url: str
    folder: Path
    said: Path


@pytest.fixture
async def server(
    databases: Databases, grown: Grown, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Server]:
    """`reperes run` over a database where the stranger has a record and an account."""
    url = databases.copy(grown.url)
    settings = settings_for(url, tmp_path)
    engine = make_engine(url)
    async with make_sessions(engine, Vault(settings.root_key)).begin() as db:
        record = new_record(
            db, STRANGER.traits, state=STRANGER.state, status=IdentityStatus.QUAL, now=utcnow()
        )
        authorise(db, ROBOT, Action.CREATE_RECORD, record)
        await db.flush()
        await create_account(
            db,
            ROBOT,
            record,
            identifier=STRANGER.identifier,
            password=STRANGER.password,
            email=STRANGER.email,
            phone=STRANGER.phone,
        )
    await engine.dispose()
    async with served(url, tmp_path, request.param) as found:
        yield found
    databases.drop(url)


@asynccontextmanager
async def served(url: str, folder: Path, program: Sequence[str]) -> AsyncIterator[Server]:
    port = quiet_port()
    address, said = f"http://127.0.0.1:{port}", folder / "said"
    temporary = folder / "var" / "tmp"
    temporary.mkdir()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("REPERES_")} | {
        "REPERES_DATABASE_URL": url,
        "REPERES_VAR_DIR": str(folder / "var"),
        "REPERES_HOST": "127.0.0.1",
        "REPERES_PORT": str(port),
        "REPERES_PUBLIC_URL": address,
        "REPERES_LOG_LEVEL": "debug",
        "TMPDIR": str(temporary),
    }
    with said.open("w") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *program, cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    try:
        async with asyncio.timeout(START_SECONDS):
            while "Les codes reçus" not in said.read_text():
                assert process.returncode is None, said.read_text()[-2000:]
                await asyncio.sleep(0.2)
        yield Server(address, folder, said)
    finally:
        process.terminate()
        async with asyncio.timeout(START_SECONDS):
            await process.wait()


def strange(report: Report) -> Report:
    """Her report, each of whose words is hers alone."""
    words = [
        replace(r, label=STRANGE_WORDS[n % 3], display="", comments=(STRANGE_WORDS[2],))
        for n, r in enumerate(report.results)
    ]
    header = report.header
    ids = (Identifier(STRANGER.traits.oid, STRANGER.traits.matricule),)
    changed = replace(
        header,
        id=Identifier("2.25.999"),
        set_id=Identifier("2.25.998"),
        patient=STRANGER.traits,
        patient_ids=ids,
    )
    return replace(report, header=changed, results=tuple(words), comments=STRANGE_WORDS)


@pytest.mark.parametrize("server", [SERVICE], indirect=True, ids=["service"])
async def test_nothing_that_a_server_writes_says_who_came_or_what_was_read(
    server: Server, reports: Reports, alarm: Alarm, figure: Figure
) -> None:
    asked = await visit(server, reports)
    events = listen(server)
    assert len(events) > asked
    figure("requests of a stranger, her name in many", asked)
    figure("log lines, none of which says it", len(events))


@pytest.mark.parametrize("server", [TALKATIVE], indirect=True, ids=["talkative"])
async def test_a_server_that_logs_addresses_is_heard(
    server: Server, reports: Reports, alarm: Alarm
) -> None:
    with alarm.on_purpose() as rung:
        await visit(server, reports)
        listen(server)
    assert rung == {("log line", "stranger’s name")}


async def visit(server: Server, reports: Reports) -> int:
    """How many requests she made, right and wrong."""
    report = strange(reports["laura-bilan-sanguin-v1"].report)
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        return await she_comes(client, report) + await all_goes_wrong(client, report)


def listen(server: Server) -> list[str]:
    """The lines of the log. Between them the demonstration greets, on purpose, with its people."""
    said = server.said.read_text().splitlines()
    events = [line for line in said if line.startswith("{")]
    ALARM.hear("log line", in_text("\n".join(events)))
    strangers = [line for line in said if in_bytes(line.encode()) & OF_THE_STRANGER]
    ALARM.hear("standard output", in_text("\n".join(set(strangers) - set(events))))
    hear_files("file of a server", server.folder / "var")
    return events


async def she_comes(client: httpx.AsyncClient, report: Report) -> int:
    """Deposit, letter, sign in, every page of her report."""
    ack = await Laboratory(client, "sgl-estuaire").deposit(report)
    assert "MSA|AA" in ack, ack
    await sign_in(client)
    listed = (await client.get("/documents")).text
    (path,) = set(re.findall(r'href="(/documents/[0-9a-f-]{36})"', listed))
    shown = await client.get(path)
    assert STRANGE_WORDS[0] in shown.text, "she does read it"
    for more in ("/", "/document", "/page/1/800", "/figure/1", "/original.pdf", "/rien"):
        heard(await client.get(path + more if more != "/" else more))
    return 10


async def all_goes_wrong(client: httpx.AsyncClient, report: Report) -> int:
    """Her name in every place where a request can be wrong."""
    name, count = quote(STRANGER.traits.birth_name), 0
    for method in ("GET", "POST", "PUT", "DELETE"):
        for path in (f"/{name}", f"/documents/{name}", f"/documents?apres={name}", f"/{name}/%00"):
            count += 1
            heard(await client.request(method, path, headers={"Referer": f"https://x/{name}"}))
    laboratory = Laboratory(client, "sgl-estuaire")
    message = laboratory.message(report)
    broken = (message[:200], message.replace(b"PID|", b"PIX|"), message.replace(b"QUORV", b"QUURV"))
    for body in (*broken, message.replace(b"|P|2.5", b"|P|9"), STRANGER.email.encode() * 1000):
        count += 1
        assert "MSA|AA" not in await laboratory.send(body)
    for field in ("identifiant", "mot_de_passe", "code"):
        count += 1
        sent = {field: STRANGER.password}
        heard(await client.post("/connexion", data=sent))
        heard(await client.post("/oauth/token", data=sent | {"client_id": STRANGER.identifier}))
    return count


async def sign_in(client: httpx.AsyncClient) -> None:
    page = (await client.get("/connexion")).text
    token = {"_csrf_token": re.findall(r'_csrf_token" value="([^"]+)', page)[0]}
    form = {"identifiant": STRANGER.identifier, "mot_de_passe": STRANGER.password}
    heard(await client.post("/connexion", data=token | form))
    code = await newest_code(client)
    answer = await client.post("/connexion/code", data=token | {"code": code})
    assert answer.status_code == 303
    heard(answer)


async def newest_code(client: httpx.AsyncClient) -> str:
    """From her letter box, whose letters are heard too."""
    async with asyncio.timeout(START_SECONDS):
        while True:
            letters: Any = (await client.get("/demo/boite.json")).json()
            for each in letters:
                ALARM.hear("letter", in_text(each["subject"] + each["text"]))
                if each["to"] == STRANGER.email and (found := CODE.search(each["text"])):
                    return found[0]
            await asyncio.sleep(0.1)


def heard(answer: httpx.Response) -> None:
    """What the alarm hears of an answer from afar."""
    ALARM.hear("header", in_text(str(answer.headers.multi_items())))
    if answer.is_error:
        ALARM.hear("error page", in_text(answer.text))
    if "no-store" not in answer.headers.get("cache-control", ""):
        ALARM.hear("what may be cached", in_text(answer.text))
