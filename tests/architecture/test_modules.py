"""House rules about modules: short, introduced by a sentence, pure where they should be."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

BACKEND = Path(__file__).parents[2] / "backend"
MODULES = sorted(
    path.relative_to(BACKEND).as_posix()
    for path in BACKEND.rglob("*.py")
    if "versions" not in path.parts  # migrations are lists of columns
)
DATA = {"codes", "demo"}
"""Folders that hold tables of values: long by nature."""

MODULE_LINES = 250
FUNCTION_LINES = 40
CLOCKS = {"now", "today", "utcnow"}


def tree(module: str) -> ast.Module:
    return ast.parse((BACKEND / module).read_text())


def functions() -> Iterator[tuple[str, int]]:
    """Every function and its number of lines."""
    for module in MODULES:
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{module}:{node.name}", (node.end_lineno or 0) - node.lineno + 1


def test_a_module_says_in_a_sentence_what_it_is_for() -> None:
    parsed = {module: tree(module) for module in MODULES}
    assert [m for m, code in parsed.items() if code.body and not ast.get_docstring(code)] == []


def test_a_module_is_short() -> None:
    lengths = {m: len((BACKEND / m).read_text().splitlines()) for m in MODULES}
    rules = {m: lines for m, lines in lengths.items() if not DATA & set(Path(m).parts)}
    assert {m: lines for m, lines in rules.items() if lines > MODULE_LINES} == {}


def test_a_function_is_short() -> None:
    assert {name: lines for name, lines in functions() if lines > FUNCTION_LINES} == {}


def test_a_rule_is_told_the_hour_and_does_not_look_at_it() -> None:
    calls = [
        (module, node.func.attr)
        for module in MODULES
        if module.startswith("domain/")
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    assert [call for call in calls if call[1] in CLOCKS] == []


def test_a_civil_day_is_taken_from_a_moment_in_one_place() -> None:
    """`.date()` is a day of UTC, another one than that of Paris for an hour or two of each night.

    So is `current_date` of a database, in the tests too: `tests/days.py`.
    """
    files = [BACKEND / module for module in MODULES if module != "domain/calendar.py"]
    files += (BACKEND.parent / "tests").rglob("*.py")
    ways = re.compile(r"\.date\(\)|current_date", re.IGNORECASE)
    found = {file.name for file in files if ways.search(file.read_text())}
    assert found == {"days.py", Path(__file__).name}
