"""`make bench`: every workload beside its limit, then one table.

ARGS="deposits pages" chooses; ARGS=profile says where a web process spends its time.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from uvicorn.loops.auto import auto_loop_factory

from backend.demo import world
from benchmarks import deposits, growth, login, pages, phone, profiling, starting
from benchmarks.people import Patient, add_patients
from benchmarks.service import Place, place, sessions_of
from benchmarks.table import Report

Part = Callable[[Place, list[Patient], Report], Awaitable[None]]
PARTS: dict[str, Part] = {
    "deposits": deposits.measure,
    "pages": pages.measure,
    "login": login.measure,
    "phone": phone.measure,
    "starting": starting.measure,
    "growth": growth.measure,
    "profile": profiling.measure,
}
PATIENTS = 64


async def main(chosen: list[str]) -> None:
    """Prepare the people, then measure each part chosen."""
    report = Report()
    with place() as where:
        async with sessions_of(where) as sessions, sessions.begin() as db:
            await world.load(db)
            people = await add_patients(db, PATIENTS)
        for name in chosen or [name for name in PARTS if name != "profile"]:
            await PARTS[name](where, people, report)
    report.print()


if __name__ == "__main__":
    if unknown := set(sys.argv[1:]) - set(PARTS):
        sys.exit(f"no such part: {', '.join(unknown)}. Parts: {', '.join(PARTS)}.")
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(main(sys.argv[1:]))
