"""Pages of signed-in patients, beside the framework sending the same bytes."""

import asyncio
from dataclasses import dataclass
from itertools import cycle, repeat
from pathlib import Path

from sqlalchemy import update

from backend.storage.outbox import OutboxRow, OutboxState
from benchmarks.load import SUCCESS, Measured, NextRequest, Request, fetch, load, write_request
from benchmarks.messages import LARGE, SMALL, WIDE
from benchmarks.people import Patient, add_patients
from benchmarks.service import Place, bare, service, sessions_of, worker
from benchmarks.table import Report
from benchmarks.workloads import deposit_some, first_document, get, passwords

SECONDS = 4.0
CLIENTS = 8
DOCUMENTS = 50
DRAWN_SECONDS = 60
GUESTS = 400


@dataclass(frozen=True, slots=True)
class Screen:
    """A page, each reader's own, and the address of its like in the bare application."""

    name: str
    requests: list[Request]
    like: str


async def measure(where: Place, _people: list[Patient], report: Report) -> None:
    """List, report, page image, password; one and two processes."""
    async with sessions_of(where) as sessions, sessions.begin() as db:
        readers = await add_patients(db, 3 * CLIENTS, first=1000)
        guests = await add_patients(db, GUESTS, first=2000)
    screens = await _prepare(where, readers)
    for processes in (1, 2):
        async with (
            service(where, processes=processes) as real,
            bare(where.folder / "bare", processes=processes) as port,
        ):
            for screen in screens:
                found = await _loaded(real.port, cycle(screen.requests).__next__)
                like = write_request("GET", screen.like)
                limit = await _loaded(port, repeat(like).__next__)
                report.load(f"{screen.name}, {processes} process(es)", found, limit)
            make = await passwords(real.port, guests)
            found = await load(real.port, make, clients=CLIENTS, seconds=SECONDS, expected=303)
            report.load(f"password, argon2id 46 MiB, {processes} process(es)", found)


async def _loaded(port: int, make: NextRequest) -> Measured:
    await load(port, make, clients=CLIENTS, seconds=SECONDS / 4)
    return await load(port, make, clients=CLIENTS, seconds=SECONDS)


async def _prepare(where: Place, people: list[Patient]) -> list[Screen]:
    """Fifty documents; three wide reports, for their trends; one drawn. Their bytes are kept."""
    readers, wide, pictured = people[:CLIENTS], people[CLIENTS : 2 * CLIENTS], people[-CLIENTS:]
    folder = where.folder / "bare"
    folder.mkdir()
    await _forget_promises(where)
    async with service(where, processes=1) as real, worker(where):
        port = real.port
        await deposit_some(port, LARGE, pictured, CLIENTS)  # drawn first
        await deposit_some(port, SMALL, readers, DOCUMENTS * CLIENTS)
        await deposit_some(port, WIDE, wide, 3 * CLIENTS)
        lists = [get("/documents", reader) for reader in readers]
        small = [get(await first_document(port, reader), reader) for reader in readers]
        large = [get(await first_document(port, reader), reader) for reader in wide]
        images = [
            get(f"{await first_document(port, reader)}/page/1/1200", reader) for reader in pictured
        ]
        screens = [
            Screen("list, 20 of 50 documents", lists, "/page/list"),
            Screen("report, 12 results, 50 values each", small, "/page/small"),
            Screen("report, 47 results, 3 values each", large, "/page/large"),
            Screen("page image", images, "/bytes"),
        ]
        for screen in screens:
            for request in screen.requests:
                await _save(port, request, screen.like, folder)
    return screens


async def _forget_promises(where: Place) -> None:
    """The pages of thousands of measured deposits would all be drawn before these."""
    async with sessions_of(where) as sessions, sessions.begin() as db:
        await db.execute(
            update(OutboxRow)
            .where(OutboxRow.state == OutboxState.DUE)
            .values(state=OutboxState.CANCELLED)
        )


async def _save(port: int, request: Request, like: str, folder: Path) -> None:
    """What the bare application sends too; the image once it is drawn."""
    name = "image" if like == "/bytes" else f"{Path(like).name}.html"
    async with asyncio.timeout(DRAWN_SECONDS):
        while True:
            status, _headers, body = await fetch(port, request)
            if status == SUCCESS:
                (folder / name).write_bytes(body)
                return
            await asyncio.sleep(0.2)
