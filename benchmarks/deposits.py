"""Deposits through the HL7v2 door, every check on, fsync on, beside raw commits of the bytes."""

from itertools import repeat

from benchmarks.limits import raw_commits
from benchmarks.load import load, write_request
from benchmarks.messages import LARGE, SMALL
from benchmarks.people import Patient
from benchmarks.service import Place, bare, service
from benchmarks.table import Report
from benchmarks.workloads import deposits

SECONDS = 4.0
WARM = 1.0
CLIENTS = (1, 8, 32)
USUAL = 8


async def measure(where: Place, people: list[Patient], report: Report) -> None:
    """One and two processes; 1, 8 and 32 laboratories' connections."""
    for kind, size in ((SMALL, 25_000), (LARGE, 300_000)):
        limits = {
            clients: await raw_commits(where, size=size, clients=clients, seconds=SECONDS / 2)
            for clients in CLIENTS
        }
        received = write_request("POST", "/body", bytes(size))
        for processes in (1, 2):
            async with bare(where.folder, processes=processes) as port:
                found = await load(
                    port, repeat(received).__next__, clients=USUAL, seconds=SECONDS / 2
                )
                what = f"{kind.name} received and nothing more, {processes} process(es)"
                report.load(f"{what}, {USUAL} clients", found)
            async with service(where, processes=processes) as running:
                make = await deposits(running.port, kind, people)
                await load(running.port, make, clients=USUAL, seconds=WARM)
                for clients in CLIENTS:
                    found = await load(running.port, make, clients=clients, seconds=SECONDS)
                    what = f"deposit {kind.name}, {processes} process(es), {clients} clients"
                    report.load(what, found, limits[clients])
