"""How one analysis moved: points to scale in time, and where the line must break."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from msgspec import Struct

from backend.domain.calendar import civil_day
from backend.domain.reports import Previous, Result, ValueKind
from backend.domain.results.analytes import analyte_key, method_of, readable_unit
from backend.domain.results.numbers import as_number
from backend.domain.results.words import OUTSIDE, has_limits, place_of, value_words


class Past(Struct, frozen=True):
    """An earlier result of the same record."""

    result: Result
    on: datetime
    laboratory: str
    document_id: UUID | None = None
    """None for a value that a laboratory quotes."""
    provisional: bool = False


class Point(Struct, frozen=True):
    """One value. `at` is its place in time, from 0 to 1; `low` and `high` its own range."""

    on: datetime
    at: float
    number: float
    words: str
    outside: bool
    laboratory: str
    method: str
    low: float | None
    high: float | None
    breaks: bool = False
    """The line does not join it to the point before: another laboratory or method."""


class Trend(Struct, frozen=True):
    """At least two points, the oldest first."""

    points: tuple[Point, ...]
    unit: str
    ranges_changed_on: datetime | None


def by_analyte(past: Sequence[Past]) -> Mapping[str, Sequence[Past]]:
    """Final earlier results, those of each analysis and unit together."""
    found: dict[str, list[Past]] = defaultdict(list)
    for earlier in past:
        if not earlier.provisional:
            found[analyte_key(earlier.result)].append(earlier)
    return found


def trend_of(
    result: Result, on: datetime, laboratory: str, past: Mapping[str, Sequence[Past]]
) -> Trend | None:
    """The trend that ends with `result`; None with fewer than two points.

    Same analysis and unit only, final plain numbers only.
    """
    ours = Past(result, on, laboratory)
    series = [*series_before(ours, past.get(analyte_key(result), ())), ours]
    return draw(series) if is_plain(result) else None


def series_before(ours: Past, known: Sequence[Past]) -> Sequence[Past]:
    """The plain values before `ours`, the oldest first.

    Those that its laboratory quotes itself are used where no report of the record gives that day.
    """
    result, key = ours.result, analyte_key(ours.result)
    days = {civil_day(p.on) for p in known}
    quoted = [
        _quoted(result, earlier, ours.laboratory, earlier.on)
        for earlier in result.previous
        if earlier.on and civil_day(earlier.on) not in days
    ]
    before = [p for p in (*known, *quoted) if p.on < ours.on and analyte_key(p.result) == key]
    return [p for p in sorted(before, key=_when) if is_plain(p.result)]


def draw(series: Sequence[Past]) -> Trend | None:
    """These values as a trend, the oldest first; None with fewer than two."""
    if len(series) < 2:  # noqa: PLR2004
        return None
    return Trend(
        points=_points(series),
        unit=readable_unit(series[-1].result.value.unit),
        ranges_changed_on=_ranges_changed_on(series),
    )


def _points(series: Sequence[Past]) -> tuple[Point, ...]:
    first, last = series[0].on, series[-1].on
    span = (last - first).total_seconds() or 1.0
    points: list[Point] = []
    for past in series:
        result, before = past.result, points[-1] if points else None
        drawn = result.bounds if has_limits(result.bounds) else None
        points.append(
            Point(
                on=past.on,
                at=(past.on - first).total_seconds() / span,
                number=as_number(result.value.number) or 0.0,
                words=value_words(result.value),
                outside=place_of(result).standing in OUTSIDE,
                laboratory=past.laboratory,
                method=method_of(result),
                low=as_number(drawn.low) if drawn else None,
                high=as_number(drawn.high) if drawn else None,
                breaks=before is not None and _breaks(before, past),
            )
        )
    return tuple(points)


def _breaks(before: Point, past: Past) -> bool:
    """Never joined across two methods, nor across two laboratories that do not name theirs."""
    method = method_of(past.result)
    if before.method and method:
        return before.method != method
    return before.laboratory != past.laboratory


def _ranges_changed_on(series: Sequence[Past]) -> datetime | None:
    """The day of the last change of range at one laboratory."""
    changed = None
    for before, after in pairwise(series):
        if before.laboratory == after.laboratory and before.result.bounds and after.result.bounds:
            one, two = before.result.bounds, after.result.bounds
            if (one.low, one.high) != (two.low, two.high):
                changed = after.on
    return changed


def _quoted(result: Result, earlier: Previous, laboratory: str, on: datetime) -> Past:
    """A value quoted in the report: its range is not known."""
    quoted = Result(
        label=result.label,
        value=earlier.value,
        loinc=earlier.loinc or result.loinc,
        local_code=result.local_code,
        local_system=result.local_system,
        method=result.method,
    )
    return Past(quoted, on, laboratory)


def is_plain(result: Result) -> bool:
    """A number that a chart may place: final, and neither « moins de » nor words."""
    value = result.value
    return (
        value.kind is ValueKind.QUANTITY
        and not value.comparator
        and result.status == "completed"
        and as_number(value.number) is not None
    )


def _when(past: Past) -> datetime:
    return past.on
