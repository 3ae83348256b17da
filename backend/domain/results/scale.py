"""Where things stand on a number line, in percent of its width. Geometry only."""

from math import log10

from msgspec import Struct

from backend.domain.reports import Bounds, Result
from backend.domain.results.numbers import as_number, in_french
from backend.domain.results.words import has_limits, value_words

LOG_FROM = 20
"""A range whose ends are this many times apart is drawn on a logarithmic axis."""
FARTHEST = 2.5
"""Ranges' widths beyond a limit at which a value is drawn at the end, with an arrow."""


class Line(Struct, frozen=True):
    """One number line: positions in percent, labels in French; `None` where there is no limit."""

    value_at: float
    value: str
    low_at: float | None
    low: str
    high_at: float | None
    high: str
    arrow: str = ""
    """`right` or `left` when the value lies off the line."""


def line_of(result: Result) -> Line | None:
    """The line of a numeric result with a range that can be drawn, else None."""
    number = as_number(result.value.number)
    bounds = result.bounds
    if number is None or bounds is None or not has_limits(bounds):
        return None
    low, high = as_number(bounds.low), as_number(bounds.high)
    if low is not None and high is not None and low > 0 and high / low > LOG_FROM and number > 0:
        return _draw(result, bounds, log10(number), log10(low), log10(high))
    return _draw(result, bounds, number, low, high)


def _draw(
    result: Result, bounds: Bounds, number: float, low: float | None, high: float | None
) -> Line:
    start, end = _ends(low, high)
    width = (high if high is not None else end) - (low if low is not None else start)
    reach = FARTHEST * width
    arrow = ""
    if number > end:
        arrow = "right" if number > (high if high is not None else end) + reach else ""
        end = end + reach if arrow else number + width * 0.15
    elif number < start:
        arrow = "left" if number < (low if low is not None else start) - reach else ""
        start = start - reach if arrow else number - width * 0.15

    def at(place: float) -> float:
        return round(min(100.0, max(0.0, (place - start) / (end - start) * 100)), 2)

    return Line(
        value_at={"right": 97.0, "left": 3.0}.get(arrow, at(number)),
        value=_short(result),
        low_at=None if low is None else at(low),
        low=in_french(bounds.low),
        high_at=None if high is None else at(high),
        high=in_french(bounds.high),
        arrow=arrow,
    )


def _ends(low: float | None, high: float | None) -> tuple[float, float]:
    """The ends of the axis before the value stretches it."""
    if low is not None and high is not None:
        width = (high - low) * 0.8
        return low - width, high + width
    if high is not None:
        return min(0.0, high), high + abs(high or 1) * 0.6
    assert low is not None
    return min(0.0, low), low + abs(low or 1)


def _short(result: Result) -> str:
    """The value as it fits in its label: « < 5 » rather than « moins de 5 »."""
    sign = {"<": "< ", "<=": "≤ ", ">": "> ", ">=": "≥ "}.get(result.value.comparator, "")
    return sign + in_french(result.value.number) if sign else value_words(result.value)
