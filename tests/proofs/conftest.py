"""What every proof may ask for: how long it may take, and where to write what it measured."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")
Figure = Callable[[str, object], None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.proof)


@dataclass(frozen=True, slots=True)
class Scale:
    """Short in continuous integration, long before a release."""

    long: bool

    def of(self, short: T, long: T) -> T:
        return long if self.long else short


@pytest.fixture(scope="session")
def scale() -> Scale:
    return Scale(long=os.environ.get("PROOFS") == "long")


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Figure:
    """`figure("kills", 60)`: a line of what `make prove` prints at the end."""

    def say(what: str, value: object) -> None:
        line = json.dumps([request.node.path.stem, what, str(value)])
        print(line)  # noqa: T201 - shown when the proof fails
        if place := os.environ.get("PROOF_FIGURES"):
            with Path(place).open("a") as out:
                out.write(line + "\n")

    return say
