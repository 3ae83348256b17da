"""Pages of signed-in patients, beside the framework sending the same bytes."""

import asyncio
import re
from dataclasses import dataclass
from html import unescape
from itertools import cycle
from pathlib import Path

from sqlalchemy import update

from backend.services.listing import PAGE
from backend.storage.outbox import OutboxRow, OutboxState
from benchmarks.load import SUCCESS, Measured, NextRequest, Request, fetch, load, write_request
from benchmarks.messages import LARGE, SMALL, WIDE
from benchmarks.people import Patient, add_patients
from benchmarks.service import Place, bare, service, sessions_of, worker
from benchmarks.table import Report
from benchmarks.workloads import deposit_some, first_document, get

SECONDS = 4.0
CLIENTS = 8
DOCUMENTS = 50
DRAWN_SECONDS = 60
CLOSE = 0.02
"""How much the bare page may differ in length from the real one."""
NEXT = re.compile(r'href="(/documents/?\?apres=[^"]+)"')


@dataclass(frozen=True, slots=True)
class Screen:
    """A page, each reader's own, and the address of its like in the bare application."""

    name: str
    requests: list[Request]
    like: str
    pages: int = 1
    """How many requests make one whole: fifty documents are read in three."""


async def measure(where: Place, _people: list[Patient], report: Report) -> None:
    """List, report, page image; one and two processes."""
    async with sessions_of(where) as sessions, sessions.begin() as db:
        readers = await add_patients(db, 3 * CLIENTS, first=1000)
    screens = await prepare(where, readers, "bare")
    for processes in (1, 2):
        async with (
            service(where, processes=processes) as real,
            bare(where.folder / "bare", processes=processes) as port,
        ):
            for screen in screens:
                found = await _loaded(real.port, cycle(screen.requests).__next__)
                like = cycle(
                    [write_request("GET", f"{screen.like}{n}") for n in range(screen.pages)]
                )
                limit = await _loaded(port, like.__next__)
                report.load(f"{screen.name}, {processes} process(es)", found, limit)
                if screen.pages > 1:
                    lists = found.rate / screen.pages
                    report.figure(
                        f"lists of {DOCUMENTS} in {screen.pages} pages, {processes} process(es)",
                        f"{lists:.0f}/s, {lists * DOCUMENTS:.0f} rows/s",
                    )


async def _loaded(port: int, make: NextRequest) -> Measured:
    await load(port, make, clients=CLIENTS, seconds=SECONDS / 4)
    return await load(port, make, clients=CLIENTS, seconds=SECONDS)


async def prepare(where: Place, people: list[Patient], name: str) -> list[Screen]:
    """Fifty documents; three wide reports, for their trends; one drawn. Their bytes are kept."""
    readers, wide, pictured = people[:CLIENTS], people[CLIENTS : 2 * CLIENTS], people[-CLIENTS:]
    folder = where.folder / name
    folder.mkdir()
    await forget_promises(where)
    async with service(where, processes=1) as real, worker(where):
        port = real.port
        await deposit_some(port, LARGE, pictured, CLIENTS)  # drawn first
        await deposit_some(port, SMALL, readers, DOCUMENTS * CLIENTS)
        await deposit_some(port, WIDE, wide, 3 * CLIENTS)
        small = [get(await first_document(port, reader), reader) for reader in readers]
        large = [get(await first_document(port, reader), reader) for reader in wide]
        images = [await image_of(port, reader) for reader in pictured]
        lists = [get("/documents", reader) for reader in readers]
        walks = [page for reader in readers for page in await _walk(port, reader)]
        screens = [
            Screen(f"list, {PAGE} of {DOCUMENTS} documents", lists, "/page/list"),
            Screen(f"list, each page of {DOCUMENTS}", walks, "/page/walk", len(walks) // CLIENTS),
            Screen("report, 12 results, 50 values each", small, "/page/small"),
            Screen("report, 47 results, 3 values each", large, "/page/large"),
            Screen("page image", images, "/bytes/image"),
        ]
        for screen in screens:
            await _save(port, screen, folder)
    async with bare(folder, processes=1) as port:
        for screen in screens:
            await _check(port, screen, folder)
    return screens


async def image_of(port: int, reader: Patient) -> Request:
    """The large image of the first page of their first document."""
    return get(f"{await first_document(port, reader)}/page/1/1200", reader)


async def _walk(port: int, reader: Patient) -> list[Request]:
    """Every page of this patient's list, by its links."""
    requests = [get("/documents", reader)]
    while True:
        _status, _headers, body = await fetch(port, requests[-1])
        if not (found := NEXT.search(body.decode())):
            return requests
        requests.append(get(unescape(found[1]), reader))


async def forget_promises(where: Place) -> None:
    """The pages of thousands of measured deposits would all be drawn before these."""
    async with sessions_of(where) as sessions, sessions.begin() as db:
        await db.execute(
            update(OutboxRow)
            .where(OutboxRow.state == OutboxState.DUE)
            .values(state=OutboxState.CANCELLED)
        )


async def drawn(port: int, request: Request) -> bytes:
    """The answer, once it is there: an image is drawn by the worker."""
    async with asyncio.timeout(DRAWN_SECONDS):
        while True:
            status, _headers, body = await fetch(port, request)
            if status == SUCCESS:
                return body
            await asyncio.sleep(0.2)


async def _save(port: int, screen: Screen, folder: Path) -> None:
    """What the bare application sends too; every image is drawn before one is measured."""
    for number, request in enumerate(screen.requests):
        (folder / _kept(screen, number % screen.pages)).write_bytes(await drawn(port, request))


async def _check(port: int, screen: Screen, folder: Path) -> None:
    """The limit sends as many bytes as what it is the limit of."""
    for number in range(screen.pages):
        request = write_request("GET", f"{screen.like}{number}")
        _status, _headers, body = await fetch(port, request)
        real = (folder / _kept(screen, number)).stat().st_size
        if abs(len(body) - real) > CLOSE * real:
            raise RuntimeError(f"{screen.name}: {real} bytes, {len(body)} of its limit")


def _kept(screen: Screen, number: int) -> str:
    suffix = ".html" if screen.like.startswith("/page/") else ""
    return f"{Path(screen.like).name}{number}{suffix}"
