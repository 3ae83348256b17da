"""MLLP lines on a bad day: killed, stopped, without a database, among strangers."""

import asyncio
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from msgspec import Struct, field

from backend.cli.fsck import check
from backend.demo.reports import DemoDeposit
from backend.domain.formats.cda_writer import write_cda
from backend.domain.reports import Report
from backend.interop.client import DepositFailed
from backend.interop.mllp import answering
from backend.interop.mllp.client import open_line
from backend.interop.mllp.conversation import Limits
from backend.settings import Settings
from backend.storage.db import make_engine, make_sessions, utcnow
from backend.storage.vault import Vault
from tests.laboratory import Laboratory
from tests.lines import OURS, Folder, listening
from tests.ports import quiet_port
from tests.proofs.conftest import Figure, Scale
from tests.proofs.crash.people import report_of
from tests.proofs.faults.conftest import House
from tests.proofs.faults.server import SECONDS, environment

LINES = 4
RECEIPT = re.compile(rb"MSA\|AA\|[^|]*\|(R-\d{8}-[0-9A-F]{10})")
CUT = (OSError, DepositFailed, TimeoutError)
LABORATORY = ("127.0.0.2", 0)
"""It comes from another address than the strangers."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return Folder(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def base(reports: Mapping[str, DemoDeposit]) -> Report:
    return reports["laura-premier-bilan-v1"].report


def new_message(base: Report) -> bytes:
    """A new document about Laura."""
    report = report_of(base, uuid4().hex, 101)
    return Laboratory(httpx.AsyncClient(), OURS).message(report, content=write_cda(report))


class Found(Struct):
    """What senders were told."""

    acknowledged: dict[str, bytes] = field(default_factory=dict)
    """Their messages, by receipt."""
    unanswered: int = 0


@asynccontextmanager
async def taking_lines(
    settings: Settings, folder: Folder, module: str = "backend"
) -> AsyncIterator[tuple[Process, int]]:
    """`reperes mllp run` in production, and its port; stopped at the end."""
    engine = make_engine(settings.database_url or "")
    await folder.bind(make_sessions(engine, Vault(settings.root_key)), OURS)
    await engine.dispose()
    port = quiet_port()
    files = folder.settings(revoked=True)
    names = {
        "MLLP_PORT": port,
        "MLLP_CERTIFICATE": files.certificate,
        "MLLP_KEY": files.key,
        "MLLP_CLIENT_CA": files.authorities,
        "MLLP_CRL": files.revoked,
    }
    env = environment(settings) | {f"REPERES_{name}": str(value) for name, value in names.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, "mllp", "run", env=env, stdout=DEVNULL
    )
    try:
        await until_open(process, port)
        yield process, port
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(SECONDS):
            await process.wait()


async def until_open(process: Process, port: int) -> None:
    async with asyncio.timeout(SECONDS):
        while process.returncode is None:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)
    pytest.fail("it does not start")


async def send_until_cut(
    port: int, folder: Folder, base: Report, found: Found, enough: asyncio.Event, most: int
) -> None:
    """One sender, until its line is cut; `enough` when so many were acknowledged to all of them."""
    with suppress(*CUT):
        async with open_line("127.0.0.1", port, folder.context()) as line:
            while True:
                message = new_message(base)
                found.unanswered += 1
                ack = RECEIPT.search(await line.send(message))
                assert ack
                found.unanswered -= 1
                found.acknowledged[ack[1].decode() + uuid4().hex] = message
                if len(found.acknowledged) >= most:
                    enough.set()


async def load(
    settings: Settings, folder: Folder, base: Report, number: int, module: str = "backend"
) -> tuple[Found, int]:
    """Several senders, then this signal right after an acknowledgement; the exit status."""
    found, enough = Found(), asyncio.Event()
    async with taking_lines(settings, folder, module) as (process, port):
        senders = [
            asyncio.create_task(send_until_cut(port, folder, base, found, enough, 3 * LINES))
            for _ in range(LINES)
        ]
        async with asyncio.timeout(SECONDS):
            await enough.wait()
            process.send_signal(number)
            await asyncio.wait(senders)
            return found, await process.wait()


async def lost(settings: Settings, found: Found) -> int:
    """Of what was acknowledged, what is not kept."""
    engine = make_engine(settings.database_url or "")
    async with engine.connect() as connection:
        rows = await connection.exec_driver_sql("SELECT number FROM receipt")
        kept = set(rows.scalars())
    await engine.dispose()
    return sum(receipt[:21] not in kept for receipt in found.acknowledged)


async def test_killed_right_after_an_acknowledgement(
    inhabited: Settings, folder: Folder, base: Report, scale: Scale, figure: Figure
) -> None:
    found = Found()
    for _ in range(scale.of(1, 40)):
        found, status = await load(inhabited, folder, base, signal.SIGKILL)
        assert status == -signal.SIGKILL
        assert await lost(inhabited, found) == 0
        figure("killed under load: acknowledged, lost", (len(found.acknowledged), 0))
    receipt, message = found.acknowledged.popitem()
    async with (
        taking_lines(inhabited, folder) as (_, port),
        open_line("127.0.0.1", port, folder.context()) as line,
    ):
        assert receipt[:21].encode() in await line.send(message), "sent again, the same receipt"
    sound = await check(inhabited, now=utcnow())
    assert sound.ok, sound.broken[:3]


async def test_a_line_that_acknowledges_too_soon_loses_some(
    inhabited: Settings, folder: Folder, base: Report
) -> None:
    """The control."""
    hasty = "tests.proofs.faults.hasty"
    found, _ = await load(inhabited, folder, base, signal.SIGKILL, hasty)
    assert await lost(inhabited, found) > 0


async def test_stopped_under_load(
    inhabited: Settings, folder: Folder, base: Report, figure: Figure
) -> None:
    """A sender whose message was on its way may have to send it again; nobody’s is half done."""
    found, status = await load(inhabited, folder, base, signal.SIGTERM)
    assert status == 0
    assert await lost(inhabited, found) == 0
    assert found.unanswered <= LINES
    figure(
        "stopped under load: acknowledged, to be sent again",
        (len(found.acknowledged), found.unanswered),
    )


async def test_a_line_outlives_its_database(
    house: House, folder: Folder, base: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped, then mute: AR each time, and AA on the same line when it is back."""
    monkeypatch.setattr(answering, "LONGEST", 2.0)
    async with listening(house.app, folder) as door, door.line() as line:
        message = new_message(base)
        house.database.cut()
        assert b"MSA|AR|" in await line.send(message)
        house.database.up = True
        assert RECEIPT.search(await line.send(message))
        house.database.mute()
        assert b"MSA|AR|" in await line.send(new_message(base))
        house.database.speak()
        assert RECEIPT.search(await line.send(message))
        assert await house.receipts() >= 1


async def is_kept_out(app: Litestar, folder: Folder, limits: Limits) -> bool:
    """Whether a laboratory waits for strangers, at another address, who say nothing."""
    async with listening(app, folder, limits) as door, AsyncExitStack() as stack:
        for _ in range(limits.handshakes + 4):
            _, writer = await asyncio.open_connection("127.0.0.1", door.port)
            stack.callback(writer.close)
        await asyncio.sleep(0.3)
        try:
            _, writer = await asyncio.open_connection(
                "127.0.0.1", door.port, ssl=folder.context(), local_addr=LABORATORY
            )
        except OSError:
            return True
        writer.close()
        return False


@pytest.mark.parametrize(("each", "waits"), [(8, False), (1000, True)])
async def test_silent_strangers_keep_no_laboratory_out(
    app: Litestar, folder: Folder, each: int, *, waits: bool
) -> None:
    """The second is the control: without a limit for each address."""
    limits = Limits(handshake_seconds=5.0, handshakes=32, handshakes_each=each)
    assert await is_kept_out(app, folder, limits) is waits
