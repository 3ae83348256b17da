"""What a web process carries in memory, whether anybody asks for it or not."""

import subprocess
import sys
from pathlib import Path

SELDOM = {"fpdf", "fontTools", "PIL"}
"""Papers and drawings: 25 MB that most processes never need."""


def test_the_service_starts_without_what_makes_papers() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, backend.cli; print(*sys.modules)"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert SELDOM & set(loaded) == set()
