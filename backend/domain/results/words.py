"""A result in French words: value, unit, where it stands. Only what the laboratory sent."""

from enum import StrEnum

from msgspec import Struct

from backend.domain.reports import Bounds, Result, Value, ValueKind
from backend.domain.results.analytes import readable_unit
from backend.domain.results.numbers import as_number, in_french

NO_RANGE = "Le laboratoire n’a pas donné de repères."
NO_RESULT = (
    "Pas de résultat : l’échantillon n’a pas pu être analysé. Ce n’est pas un signe de maladie."
)
COMPARED = "Placé par comparaison avec les repères du laboratoire."
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
    """Whether a bar can be drawn: limits that make a range (samples have low = high, or crossed)."""
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
        return f"{name} : {NO_RESULT}"
    unit = readable_unit(result.value.unit)
    limits = range_words(result.bounds)
    if not limits:
        return f"{name} : {value} {unit}".strip() + f". {NO_RANGE}"
    return f"{name} : {value} {unit}".strip() + (
        f". Repères du laboratoire : {limits} {unit}".rstrip() + "."
    )


def _compare(value: Value, bounds: Bounds | None) -> Place:
    """Only when nothing is left to guess: same unit, plain number, limits that make a range."""
    number = as_number(value.number)
    if bounds is None or not has_limits(bounds) or number is None:
        return Place(Standing.UNKNOWN)
    if bounds.unit and readable_unit(bounds.unit) != readable_unit(value.unit):
        return Place(Standing.UNKNOWN)
    low, high = as_number(bounds.low), as_number(bounds.high)
    above = high is not None and (number > high or (number == high and not bounds.high_inclusive))
    below = low is not None and (number < low or (number == low and not bounds.low_inclusive))
    if value.comparator.startswith(">"):
        certain = high is not None and number >= high
        return Place(Standing.ABOVE if certain else Standing.UNKNOWN, computed=certain)
    if value.comparator.startswith("<"):
        if low is not None:
            return Place(
                Standing.BELOW if number <= low else Standing.UNKNOWN, computed=number <= low
            )
        inside = high is not None and number <= high
        return Place(Standing.INSIDE if inside else Standing.UNKNOWN, computed=inside)
    standing = Standing.ABOVE if above else Standing.BELOW if below else Standing.INSIDE
    return Place(standing, computed=True)
