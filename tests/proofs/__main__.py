"""Every proof, then what was measured: `make prove`, or `make prove-long` for the long form."""

import json
import os
import subprocess
import sys
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parents[2]
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
        figures, ran = Path(folder) / "figures.jsonl", Path(folder) / "ran.xml"
        env = {name: value for name, value in os.environ.items() if name[:8] != "REPERES_"}
        env |= {"PROOFS": "long" if long else "short", "PROOF_FIGURES": str(figures)}
        command = [sys.executable, "-m", "pytest", "-q", "-rs", "--durations=8", "-m", "proof"]
        command += [f"--junitxml={ran}"]
        done = subprocess.run([*command, "tests/proofs", *rest], cwd=ROOT, env=env, check=False)
        lines = figures.read_text().splitlines() if figures.exists() else []
        skipped = reasons(ran)
    report([json.loads(line) for line in lines])
    for reason in sorted(set(skipped)):
        print(f"  skipped {skipped.count(reason)}: {reason}")
    minutes, seconds = divmod(round(monotonic() - began), 60)
    print(f"  in all: {minutes} min {seconds} s", flush=True)
    unexplained = [reason for reason in skipped if not reason.startswith(LACKING)]
    return done.returncode or int(bool(unexplained) and "CI" in os.environ)


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
