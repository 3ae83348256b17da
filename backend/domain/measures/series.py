"""Measures one after the other: typed or read in reports, the body mass index, the curves."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

from msgspec import Struct

from backend.domain.calendar import MAJORITY, civil_day, in_years
from backend.domain.measures.reading import in_words
from backend.domain.measures.table import BMI, MYSELF, ORIGINS, Measure, measure_of
from backend.domain.reports import Result, Value, ValueKind
from backend.domain.results import Past, Point, Trend, stored_keys
from backend.domain.results.trends import is_plain

GROWING = timedelta(days=90)
"""How long the height of a child holds; that of an adult does until the next one."""


class Measured(Struct, frozen=True):
    """One value in the unit of the table, as it is sealed: two numbers for the tension."""

    measure: str
    numbers: tuple[str, ...]
    context: str = ""
    comment: str = ""
    origin: str = MYSELF


class Source(Struct, frozen=True):
    """The report that a value was read in."""

    document_id: UUID
    laboratory: str


class Reading(Struct, frozen=True):
    """One value at its moment."""

    at: datetime
    value: Measured
    id: UUID | None = None
    """Of the row; None for what was not typed: it goes away with what it comes from."""
    source: Source | None = None

    @property
    def measure(self) -> Measure:
        """What was measured."""
        return measure_of(self.value.measure)

    @property
    def words(self) -> str:
        """« 72,5 », « 130/80 »."""
        return in_words(self.value.numbers)

    @property
    def context(self) -> str:
        """« À jeun », « Sur 14 jours », or nothing."""
        return self.measure.contexts.get(self.value.context, "")

    @property
    def origin(self) -> str:
        """« moi », « un appareil », « une application »; nothing for what nobody typed."""
        return ORIGINS.get(self.value.origin, "") if self.id else ""


class Curve(Struct, frozen=True):
    """How a measure, or one half of it, moved."""

    name: str
    trend: Trend


def names_in_reports(measure: Measure) -> frozenset[str]:
    """The names under which results of reports that are this measure were stored."""
    alike = (
        Result(label="", value=Value(ValueKind.QUANTITY, unit=measure.unit), loinc=code)
        for code in measure.reports
    )
    return frozenset[str]().union(*map(stored_keys, alike))


def reading_of(past: Past, measure: Measure) -> Reading | None:
    """A final number of a report, in the very code and unit of the measure.

    None otherwise: nothing is converted, so what a laboratory gives in another unit is not taken.
    """
    result = past.result
    taken = result.loinc in measure.reports and result.value.unit == measure.unit
    if not taken or past.provisional or past.document_id is None or not is_plain(result):
        return None
    number = result.value.number.replace(",", ".").strip()
    source = Source(past.document_id, past.laboratory)
    return Reading(past.on, Measured(measure.key, (number,)), source=source)


def compute_bmi(
    weights: Sequence[Reading], heights: Sequence[Reading], born: date | None
) -> list[Reading]:
    """Of each weight, by the latest height known that day; none without one.

    A child grows: their height holds three months.
    """
    ordered = sorted(heights, key=_when)
    found = []
    for weight in weights:
        day = civil_day(weight.at)
        known = [height for height in ordered if civil_day(height.at) <= day]
        if not known or (_is_child(born, day) and weight.at - known[-1].at > GROWING):
            continue
        metres = Decimal(known[-1].value.numbers[0])
        index = Decimal(weight.value.numbers[0]) / (metres * metres)
        found.append(Reading(weight.at, Measured(BMI, (f"{index:.1f}",))))
    return found


def curves_of(measure: Measure, readings: Sequence[Reading]) -> tuple[Curve, ...]:
    """One for each half, from the oldest; none with fewer than two values."""
    ordered = sorted(readings, key=_when)
    if not ordered[1:]:
        return ()
    halves = measure.parts or (measure,)
    return tuple(
        Curve(half.name, Trend(_points(ordered, which), half.shown, None))
        for which, half in enumerate(halves)
    )


def _points(ordered: Sequence[Reading], which: int) -> tuple[Point, ...]:
    first = ordered[0].at
    span = (ordered[-1].at - first).total_seconds() or 1.0
    return tuple(
        Point(
            on=reading.at,
            at=(reading.at - first).total_seconds() / span,
            number=float(reading.value.numbers[which]),
            words=in_words(reading.value.numbers[which : which + 1]),
            outside=False,
            laboratory="",
            method="",
            low=None,
            high=None,
            breaks=_laboratory(reading) != _laboratory(before),
        )
        for before, reading in pairwise((ordered[0], *ordered))
    )


def _laboratory(reading: Reading) -> str:
    return reading.source.laboratory if reading.source else ""


def _is_child(born: date | None, day: date) -> bool:
    return born is not None and day < in_years(born, MAJORITY)


def _when(reading: Reading) -> datetime:
    return reading.at
