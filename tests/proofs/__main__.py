"""Every proof, then what was measured: `make prove`, or `make prove-long` for the long form."""

import json
import os
import subprocess
import sys
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]


def main(arguments: list[str]) -> int:
    """The exit status of pytest; the rest of `arguments` goes to it (`-k crash`)."""
    long = "--long" in arguments
    rest = [argument for argument in arguments if argument != "--long"]
    with TemporaryDirectory() as folder:
        figures = Path(folder) / "figures.jsonl"
        env = {name: value for name, value in os.environ.items() if name[:8] != "REPERES_"}
        env |= {"PROOFS": "long" if long else "short", "PROOF_FIGURES": str(figures)}
        command = [sys.executable, "-m", "pytest", "-q", "-rs", "--durations=8", "-m", "proof"]
        done = subprocess.run([*command, "tests/proofs", *rest], cwd=ROOT, env=env, check=False)
        lines = figures.read_text().splitlines() if figures.exists() else []
    report([json.loads(line) for line in lines])
    return done.returncode


def report(figures: list[tuple[str, str, str]]) -> None:
    print()
    for proof, lines in groupby(figures, key=lambda line: line[0]):
        print(proof.removeprefix("test_").replace("_", " "))
        for _, what, value in lines:
            print(f"  {what:<64}{value:>14}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
