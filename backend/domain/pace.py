"""How many different records one professional opens: when it is told, when it stops."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from msgspec import Struct


class Span(StrEnum):
    """Over how long records are counted."""

    HOUR = "heure"
    DAY = "jour"


LENGTHS = {Span.HOUR: timedelta(hours=1), Span.DAY: timedelta(days=1)}


class Pace(Struct, frozen=True):
    """What a structure hears of from `told` records on, and what stops at `most`."""

    told: int
    most: int


Paces = Mapping[Span, Pace]


def stopped(opened: Mapping[Span, int], paces: Paces) -> Span | None:
    """Over which span one more different record would be too many."""
    return next((span for span in Span if opened[span] >= paces[span].most), None)


def worth_telling(opened: Mapping[Span, int], paces: Paces) -> list[Span]:
    """Over which spans, this record counted, it is time to tell."""
    return [span for span in Span if opened[span] + 1 >= paces[span].told]
