"""Ten times too many at once, and restarts under load: quick refusals, and nothing lost."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from sqlalchemy import text

from backend.cli.fsck import check
from backend.demo import world
from backend.settings import Settings
from backend.storage.db import Sessions, utcnow
from benchmarks.load import NextRequest, fetch, read_answer, write_request
from benchmarks.messages import SMALL
from benchmarks.people import Patient, add_patients
from benchmarks.service import Place, place, service, sessions_of
from benchmarks.workloads import deposits, get
from tests.proofs.conftest import Figure, Scale

CAPACITY, CROWD, READERS = 8, 320, 160
PEOPLE = 12
TRY_AGAIN = b"MSA|AR"
IMPATIENCE = 0.5
"""Seconds before somebody who was refused tries again; they were asked to wait thirty."""


@pytest.fixture(scope="module")
async def crowded() -> AsyncIterator[tuple[Place, list[Patient], Sessions]]:
    """A service in production, in processes of its own, and people who are signed in."""
    with place() as where:
        async with sessions_of(where) as sessions:
            async with sessions.begin() as db:
                await world.load(db)
                people = await add_patients(db, PEOPLE)
            yield where, people, sessions


class Said:
    """What a crowd was answered; `refusal` is in the body of each refusal."""

    def __init__(self, refusal: bytes) -> None:
        self.refusal = refusal
        self.answers: Counter[str] = Counter()
        self.receipts: list[str] = []
        self.slowest_refusal = 0.0

    def note(self, status: int, headers: dict[str, str], body: bytes, seconds: float) -> None:
        if b"MSA|AA" in body:
            self.receipts.append(receipt_of(body))
        if status == 503:
            assert int(headers["retry-after"]) > 0
            assert self.refusal in body
            self.slowest_refusal = max(self.slowest_refusal, seconds)
        self.answers[f"{status}"] += 1


async def crowd(port: int, make: NextRequest, said: Said, *, clients: int, seconds: float) -> None:
    """Each asks again as soon as it is served."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while loop.time() < end:
            request, began = make(), loop.time()
            writer.write(request)
            answer = await read_answer(reader)
            said.note(*answer, loop.time() - began)
            if answer[0] == 503:
                await asyncio.sleep(IMPATIENCE)
        writer.close()
        await writer.wait_closed()

    async with asyncio.timeout(seconds + 60):
        await asyncio.gather(*(client() for _ in range(clients)))


async def stored(sessions: Sessions) -> set[str]:
    async with sessions() as db:
        return set((await db.execute(text("SELECT number FROM receipt"))).scalars())


async def test_ten_times_too_many(
    crowded: tuple[Place, list[Patient], Sessions], scale: Scale, figure: Figure
) -> None:
    where, people, sessions = crowded
    seconds = scale.of(5.0, 60.0)
    async with service(where, processes=1) as real:
        make = await deposits(real.port, SMALL, people)
        calm, flood = Said(TRY_AGAIN), Said(TRY_AGAIN)
        pages = Said("Rien n’a été perdu".encode())
        await crowd(real.port, make, calm, clients=CAPACITY, seconds=seconds / 2)
        lists = [get("/documents", one) for one in people]
        await asyncio.gather(
            crowd(real.port, make, flood, clients=CROWD, seconds=seconds),
            crowd(
                real.port, iter(lists * 10_000).__next__, pages, clients=READERS, seconds=seconds
            ),
            alive(real.port, seconds),
        )
        before, during = len(calm.receipts) / (seconds / 2), len(flood.receipts) / seconds
        figure(f"deposits a second, {CAPACITY} clients", f"{before:.0f}")
        figure(f"deposits a second, {CROWD} clients and {READERS} readers", f"{during:.0f}")
        figure("pages a second meanwhile", f"{pages.answers['200'] / seconds:.0f}")
        figure(
            "refused meanwhile (deposits, pages)", f"{flood.answers['503']}, {pages.answers['503']}"
        )
        figure(
            "slowest refusal, seconds", f"{max(flood.slowest_refusal, pages.slowest_refusal):.1f}"
        )
        assert set(flood.answers) | set(pages.answers) <= {"200", "503"}
        assert flood.receipts
        assert pages.answers["200"]
        assert await stored(sessions) >= {*calm.receipts, *flood.receipts}
    found = await check(Settings.from_env(where.environment(1, 1)), now=utcnow())
    assert found.ok, found.broken[:3]


async def alive(port: int, seconds: float) -> None:
    """Whoever watches the process is always answered."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end:
        async with asyncio.timeout(10):
            assert (await fetch(port, write_request("GET", "/healthz")))[0] == 200
        await asyncio.sleep(0.3)


async def client(port: int, make: NextRequest, stopping: asyncio.Event, receipts: list[str]) -> int:
    """Deposits until told to stop; how many connections were closed under its hands."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while not stopping.is_set():
            writer.write(make())
            _status, _headers, body = await read_answer(reader)
            if b"MSA|AA" in body:
                receipts.append(receipt_of(body))
    except (EOFError, ConnectionError):
        return 1
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    return 0


def receipt_of(ack: bytes) -> str:
    return ack.split(b"MSA|AA")[1].split(b"|")[2].split(b"\r")[0].decode()


async def test_restarts_under_load(
    crowded: tuple[Place, list[Patient], Sessions], scale: Scale, figure: Figure
) -> None:
    """What was begun is finished before the process ends; what was refused is sent again."""
    where, people, sessions = crowded
    receipts: list[str] = []
    cut = 0
    rounds = scale.of(2, 30)
    for _ in range(rounds):
        async with service(where, processes=1) as real:
            make = await deposits(real.port, SMALL, people)
            stopping = asyncio.Event()

            clients = [
                asyncio.create_task(client(real.port, make, stopping, receipts)) for _ in range(6)
            ]
            await asyncio.sleep(0.8)
            os.kill(real.process.pid, signal.SIGTERM)
            async with asyncio.timeout(40):
                await asyncio.to_thread(real.process.wait)
            stopping.set()
            cut += sum(await asyncio.gather(*clients))
            assert real.process.returncode in {0, -signal.SIGTERM}
    figure(
        f"{rounds} restarts: deposits acknowledged, connections closed", f"{len(receipts)}, {cut}"
    )
    assert len(receipts) > rounds
    assert await stored(sessions) >= set(receipts)
