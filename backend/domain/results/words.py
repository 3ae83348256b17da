"""A result in French words: value, unit, where it stands. Only what the laboratory sent."""

from enum import StrEnum

from msgspec import Struct

from backend.domain.reports import Bounds, Result, Value, ValueKind
from backend.domain.results.analytes import readable_unit
from backend.domain.results.numbers import as_number, in_french

NO_RANGE = "Le laboratoire n’a pas donné de repères."
NO_RESULT = (
    "Pas de résultat\u202f: l’échantillon n’a pas pu être analysé. "
    "Ce n’est pas un signe de maladie."
)
COLON = "\u202f: "
COMPARATORS = {"<": "moins de", "<=": "au plus", ">": "plus de", ">=": "au moins", "": ""}


class Standing(StrEnum):
    """Where a result stands, as the laboratory flagged it."""

    INSIDE = "inside"
    ABOVE = "above"
    BELOW = "below"
    IMPORTANT = "important"
    UNUSUAL = "unusual"
    UNKNOWN = "unknown"


OUTSIDE = frozenset({Standing.ABOVE, Standing.BELOW, Standing.IMPORTANT, Standing.UNUSUAL})
PILLS = {
    Standing.INSIDE: "Dans les repères",
    Standing.ABOVE: "Au-dessus des repères",
    Standing.BELOW: "En dessous des repères",
    Standing.IMPORTANT: "Résultat important",
    Standing.UNUSUAL: "Inhabituel",
    Standing.UNKNOWN: "",
}
FLAGS = {
    **dict.fromkeys(("HH", "LL", "AA"), Standing.IMPORTANT),
    **dict.fromkeys(("H", "HU", "HX", ">"), Standing.ABOVE),
    **dict.fromkeys(("L", "LU", "LX", "<"), Standing.BELOW),
    "A": Standing.UNUSUAL,
    "N": Standing.INSIDE,
}
"""ObservationInterpretation codes (2.16.840.1.113883.5.83). Absence is not normal."""


class Place(Struct, frozen=True):
    """A standing, and whether it was computed by comparison for want of a flag."""

    standing: Standing
    computed: bool = False

    @property
    def words(self) -> str:
        """« Au-dessus des repères »."""
        return PILLS[self.standing]

    @property
    def outside(self) -> bool:
        """To be looked at."""
        return self.standing in OUTSIDE


def place_of(result: Result) -> Place:
    """The laboratory's flag; without one, the value against the laboratory's own range."""
    flagged = [FLAGS[flag] for flag in result.flags if flag in FLAGS]
    for standing in (Standing.IMPORTANT, Standing.ABOVE, Standing.BELOW, Standing.UNUSUAL):
        if standing in flagged:
            return Place(standing)
    if flagged:
        return Place(Standing.INSIDE)
    if result.flags or result.status == "aborted":
        return Place(Standing.UNKNOWN)
    return _compare(result.value, result.bounds)


def has_limits(bounds: Bounds | None) -> bool:
    """Whether a bar can be drawn: its limits make a range (some send low = high)."""
    if bounds is None:
        return False
    low, high = as_number(bounds.low), as_number(bounds.high)
    if low is not None and high is not None:
        return low < high
    return low is not None or high is not None


def value_words(value: Value) -> str:
    """« 1,18 », « moins de 5 », « Négatif »; empty when there is none."""
    match value.kind:
        case ValueKind.QUANTITY:
            return f"{COMPARATORS[value.comparator]} {in_french(value.number)}".strip()
        case ValueKind.NONE:
            return ""
        case _:
            return value.text[:1].upper() + value.text[1:]


def range_words(bounds: Bounds | None) -> str:
    """« de 0,74 à 1,06 », « moins de 1,60 », or the laboratory's own words; empty without."""
    if bounds is None:
        return ""
    low, high = in_french(bounds.low), in_french(bounds.high)
    if low and high:
        said = f"de {low} à {high}"
    elif high:
        said = f"{'au plus' if bounds.high_inclusive else 'moins de'} {high}"
    elif low:
        said = f"{'au moins' if bounds.low_inclusive else 'plus de'} {low}"
    else:
        return bounds.text
    return said


def sentence(name: str, result: Result) -> str:
    """The whole result in one sentence, for the ear, the search and the printer."""
    value = value_words(result.value)
    if not value:
        return f"{name}{COLON}{NO_RESULT}"
    unit = readable_unit(result.value.unit)
    said = f"{name}{COLON}{with_unit(value, unit)}."
    limits = range_words(result.bounds)
    if limits:
        shown = unit if has_numbers(result.bounds) else ""
        return f"{said} Repères du laboratoire{COLON}{with_unit(limits, shown)}."
    return f"{said} {NO_RANGE}" if result.value.kind is ValueKind.QUANTITY else said


def with_unit(words: str, unit: str) -> str:
    """« 1,18 g/L », kept on one line; « 12 » when there is no unit."""
    return f"{words}\u00a0{unit}" if unit else words


def has_numbers(bounds: Bounds | None) -> bool:
    """Whether the range is made of numbers, to be read with the unit, or of words only."""
    return bounds is not None and bool(bounds.low or bounds.high)


def _compare(value: Value, bounds: Bounds | None) -> Place:
    """Only when nothing is left to guess: same unit, plain number, limits that make a range."""
    number = as_number(value.number)
    if bounds is None or not has_limits(bounds) or number is None:
        return Place(Standing.UNKNOWN)
    if bounds.unit and readable_unit(bounds.unit) != readable_unit(value.unit):
        return Place(Standing.UNKNOWN)
    low, high = as_number(bounds.low), as_number(bounds.high)
    if value.comparator:
        return _compare_open(value.comparator, number, low, high)
    above = high is not None and (number > high or (number == high and not bounds.high_inclusive))
    below = low is not None and (number < low or (number == low and not bounds.low_inclusive))
    standing = Standing.ABOVE if above else Standing.BELOW if below else Standing.INSIDE
    return Place(standing, computed=True)


def _compare_open(comparator: str, number: float, low: float | None, high: float | None) -> Place:
    """« moins de 5 » stands somewhere only if every value that it may be stands there."""
    rising, strict = comparator.startswith(">"), comparator in {"<", ">"}

    def past(limit: float | None) -> bool:
        """Every possible value is beyond this limit, in the direction of the comparator."""
        if limit is None:
            return False
        return (strict and number == limit) or (number > limit if rising else number < limit)

    ahead, behind = (high, low) if rising else (low, high)
    if past(ahead):
        return Place(Standing.ABOVE if rising else Standing.BELOW, computed=True)
    if ahead is None and past(behind):
        return Place(Standing.INSIDE, computed=True)
    return Place(Standing.UNKNOWN)
