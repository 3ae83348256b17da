"""Stopping: what was begun is finished, newcomers are not let in, and nothing is lost."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx
import pytest
from msgspec import Struct, field

from backend.cli.fsck import check
from backend.demo.reports import DemoDeposit
from backend.domain.formats.cda_writer import write_cda
from backend.domain.reports import Report
from backend.settings import Settings
from backend.storage.db import utcnow
from benchmarks.load import NextRequest, read_answer, write_request
from tests.laboratory import Laboratory
from tests.proofs.conftest import Figure, Scale
from tests.proofs.crash.people import report_of
from tests.proofs.faults.server import BEARER, SECONDS, Server, receipts, serving

LABORATORIES, READERS, PROCESSES = 4, 2, 2
STOPPED = {0, -signal.SIGTERM}
"""One process says by which signal it was stopped, once it has done everything."""


def messages(server: Server, base: Report) -> NextRequest:
    """New documents about Laura, each once."""
    laboratory = Laboratory(httpx.AsyncClient(), BEARER.client_id)

    def make() -> bytes:
        report = report_of(base, uuid4().hex, 101)
        return write_request(
            "POST",
            "/api/hl7v2",
            laboratory.message(report, content=write_cda(report)),
            authorization=server.token,
            content_type="application/hl7-v2",
        )

    return make


@pytest.fixture
def base(reports: Mapping[str, DemoDeposit]) -> Report:
    return reports["laura-premier-bilan-v1"].report


def receipt_of(body: bytes) -> str:
    """Of an acknowledgement."""
    return body.split(b"MSA|AA")[1].split(b"|")[2].split(b"\r")[0].decode()


async def sent_in_two(server: Server, base: Report, number: int) -> tuple[bytes, bool]:
    """A message whose first half arrives, then this signal, then its second half.

    What is answered, and whether somebody new is let in meanwhile.
    """
    message = messages(server, base)()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(message[: len(message) // 2])
    await asyncio.sleep(0.5)
    server.process.send_signal(number)
    await asyncio.sleep(1)
    newcomers, body = await is_open(server.port), b""
    try:
        writer.write(message[len(message) // 2 :])
        async with asyncio.timeout(SECONDS):
            _status, _headers, body = await read_answer(reader)
    except (EOFError, ConnectionError):
        pass
    writer.close()
    return body, newcomers


async def is_open(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionError:
        return False
    writer.close()
    return True


async def test_what_was_begun_is_finished(inhabited: Settings, base: Report) -> None:
    async with serving(inhabited) as server:
        body, newcomers = await sent_in_two(server, base, signal.SIGTERM)
        assert await server.end() in STOPPED
    assert b"MSA|AA" in body
    assert not newcomers
    assert await receipts(inhabited) == {receipt_of(body)}


async def test_a_process_that_is_killed_finishes_nothing(inhabited: Settings, base: Report) -> None:
    """The control."""
    async with serving(inhabited) as server:
        body, _ = await sent_in_two(server, base, signal.SIGKILL)
        assert await server.end() == -signal.SIGKILL
    assert body == b""
    assert await receipts(inhabited) == set()


class Round(Struct):
    """What clients were answered, each asking again once when a connection ended under it."""

    receipts: set[str] = field(default_factory=set)
    said: Counter[str] = field(default_factory=Counter)


async def ask_on(server: Server, make: NextRequest, over: asyncio.Event, found: Round) -> None:
    """One client: kept connections, one more try when one ends without an answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    while not over.is_set():
        request = make()
        for _ in range(2):
            try:
                writer.write(request)
                async with asyncio.timeout(SECONDS):
                    status, _headers, body = await read_answer(reader)
                break
            except (EOFError, ConnectionError):
                found.said["asked again"] += 1
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        else:
            found.said["lost"] += 1
            continue
        found.said[str(status)] += 1
        if b"MSA|AA" in body:
            found.receipts.add(receipt_of(body))
    writer.close()


@asynccontextmanager
async def load(server: Server, base: Report) -> AsyncIterator[Round]:
    """Laboratories and readers ask all the time, until this is left."""
    over, found = asyncio.Event(), Round()
    page = write_request("GET", "/documents", accept="text/html", cookie=server.cookie)
    makes = [messages(server, base)] * LABORATORIES + [lambda: page] * READERS
    clients = [asyncio.create_task(ask_on(server, make, over, found)) for make in makes]
    await asyncio.sleep(1)
    yield found
    await asyncio.sleep(0.5)
    over.set()
    await asyncio.gather(*clients)


async def until_replaced(server: Server, before: set[int]) -> None:
    async with asyncio.timeout(2 * SECONDS):
        while before & serving_now(server) or len(serving_now(server)) < PROCESSES:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


def serving_now(server: Server) -> set[int]:
    return {web.pid for web in server.webs()} - {server.process.pid}


async def test_processes_replaced_under_load_lose_nothing(
    inhabited: Settings, base: Report, scale: Scale, figure: Figure
) -> None:
    """SIGHUP: each process is replaced by a new one that serves before the old one leaves.

    The control: killed, they cut what they had in hand. Nothing acknowledged is lost even then.
    """
    times = scale.of(1, 20)
    async with serving(inhabited, processes=PROCESSES) as server:
        await until_replaced(server, set())
        async with load(server, base) as found:
            for _ in range(times):
                before = serving_now(server)
                server.process.send_signal(signal.SIGHUP)
                await until_replaced(server, before)
        async with load(server, base) as cut:
            for pid in serving_now(server):
                os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(1)
    figure(f"{times} restarts of two processes: answers", found.said["200"])
    figure(f"{times} restarts of two processes: asked again once", found.said["asked again"])
    assert set(found.said) <= {"200", "asked again"}
    assert cut.said["lost"] + cut.said["asked again"] >= LABORATORIES
    assert found.receipts
    assert await receipts(inhabited) >= found.receipts | cut.receipts
    sound = await check(inhabited, now=utcnow())
    assert sound.ok, sound.broken[:3]
