"""Every proof, then what was measured: `make prove`, or `make prove-long` for the long form."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parents[2]
PROOFS = "tests/proofs"
MOSTLY_WAITING = tuple(
    f"{PROOFS}/{name}"
    for name in ("faults", "test_concurrency.py", "test_drill.py", "test_guessing.py")
)
LANES = {
    "faults": MOSTLY_WAITING,
    "others": (PROOFS, *(f"--ignore={path}" for path in MOSTLY_WAITING)),
}
"""Two processors are enough for both at once: much of the time is spent waiting."""
NOTHING_TO_RUN = 5  # pytest's exit status
LACKING = "this machine lacks: "
"""How the reason begins when a proof needs what is not here."""


def main(arguments: list[str]) -> int:
    """The exit status of pytest; the rest of `arguments` goes to it (`-k crash`).

    In continuous integration a proof that was skipped has failed, but for want of what the machine
    has not: the reason is printed.
    """
    began = monotonic()
    long = "--long" in arguments
    rest = [argument for argument in arguments if argument != "--long"]
    with TemporaryDirectory() as folder:
        lanes = [Lane(Path(folder) / name, paths) for name, paths in LANES.items()]
        running = [lane.start(rest, long=long) for lane in lanes]
        codes = [process.wait() for process in running]
        for lane in lanes:
            print(lane.said.read_text(), flush=True)
        report([figure for lane in lanes for figure in lane.figures()])
        skipped = [reason for lane in lanes for reason in reasons(lane.ran)]
    for reason in sorted(set(skipped)):
        print(f"  skipped {skipped.count(reason)}: {reason}")
    minutes, seconds = divmod(round(monotonic() - began), 60)
    print(f"  in all: {minutes} min {seconds} s", flush=True)
    unexplained = [reason for reason in skipped if not reason.startswith(LACKING)]
    return verdict(codes) or int(bool(unexplained) and "CI" in os.environ)


@dataclass(frozen=True)
class Lane:
    """One of the runs of pytest that go side by side, and the folder of what it leaves."""

    folder: Path
    paths: tuple[str, ...]

    @property
    def said(self) -> Path:
        return self.folder / "said.txt"

    @property
    def ran(self) -> Path:
        return self.folder / "ran.xml"

    def start(self, arguments: list[str], *, long: bool) -> subprocess.Popen[bytes]:
        self.folder.mkdir()
        env = {name: value for name, value in os.environ.items() if name[:8] != "REPERES_"}
        env |= {"PROOFS": "long" if long else "short"}
        env |= {"PROOF_FIGURES": str(self.folder / "figures.jsonl")}
        command = [sys.executable, "-m", "pytest", "-q", "-rs", "--durations=8", "-m", "proof"]
        command += [f"--junitxml={self.ran}", f"-ocache_dir={self.folder / 'cache'}"]
        with self.said.open("wb") as said:
            return subprocess.Popen(
                [*command, *self.paths, *arguments], cwd=ROOT, env=env, stdout=said, stderr=said
            )

    def figures(self) -> list[tuple[str, str, str]]:
        found = self.folder / "figures.jsonl"
        lines = found.read_text().splitlines() if found.exists() else []
        return [json.loads(line) for line in lines]


def verdict(codes: list[int]) -> int:
    """The worst exit status; a lane in which nothing was asked for does not count."""
    ran = [code for code in codes if code != NOTHING_TO_RUN]
    return max(ran, key=abs, default=NOTHING_TO_RUN)


def reasons(ran: Path) -> list[str]:
    """Why each proof that was skipped was skipped."""
    marks = ET.parse(ran).iter("skipped") if ran.exists() else ()
    return [mark.get("message") or "no reason" for mark in marks]


def report(figures: list[tuple[str, str, str]]) -> None:
    print()
    for proof, lines in groupby(figures, key=lambda line: line[0]):
        print(proof.removeprefix("test_").replace("_", " "))
        for _, what, value in lines:
            print(f"  {what:<64}{value:>14}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
