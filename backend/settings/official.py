"""Reads where the official files that check CDA documents are, and what their verdict is for."""

from enum import StrEnum
from pathlib import Path

from backend.settings.reading import Reader
from backend.settings.values import Official

SCHEMA = "infrastructure/cda/CDA_extended.xsd"


class _Then(StrEnum):
    WARN = "warn"
    REFUSE = "refuse"


def read_official(read: Reader) -> Official | None:
    """None without a folder: nothing is checked."""
    given = read.text("OFFICIAL_CDA")
    broken = read.one_of("OFFICIAL_CDA_BROKEN", _Then, _Then.WARN)
    unchecked = read.one_of("OFFICIAL_CDA_UNCHECKED", _Then, _Then.WARN)
    if not given:
        return None
    folder = Path(given).absolute()
    if not (folder / SCHEMA).is_file():
        read.refuse("OFFICIAL_CDA", f"must name a folder where there is {SCHEMA}.")
    return Official(folder, broken is _Then.REFUSE, unchecked is _Then.REFUSE)
