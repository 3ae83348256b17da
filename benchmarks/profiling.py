"""Where a web process spends its time under each load, as a sampler sees it from outside.

py-spy reads the stacks of a running process without changing it. Database work runs on stacks of
its own (SQLAlchemy's greenlets): a handler that waits for it is not under it.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import cycle
from pathlib import Path

from benchmarks.load import NextRequest, load
from benchmarks.messages import LARGE
from benchmarks.pages import CLIENTS, Screen, prepare
from benchmarks.people import Patient, add_patients
from benchmarks.service import Place, service, sessions_of
from benchmarks.table import Report
from benchmarks.workloads import deposits

SECONDS = 10
RATE = 199
"""Samples a second: a prime, so that it keeps step with nothing."""
PACKAGES, FUNCTIONS = 8, 10
OUTER = ("__main__", "cli/")
"""Whatever runs is under the command."""


async def measure(where: Place, people: list[Patient], report: Report) -> None:
    """Deposit 300 kB, list, reports, page image: one process, eight clients."""
    async with sessions_of(where) as sessions, sessions.begin() as db:
        readers = await add_patients(db, 3 * CLIENTS, first=4000)
    screens = await prepare(where, readers, "profile")
    async with service(where, processes=1) as real:
        pid = real.process.pid
        loads = {"deposit 300 kB": await deposits(real.port, LARGE, people)}
        loads |= {screen.name: _requests(screen) for screen in screens}
        for name, make in loads.items():
            await load(real.port, make, clients=CLIENTS, seconds=1)
            stacks, found = await asyncio.gather(
                _sample(pid, where.folder / "stacks"),
                load(real.port, make, clients=CLIENTS, seconds=SECONDS + 1),
            )
            report.figure(f"{name}, profiled", f"{found.rate:.0f}/s")
            for part, share in shares(stacks, package_of_leaf, PACKAGES):
                report.figure(f"  in {part} itself", f"{share:.0%}")
            for part, share in shares(stacks, our_functions, FUNCTIONS):
                report.figure(f"  under {part}", f"{share:.0%}")


def _requests(screen: Screen) -> NextRequest:
    return cycle(screen.requests).__next__


Stacks = dict[tuple[str, ...], int]
"""How many samples had these frames, the outermost first: `function (file)`."""


async def _sample(pid: int, out: Path) -> Stacks:
    """Of what holds the interpreter. Needs the right to trace a process, as root has."""
    spy = Path(sys.executable).with_name("py-spy")
    words = ["record", "--pid", str(pid), "--duration", str(SECONDS), "--rate", str(RATE)]
    words += ["--format", "raw", "--nolineno", "--full-filenames", "--gil"]
    process = await asyncio.create_subprocess_exec(
        spy, *words, "--output", out, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    _out, said = await process.communicate()
    if process.returncode:
        raise RuntimeError(said.decode())
    return read_stacks(await asyncio.to_thread(out.read_text))


def read_stacks(text: str) -> Stacks:
    """py-spy's raw format: `frame;frame;frame count`, a line a stack."""
    stacks: Counter[tuple[str, ...]] = Counter()
    for line in text.splitlines():
        frames, _, number = line.rpartition(" ")
        stacks[tuple(frames.split(";"))] += int(number)
    return stacks


def package_of_leaf(frames: tuple[str, ...]) -> Iterable[str]:
    """Whose code was running: a library, or one of our layers."""
    return [package_of(frames[-1])]


def our_functions(frames: tuple[str, ...]) -> Iterable[str]:
    """Every function of ours that was under way, once each."""
    return {short for frame in frames if (short := _ours(frame))}


def package_of(frame: str) -> str:
    """`sqlalchemy`, `backend/web`, or `python` for the standard library and what has no file."""
    path = _file(frame)
    if "site-packages/" in path:
        return path.split("site-packages/")[1].split("/")[0].removesuffix(".py")
    if "/backend/" in path:
        return "/".join(["backend", *path.split("/backend/")[1].split("/")[:-1][:1]])
    if path.startswith("<template>") or path.endswith(".html"):
        return "templates"
    return "python"


def shares(
    stacks: Stacks, parts_of: Callable[[tuple[str, ...]], Iterable[str]], most: int
) -> list[tuple[str, float]]:
    """The parts that had most of the samples, and what share each had."""
    found: Counter[str] = Counter()
    for frames, number in stacks.items():
        for part in parts_of(frames):
            found[part] += number
    total = sum(stacks.values())
    return [(part, number / total) for part, number in found.most_common(most)]


def _ours(frame: str) -> str:
    path = _file(frame)
    if "/backend/" not in path:
        return ""
    module = path.split("/backend/")[1].removesuffix(".py")
    if module.startswith(OUTER):
        return ""
    return f"{module}: {frame.partition(' (')[0]}"


def _file(frame: str) -> str:
    return frame.rpartition(" (")[2].removesuffix(")")
