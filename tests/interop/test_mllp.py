"""Messages on a line under TLS: the same answers as by HTTP, to whom an operator named."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import closing, suppress
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from litestar import Litestar
from sqlalchemy import update

from backend.app import create_app
from backend.cli.deposit import as_message
from backend.demo.reports import DemoDeposit, write_message
from backend.domain.formats.mllp import wrap
from backend.interop.client import DepositFailed
from backend.interop.mllp.conversation import Limits
from backend.interop.mllp.tls import make_context
from backend.storage.db import utcnow
from backend.storage.structures import MachineClient
from backend.web.lanes import Lanes
from tests.fixtures.application import running, settings_for
from tests.fixtures.database import Databases
from tests.interop.test_samples import ANSWERS, FLAGS, SAMPLES
from tests.laboratory import Laboratory
from tests.lines import MOST, OURS, THEIRS, Door, Folder, listening

Reports = Mapping[str, DemoDeposit]
QUICK = Limits(
    message_seconds=1.0,
    idle_seconds=1.5,
    handshake_seconds=1.0,
    goodbye_seconds=0.5,
    stop_seconds=1.5,
    lines_each=3,
    handshakes_each=4,
    long_bytes=1000,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return Folder(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
async def app(
    databases: Databases, world_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Litestar]:
    """One for all of them: what a test files is there for the next."""
    url = databases.copy(world_template)
    app = create_app(settings_for(url, tmp_path_factory.mktemp("lines")))
    async with running(app):
        yield app
    databases.drop(url)


@pytest.fixture
async def door(app: Litestar, folder: Folder) -> AsyncIterator[Door]:
    async with listening(app, folder, QUICK) as door:
        yield door


@pytest.fixture
def message(laboratory: Laboratory, reports: Reports) -> bytes:
    return laboratory.message(reports["laura-premier-bilan-v1"].report)


def without_hour(ack: str) -> list[str]:
    """All of it but when it was written, and its own number."""
    head, *rest = ack.split("\r")
    fields = head.split("|")
    return ["|".join(fields[:6] + fields[8:9] + fields[10:]), *rest]


def receipt_of(ack: str) -> str:
    found = re.search(r"MSA\|AA\|[^|]*\|(R-\d{8}-[0-9A-F]{10})", ack)
    assert found, ack
    return found[1]


@pytest.fixture
async def patient_door(app: Litestar, folder: Folder) -> AsyncIterator[Door]:
    """As in production: its lines last."""
    async with listening(app, folder) as door:
        yield door


async def test_both_doors_answer_the_same(
    patient_door: Door, laboratory: Laboratory, reports: Reports
) -> None:
    """What is filed by one is known to the other; what is refused is refused in the same words."""
    other = Laboratory(laboratory.client, THEIRS)
    async with patient_door.line() as ours, patient_door.line(THEIRS) as theirs:
        for number, sent in enumerate(reports.values()):
            is_ours = sent.laboratory.client_id == OURS
            line, http = (ours, laboratory) if is_ours else (theirs, other)
            message = write_message(sent)
            if number % 2:
                by_http, on_line = await http.send(message), (await line.send(message)).decode()
            else:
                on_line, by_http = (await line.send(message)).decode(), await http.send(message)
            assert without_hour(on_line) == without_hour(by_http)
            receipt_of(on_line)


@pytest.mark.skipif(not SAMPLES.exists(), reason="the public samples are not beside the project")
async def test_both_doors_answer_the_public_samples_the_same(
    patient_door: Door, laboratory: Laboratory
) -> None:
    async with patient_door.line() as line:
        for pattern, (code, reason) in ANSWERS.items():
            for file in sorted(SAMPLES.glob(pattern)):
                message = as_message(file.read_bytes(), FLAGS)
                ack = (await line.send(message)).decode("utf-8", "replace")
                assert f"MSA|{code}|" in ack, (file.name, ack)
                assert reason in ack, (file.name, ack)
                assert without_hour(ack) == without_hour(await laboratory.send(message))


# --- who may open a line


@pytest.mark.parametrize("name", ["stranger", "expired", "a server’s", "revoked", ""])
async def test_who_shows_no_certificate_of_our_authorities_is_not_listened_to(
    app: Litestar, folder: Folder, message: bytes, name: str
) -> None:
    async with listening(app, folder, QUICK, revoked=True) as door:
        await folder.bind(app.state.sessions, "revoked", OURS)
        context = folder.context(name or OURS)
        if not name:
            context = ssl.create_default_context(cafile=str(folder.path / "ca.crt"))
        assert await answer_to(message, door.port, context) == b""
        assert "MSA|AA|" in await door.ask(message), "the others are"


async def answer_to(message: bytes, port: int, context: ssl.SSLContext) -> bytes:
    """Nothing, when the line is cut."""
    with suppress(OSError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        with closing(writer):
            writer.write(wrap(message))
            return await reader.read()
    return b""


async def test_a_certificate_that_nobody_bound_is_told_so(door: Door, message: bytes) -> None:
    async with door.line("unbound") as line:
        ack = (await line.send(message)).decode()
        assert "MSA|AE" in ack
        assert "rattaché à aucun laboratoire" in ack
        with pytest.raises(DepositFailed):
            await line.receive()


async def test_a_certificate_speaks_for_its_own_laboratory_only(door: Door, message: bytes) -> None:
    ack = await door.ask(message, THEIRS)
    assert "MSA|AE" in ack
    assert "|901^" in ack


async def test_an_open_line_is_of_no_use_to_a_client_that_was_disabled(
    app: Litestar, door: Door, message: bytes
) -> None:
    async with door.line() as line:
        receipt_of((await line.send(message)).decode())
        async with app.state.sessions.begin() as db:
            await db.execute(update(MachineClient).values(disabled_at=utcnow()))
        assert "MSA|AE" in (await line.send(message)).decode()
    async with app.state.sessions.begin() as db:
        await db.execute(update(MachineClient).values(disabled_at=None))


async def test_neither_plain_tcp_nor_weak_ciphers_are_spoken(
    door: Door, folder: Folder, message: bytes
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(wrap(message))
    assert b"MSA" not in await reader.read()
    writer.close()
    weak = folder.context()
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.set_ciphers("AES256-SHA256:AES128-GCM-SHA256")
    assert await answer_to(message, door.port, weak) == b""
    assert make_context(folder.settings()).minimum_version == ssl.TLSVersion.TLSv1_2


async def test_a_renewed_certificate_is_shown_from_the_next_line_on(
    app: Litestar, tmp_path: Path, message: bytes
) -> None:
    folder = Folder(tmp_path)
    async with listening(app, folder, QUICK) as door:
        receipt = receipt_of(await door.ask(message))
        folder.write("server.key", b"half a key")
        assert receipt_of(await door.ask(message)) == receipt, "the old one serves meanwhile"
        folder.issue("server", use=ExtendedKeyUsageOID.SERVER_AUTH)
        async with door.line() as line:
            shown = line.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            assert receipt_of((await line.send(message)).decode()) == receipt
    assert (
        ssl.DER_cert_to_PEM_cert(shown).encode().strip()
        == (folder.path / "server.crt").read_bytes().strip()
    )


# --- how messages come


async def test_however_the_bytes_are_cut_messages_are_answered_in_order(
    door: Door, laboratory: Laboratory, reports: Reports
) -> None:
    report = reports["laura-premier-bilan-v1"].report
    one, two = (laboratory.message(report, control_id=f"n{number}") for number in (1, 2))
    both = wrap(one) + wrap(two)
    ends = [0, 1, 2, len(one), len(one) + 1, len(one) + 2, len(one) + 3, len(both) - 1, len(both)]
    async with door.line() as line:
        for cut in ends:
            for piece in (both[:cut], both[cut:]):
                line.writer.write(piece)
                await line.writer.drain()
                await asyncio.sleep(0.01)
            acks = [(await line.receive()).decode() for _ in "12"]
            assert [re.search(r"MSA\|AA\|(n\d)", ack)[1] for ack in acks] == ["n1", "n2"]  # type: ignore[index]
            assert len({receipt_of(ack) for ack in acks}) == 1
        for at in range(400):
            line.writer.write(both[at : at + 1])
            await asyncio.sleep(0)
        line.writer.write(both[400:] + b"\r\n")
        assert [b"MSA|AA|" in await line.receive() for _ in "12"] == [True, True]


async def refused(door: Door, sent: bytes) -> str:
    """The answer to these bytes, after which the line is cut."""
    async with door.line() as line:
        line.writer.write(sent)
        ack = (await line.receive()).decode()
        with pytest.raises((DepositFailed, OSError)):
            await line.receive()
    return ack


async def test_what_is_no_block_is_told_so_and_left(door: Door, message: bytes) -> None:
    ack = ""
    for sent, words in (
        (message, "hors de tout bloc"),
        (b"GET / HTTP/1.1\r\nhost: localhost\r\n" * 20, "hors de tout bloc"),
        (b"\x0b" + message[:900] + wrap(message), "un bloc commence avant la fin"),
        (b"\x0b" + message[:900] + b"x" * MOST + b"\x1c\r", "trop volumineux"),
    ):
        ack = await refused(door, sent)
        assert "MSA|AE" in ack
        assert words in ack
    number = message.split(b"|")[9].decode()
    assert f"MSA|AE|{number}" in ack, "its sender knows which"


async def test_who_begins_and_does_not_finish_is_left(door: Door, message: bytes) -> None:
    async with door.line() as line:
        began = asyncio.get_running_loop().time()
        dripping = asyncio.create_task(drip(line.writer, message))
        ack = (await line.receive()).decode()
        dripping.cancel()
        assert "MSA|AR" in ack
        assert 0.9 < asyncio.get_running_loop().time() - began < 3
    async with door.line() as line:
        receipt_of((await line.send(message)).decode())
        with pytest.raises(DepositFailed):
            await line.receive()  # idle


async def drip(writer: asyncio.StreamWriter, message: bytes) -> None:
    for at in range(len(message)):
        writer.write(wrap(message)[at : at + 1])
        await asyncio.sleep(0.05)


async def test_too_many_lines_of_one_keep_no_other_out(door: Door, message: bytes) -> None:
    silent = [await asyncio.open_connection("127.0.0.1", door.port) for _ in range(6)]
    await asyncio.sleep(0.1)
    cut = [asyncio.create_task(reader.read()) for reader, _ in silent]
    await asyncio.wait(cut, timeout=0.5)
    assert sum(task.done() for task in cut) == 2, "four of an address may say nothing, for a while"
    await asyncio.wait(cut, timeout=3)
    for _, writer in silent:
        writer.close()
    async with door.line() as a, door.line() as b, door.line() as c:
        receipt = receipt_of((await a.send(message)).decode())
        with pytest.raises((DepositFailed, OSError)):
            await door.ask(message)
        assert "|901^" in await door.ask(message, THEIRS)
        assert {receipt_of((await line.send(message)).decode()) for line in (b, c)} == {receipt}


async def test_when_too_many_are_at_work_a_sender_is_told_to_come_back(
    app: Litestar, door: Door, message: bytes
) -> None:
    lanes = app.state.desk.lanes
    app.state.desk.lanes = Lanes(working=1, waiting=0, seconds=0.1)
    async with door.line() as line:
        async with app.state.desk.lanes.enter():
            assert b"MSA|AR|" in await line.send(message)
        app.state.desk.lanes = lanes
        assert b"MSA|AA|" in await line.send(message), "on the same line"


# --- stopping


async def test_what_was_begun_is_finished_and_the_rest_is_let_go(
    door: Door, laboratory: Laboratory, reports: Reports
) -> None:
    report = reports["laura-premier-bilan-v1"].report
    one, two = (laboratory.message(report, control_id=f"n{number}") for number in (1, 2))
    async with door.line() as idle, door.line() as begun, door.line(THEIRS) as stuck:
        for line in (idle, stuck):
            await line.send(one)
        stuck.writer.write(b"\x0bMSH|")
        begun.writer.write(wrap(one) + wrap(two)[:700])
        await begun.writer.drain()
        await asyncio.sleep(0.3)
        door.stop.set()
        with pytest.raises(DepositFailed):
            await idle.receive()
        with pytest.raises(OSError):  # noqa: PT011 - nobody is at the door
            await asyncio.open_connection("127.0.0.1", door.port)
        begun.writer.write(wrap(two)[700:])
        assert "|n1|" in (await begun.receive()).decode()
        assert "MSA|AA|n2|" in (await begun.receive()).decode()
        with pytest.raises((DepositFailed, OSError)):
            await begun.receive()
    async with asyncio.timeout(4):
        await door.serving
