"""A result's value, in the data types of the CDA; and in words, for its narrative."""

from backend.domain.formats.cda_writer.elements import (
    LOINC,
    Element,
    code,
    el,
    reference,
)
from backend.domain.reports import Bounds, Value, ValueKind

UCUM = "2.16.840.1.113883.6.8"
LONG = 4
SIGNS = {"<=": "≤", ">=": "≥"}


def write_value(value: Value, *translations: Value, cell: str = "") -> Element | None:
    """`value` as PQ, REAL, IVL_PQ, CD or ED; None when there is no value to write."""
    also = [_translation(other) for other in translations]
    match value.kind:
        case ValueKind.QUANTITY if value.comparator:
            return _open_interval(value, also)
        case ValueKind.QUANTITY if value.unit:
            return el("value", also, xsi_type="PQ", **_quantity(value.number, value.unit))
        case ValueKind.QUANTITY:
            return el("value", also, xsi_type="REAL", value=value.number)
        case ValueKind.CODED:
            return _coded(value, cell)
        case ValueKind.TEXT:
            return el("value", value.text, xsi_type="ED")
        case _:
            return None


def _translation(value: Value) -> Element:
    """The same quantity in another unit: a PQR, whose unit is a code."""
    return el("translation", value=value.number, code=value.unit, codeSystem=UCUM)


def _quantity(number: str, unit: str) -> dict[str, str]:
    return {"value": number} | ({"unit": unit} if unit else {})


def _open_interval(value: Value, also: list[Element]) -> Element:
    """« < 5 » is everything below 5, « ≥ 200 » everything from 200."""
    side = "high" if value.comparator.startswith("<") else "low"
    inclusive = "true" if value.comparator.endswith("=") else "false"
    bound = el(side, also, inclusive=inclusive, **_quantity(value.number, value.unit))
    return el("value", bound, xsi_type="IVL_PQ")


def _coded(value: Value, cell: str) -> Element:
    words = reference(cell) if cell else el("originalText", value.text)
    if not value.code:
        return el("value", words, xsi_type="CD")
    system = value.system or LOINC
    return code(
        value.code,
        words,
        display=value.text,
        system=system,
        name="value",
        xsi_type="CD",
    )


def write_range(bounds: Bounds, cell: str) -> Element:
    """The laboratory's range: an interval, words, or both."""
    numbers = None
    if bounds.low or bounds.high:
        numbers = el(
            "value",
            _limit("low", bounds.low, bounds.unit, inclusive=bounds.low_inclusive),
            _limit("high", bounds.high, bounds.unit, inclusive=bounds.high_inclusive),
            xsi_type="IVL_PQ",
        )
    return el(
        "referenceRange",
        el(
            "observationRange",
            reference(cell, "text") if bounds.text else None,
            numbers,
            code("N", system="2.16.840.1.113883.5.83", name="interpretationCode"),
            classCode="OBS",
            moodCode="EVN.CRT",
        ),
        typeCode="REFV",
    )


def _limit(name: str, number: str, unit: str, *, inclusive: bool) -> Element | None:
    if not number:
        return None
    return el(name, inclusive="true" if inclusive else "false", **_quantity(number, unit))


def say_value(value: Value) -> str:
    """« < 5 mg/L », « 1,18 g/L », « Négatif »."""
    if value.kind is not ValueKind.QUANTITY:
        return value.text
    sign = SIGNS.get(value.comparator, value.comparator)
    return " ".join(part for part in (sign, _comma(value.number), say_unit(value.unit)) if part)


def say_bounds(bounds: Bounds) -> str:
    """« 0,74 – 1,06 », « < 1,60 », « ≥ 0,40 »; the words stand apart."""
    low, high = _comma(bounds.low), _comma(bounds.high)
    if low and high:
        return f"{low} – {high}"
    if high:
        return f"{'≤' if bounds.high_inclusive else '<'} {high}"
    if low:
        return f"{'≥' if bounds.low_inclusive else '>'} {low}"
    return ""


def say_unit(unit: str) -> str:
    """A UCUM unit as laboratories print it: `10*9/L` → `10⁹/L`, `umol/L` → `µmol/L`."""
    if unit.startswith("{"):
        return ""
    spoken = unit.replace("10*12/", "10¹²/").replace("10*9/", "10⁹/").replace("10*6/", "10⁶/")
    spoken = spoken.replace("[IU]", "UI").replace("{1.73_m2}", "1,73 m²")
    for ascii_unit, printed in (("umol", "µmol"), ("ug/", "µg/"), ("uU", "µU")):
        spoken = spoken.replace(ascii_unit, printed)
    return spoken


def _comma(number: str) -> str:
    """A decimal comma, and thousands set apart from 10 000 on."""
    whole, dot, decimals = number.partition(".")
    if whole.isdecimal() and len(whole) > LONG:
        whole = f"{int(whole):,}".replace(",", "\u202f")
    return whole + dot.replace(".", ",") + decimals
