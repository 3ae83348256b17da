"""Where things stand on a number line, in percent of its width. Geometry only."""

from math import log10

from msgspec import Struct

from backend.domain.reports import Result
from backend.domain.results.analytes import readable_unit
from backend.domain.results.numbers import as_number, in_french
from backend.domain.results.words import has_limits, value_words

LOG_FROM = 20
"""A range whose ends are this many times apart is drawn on a logarithmic axis."""
OUTSIDE_WIDTH = 0.8
"""What is shown beyond each limit, in ranges' widths: « repères » still fits between the limits."""
AIR = 0.15
"""What is left, in ranges' widths, between a far value and the end."""
AT_THE_END = {"left": 3.0, "right": 97.0}
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
    """`right` or `left` when the value lies off the line, or beyond the number that is given."""


def line_of(result: Result) -> Line | None:
    """The line of a numeric result with a range that can be drawn, else None."""
    number, bounds = as_number(result.value.number), result.bounds
    if number is None or bounds is None or not has_limits(bounds) or not _same_unit(result):
        return None
    low, high = as_number(bounds.low), as_number(bounds.high)
    if low is not None and high is not None and low > 0 and high / low > LOG_FROM and number > 0:
        low, high, number = log10(low), log10(high), log10(number)
        axis = _stretch(number, low, high, low - OUTSIDE_WIDTH * (high - low))
    else:
        axis = _stretch(number, low, high, _start(low, high))

    def at(place: float | None) -> float | None:
        return None if place is None else round(axis.at(place), 2)

    beyond = {"<": "left", ">": "right"}.get(result.value.comparator[:1], "")
    return Line(
        value_at=AT_THE_END.get(axis.arrow) or round(axis.at(number), 2),
        value=_short(result),
        low_at=at(low),
        low=in_french(bounds.low),
        high_at=at(high),
        high=in_french(bounds.high),
        arrow=axis.arrow or beyond,
    )


class _Axis(Struct, frozen=True):
    """From `start` to `end`; `arrow` says on which side the value lies off it."""

    start: float
    end: float
    arrow: str = ""

    def at(self, place: float) -> float:
        """In percent, never out of the drawing."""
        return min(100.0, max(0.0, (place - self.start) / (self.end - self.start) * 100))


def _start(low: float | None, high: float | None) -> float:
    """Where the axis starts: below the range, but not below a zero that means nothing."""
    if low is None:
        return min(0.0, high or 0.0)
    start = min(0.0, low) if high is None else low - OUTSIDE_WIDTH * (high - low)
    return max(0.0, start) if low >= 0 else start


def _stretch(number: float, low: float | None, high: float | None, start: float) -> _Axis:
    """The axis around the range, lengthened as far as the value when it is not too far."""
    first = start if low is None else low
    last = high if high is not None else first + (abs(first) or 1)
    width = (last - first) or 1
    end = last + OUTSIDE_WIDTH * width if high is not None else last
    if number > last + FARTHEST * width:
        return _Axis(start, last + FARTHEST * width, "right")
    if number < first - FARTHEST * width:
        return _Axis(first - FARTHEST * width, end, "left")
    air = AIR * width
    return _Axis(min(start, number - air) if number < start else start, max(end, number + air))


def _same_unit(result: Result) -> bool:
    unit = result.bounds.unit if result.bounds else ""
    return not unit or readable_unit(unit) == readable_unit(result.value.unit)


def _short(result: Result) -> str:
    """The value as it fits in its label: « < 5 » rather than « moins de 5 »."""
    sign = {"<": "< ", "<=": "≤ ", ">": "> ", ">=": "≥ "}.get(result.value.comparator, "")
    return sign + in_french(result.value.number) if sign else value_words(result.value)
