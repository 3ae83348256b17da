"""Start-up on an existing database, and memory under a light load."""

from benchmarks.load import load
from benchmarks.messages import LARGE
from benchmarks.people import Patient
from benchmarks.service import MEGA, Place, service, worker
from benchmarks.table import Report
from benchmarks.workloads import deposits, page

SECONDS = 3.0


async def measure(where: Place, people: list[Patient], report: Report) -> None:
    """Targets: ready in 2 s; 150 MB a web process at 8 clients, 250 MB a worker."""
    for processes in (1, 2):
        async with service(where, processes=processes) as running:
            name = f"{processes} process(es)"
            report.figure(
                f"ready on an existing database, {name}", f"{running.start_seconds:.2f} s", "2 s"
            )
            make = await deposits(running.port, LARGE, people)
            async with worker(where) as working:
                await load(running.port, make, clients=8, seconds=SECONDS)
                await load(running.port, page("/documents", people), clients=8, seconds=SECONDS)
                used = working.memory_full_info().pss / MEGA
            most = max(running.memory())
            report.figure(
                f"web process at 8 clients, {name}", f"{most:.0f} MB", "150 MB", f"{most / 150:.2f}"
            )
            report.figure("worker drawing pages", f"{used:.0f} MB", "250 MB", f"{used / 250:.2f}")
