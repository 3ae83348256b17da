"""One patient's pages and a deposit, as other people's documents go from 10,000 to a million.

The small database stays beside the one that grows, and both are measured by turns: what else the
machine does meanwhile weighs on both.
"""

import asyncio
import time
from dataclasses import replace
from itertools import cycle

from benchmarks.filler import clone, fill
from benchmarks.load import Measured, NextRequest, load
from benchmarks.messages import LARGE, SMALL
from benchmarks.pages import drawn, forget_promises, image_of
from benchmarks.people import Patient, add_patients
from benchmarks.service import Place, service, sessions_of, worker
from benchmarks.table import Report
from benchmarks.workloads import deposit_some, deposits, first_document, get, search

SMALLEST = 10_000
SIZES = (100_000, 1_000_000)
EACH = 8
MANY = 2_000
TURNS = 3
SECONDS = 1.5
CLIENTS = 2


async def measure(where: Place, people: list[Patient], report: Report) -> None:
    """p50 and p99 for each size, beside those of the smallest."""
    async with sessions_of(where) as sessions, sessions.begin() as db:
        usual = await add_patients(db, 2 * CLIENTS, first=5000)
        heavy = await add_patients(db, 1, first=6000)
    await forget_promises(where)
    async with service(where, processes=1) as real, worker(where):
        await deposit_some(real.port, LARGE, usual, len(usual))
        images = [await image_of(real.port, one) for one in usual]
        for image in images:
            await drawn(real.port, image)
        await deposit_some(real.port, SMALL, usual, (EACH - 1) * len(usual))
        await deposit_some(real.port, SMALL, heavy, MANY)
    await asyncio.to_thread(fill, where, 1, SMALLEST)
    small = replace(where, database_url=await asyncio.to_thread(clone, where, "small"))
    filled = SMALLEST
    for size in SIZES:
        began = time.perf_counter()
        await asyncio.to_thread(fill, where, filled + 1, size)
        filled = size
        report.figure(f"{size:,} documents made", f"{time.perf_counter() - began:.0f} s")
        async with service(small, processes=1) as one, service(where, processes=1) as other:
            little = await _works(one.port, usual, heavy, people)
            grown = await _works(other.port, usual, heavy, people)
            little["page image"] = grown["page image"] = cycle(images).__next__
            for name, make in grown.items():
                pair = await _by_turns((one.port, little[name]), (other.port, make))
                _compare(report, f"{name}, {size:,} documents", *pair)


async def _works(
    port: int, usual: list[Patient], heavy: list[Patient], people: list[Patient]
) -> dict[str, NextRequest]:
    mine = [get(await first_document(port, one), one) for one in usual]
    sought = [get(await search(port, "glicemie", one), one) for one in heavy]
    theirs = [get(await first_document(port, one), one) for one in heavy]
    return {
        "list of 8": cycle([get("/documents", one) for one in usual]).__next__,
        "list, 20 of 2,000": cycle([get("/documents", one) for one in heavy]).__next__,
        "search among 2,000": cycle(sought).__next__,
        "analyses of 8": cycle([get("/analyses", one) for one in usual]).__next__,
        "analyses of 2,000": cycle([get("/analyses", one) for one in heavy]).__next__,
        "report, 8 values each": cycle(mine).__next__,
        "report, 40 of 2,000 values each": cycle(theirs).__next__,
        "deposit 25 kB": await deposits(port, SMALL, people),
    }


async def _by_turns(*pair: tuple[int, NextRequest]) -> list[Measured]:
    """Both loads warmed, then measured one after the other, several times."""
    for port, make in pair:
        await load(port, make, clients=CLIENTS, seconds=SECONDS / 2)
    parts: list[list[Measured]] = [[], []]
    for _ in range(TURNS):
        for (port, make), part in zip(pair, parts, strict=True):
            part.append(await load(port, make, clients=CLIENTS, seconds=SECONDS))
    return [Measured.of(part) for part in parts]


def _compare(report: Report, what: str, small: Measured, grown: Measured) -> None:
    first, middle = small.percentile(50), grown.percentile(50)
    report.figure(
        what,
        f"{middle:.1f} / {grown.percentile(99):.1f} ms",
        f"{first:.1f} / {small.percentile(99):.1f} ms",
        f"{middle / first:.2f}",
    )
