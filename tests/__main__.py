"""Every check of the project, to the end, then what came of them: what `make test` runs."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
ENV = {name: value for name, value in os.environ.items() if not name.startswith("REPERES_")}
NOTHING_TO_RUN = 5  # pytest's exit status

CHECKS: dict[str, list[str | Path]] = {
    "format": [sys.executable, "-m", "ruff", "format", "--check", "."],
    "lint": [sys.executable, "-m", "ruff", "check", "."],
    "types": [sys.executable, "-m", "mypy"],
    "imports": [sys.executable, BIN / "lint-imports"],
    "dockerfile": [BIN / "hadolint", "Dockerfile"],
}


@dataclass
class Step:
    """What one step did; a check that is not made of tests counts for one."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: list[str] = field(default_factory=list)
    """The reason of each test skipped."""

    @property
    def state(self) -> str:
        return "failed" if self.failed else "passed" if self.passed else "nothing to run"


def main(arguments: list[str]) -> int:
    """The exit status: 1 when anything failed."""
    started = monotonic()
    steps = [run_check(name, command) for name, command in CHECKS.items()]
    steps.append(run_pytest("tests", "not journey and not proof", arguments))
    if reason := os.environ.get("NO_BROWSER"):
        steps.append(Step("journeys", skipped=[f"every journey: {reason}"]))
    else:
        steps.append(run_pytest("journeys", "journey", arguments))
    return report(steps, monotonic() - started)


def run_check(name: str, command: list[str | Path]) -> Step:
    print(f"--- {name}", flush=True)
    done = subprocess.run(command, cwd=ROOT, env=ENV, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return Step(name, passed=1)
    print(done.stdout, done.stderr, flush=True)
    return Step(name, failed=1)


def run_pytest(name: str, marker: str, arguments: list[str]) -> Step:
    print(f"--- {name}", flush=True)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-rs", f"--junitxml={file}", "-m", marker]
        done = subprocess.run([*command, *arguments], cwd=ROOT, env=ENV, check=False)
        suite = ET.parse(file).find("testsuite") if file.exists() else None
    if done.returncode == NOTHING_TO_RUN:
        return Step(name)
    if suite is None:
        return Step(name, failed=1)
    failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    skipped = [mark.get("message") or "no reason" for mark in suite.iter("skipped")]
    passed = int(suite.get("tests", 0)) - failed - len(skipped)
    return Step(name, passed, max(failed, int(done.returncode != 0)), skipped)


def report(steps: list[Step], seconds: float) -> int:
    print()
    for step in steps:
        print(f"  {step.name:<12}{step.state:<16}{step.passed + step.failed:>5}")
    skipped = [reason for step in steps for reason in step.skipped]
    for reason in sorted(set(skipped)):
        print(f"  skipped {skipped.count(reason)}: {reason}")
    passed, failed = sum(step.passed for step in steps), sum(step.failed for step in steps)
    counts = [f"{passed} passed", f"{failed} failed"]
    counts += [f"{len(skipped)} skipped"] if skipped else []
    print(f" {', '.join(counts)} in {seconds:.2f}s ".center(80, "="), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
