"""The table of promises names proofs that exist, and every proof keeps a promise of the table."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROOFS = ROOT / "tests/proofs"
TABLE = (ROOT / "docs/reliability.md").read_text()
NAMED = set(re.findall(r"`([\w/]+\.py)::(test_\w+)`", TABLE))


def proofs() -> set[tuple[str, str]]:
    """(file, test) of every proof."""
    return {
        (file.relative_to(PROOFS).as_posix(), node.name)
        for file in PROOFS.rglob("test_*.py")
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }


def test_each_proof_named_in_the_table_exists() -> None:
    assert len(NAMED) > 30
    elsewhere = {named for named in NAMED if named[0].startswith("tests/")}
    assert NAMED - elsewhere - proofs() == set()
    for file, test in elsewhere:
        assert f"def {test}(" in (ROOT / file).read_text(), test


def test_each_proof_is_in_the_table() -> None:
    assert proofs() - NAMED == set()


def test_what_else_the_table_points_at_exists() -> None:
    for path in re.findall(r"`((?:tests|docs)/[\w./]+)`", TABLE):
        assert (ROOT / path).exists(), path
