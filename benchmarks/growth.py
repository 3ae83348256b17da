"""One patient's pages and a deposit, as other people's documents go from 10,000 to a million."""

import asyncio
import time
from itertools import cycle

from benchmarks.filler import fill
from benchmarks.load import Measured, NextRequest, load
from benchmarks.messages import SMALL
from benchmarks.people import Patient, add_patients
from benchmarks.service import Place, service, sessions_of
from benchmarks.table import Report
from benchmarks.workloads import deposit_some, deposits, first_document, get

SIZES = (10_000, 100_000, 1_000_000)
EACH = 8
MANY = 2_000
SECONDS = 4.0
CLIENTS = 2


async def measure(where: Place, people: list[Patient], report: Report) -> None:
    """p50 and p99 for each size; the ratio is to the p50 of the smallest."""
    async with sessions_of(where) as sessions, sessions.begin() as db:
        usual = await add_patients(db, 2 * CLIENTS, first=5000)
        heavy = await add_patients(db, 1, first=6000)
    async with service(where, processes=1) as real:
        await deposit_some(real.port, SMALL, usual, EACH * len(usual))
        await deposit_some(real.port, SMALL, heavy, MANY)
    smallest: dict[str, float] = {}
    filled = 0
    for size in SIZES:
        began = time.perf_counter()
        await asyncio.to_thread(fill, where, filled + 1, size)
        filled = size
        report.figure(f"{size:,} documents made", f"{time.perf_counter() - began:.0f} s")
        async with service(where, processes=1) as real:
            for name, make in (await _works(real.port, usual, heavy, people)).items():
                await load(real.port, make, clients=CLIENTS, seconds=SECONDS / 4)
                found = await load(real.port, make, clients=CLIENTS, seconds=SECONDS)
                _compare(report, f"{name}, {size:,} documents", name, found, smallest)


async def _works(
    port: int, usual: list[Patient], heavy: list[Patient], people: list[Patient]
) -> dict[str, NextRequest]:
    return {
        "list of 8": cycle([get("/documents", one) for one in usual]).__next__,
        "list, 20 of 2,000": cycle([get("/documents", one) for one in heavy]).__next__,
        "report, 8 values each": cycle(
            [get(await first_document(port, one), one) for one in usual]
        ).__next__,
        "report, 40 of 2,000 values each": cycle(
            [get(await first_document(port, one), one) for one in heavy]
        ).__next__,
        "deposit 25 kB": await deposits(port, SMALL, people),
    }


def _compare(
    report: Report, what: str, name: str, found: Measured, smallest: dict[str, float]
) -> None:
    middle = found.percentile(50)
    first = smallest.setdefault(name, middle)
    report.figure(
        what,
        f"{middle:.1f} / {found.percentile(99):.1f} ms",
        f"{first:.1f} ms",
        f"{middle / first:.2f}",
    )
