"""Result values, ranges and flags (interop.md §2.3): numbers stay the text that was sent."""

import re

from backend.domain.formats.cda.nodes import Node, attribute, find, find_all, kind_of, text
from backend.domain.reports import Bounds, Value, ValueKind

NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
NOTHING = Value(ValueKind.NONE)


def read_value(node: Node | None, words: dict[str, str]) -> Value:
    """One `value`, by its xsi:type; NONE when it says nothing."""
    if node is None:
        return NOTHING
    match kind_of(node):
        case "PQ" | "REAL" | "INT" | "MO":
            return _quantity(node)
        case "IVL_PQ" | "IVL_REAL" | "IVL_INT":
            return _one_sided(node)
        case "CD" | "CE" | "CV" | "CO" | "CS" | "BL":
            return _coded(node, words)
        case _:
            said = text(node) or _referenced(node, words)
            return Value(ValueKind.TEXT, text=said) if said else NOTHING


def also(node: Node | None) -> tuple[Value, ...]:
    """The same quantity in other units (`translation` of a PQ: a PQR, whose unit is its code)."""
    if node is None or kind_of(node) != "PQ":
        return ()
    return tuple(
        Value(
            ValueKind.QUANTITY,
            number,
            attribute(other, ".", "unit") or attribute(other, ".", "code"),
        )
        for other in find_all(node, "c:translation")
        if (number := _number(other))
    )


def read_bounds(observation: Node, words: dict[str, str]) -> Bounds | None:
    """The one reference range: limits, words, or both."""
    ranges = find_all(observation, "c:referenceRange/c:observationRange")
    if not ranges:
        return None
    chosen = next(
        (r for r in ranges if attribute(r, "c:interpretationCode", "code") == "N"), ranges[0]
    )
    value = find(chosen, "c:value")
    low, high = find(value, "c:low"), find(value, "c:high")
    said = text(chosen, "c:text") or _referenced(find(chosen, "c:text"), words)
    if value is not None and kind_of(value) in {"ST", "ED"}:
        said = said or text(value)
    bounds = Bounds(
        low=_number(low),
        high=_number(high),
        unit=attribute(low, ".", "unit") or attribute(high, ".", "unit"),
        low_inclusive=attribute(low, ".", "inclusive") != "false",
        high_inclusive=attribute(high, ".", "inclusive") != "false",
        text=said,
    )
    return bounds if bounds.low or bounds.high or bounds.text else None


def _quantity(node: Node) -> Value:
    number = _number(node)
    return (
        Value(ValueKind.QUANTITY, number=number, unit=node.get("unit", "")) if number else NOTHING
    )


def _one_sided(node: Node) -> Value:
    """`<`, `<=`, `>`, `>=`: an interval with one limit. Two limits are words."""
    low, high = find(node, "c:low"), find(node, "c:high")
    low_number, high_number = _number(low), _number(high)
    if low_number and high_number:
        unit = attribute(low, ".", "unit") or attribute(high, ".", "unit")
        return Value(ValueKind.TEXT, text=f"{low_number} – {high_number} {unit}".strip())
    limit, sign, number = (low, ">", low_number) if low_number else (high, "<", high_number)
    if not number:
        return NOTHING
    inclusive = attribute(limit, ".", "inclusive") != "false"
    comparator = sign + ("=" if inclusive else "")
    unit = attribute(limit, ".", "unit")
    return Value(ValueKind.QUANTITY, number=number, unit=unit, comparator=comparator)


def _coded(node: Node, words: dict[str, str]) -> Value:
    original = find(node, "c:originalText")
    label = (
        node.get("displayName")
        or text(original)
        or _referenced(original, words)
        or attribute(node, "c:translation", "displayName")
        or attribute(node, ".", "value")
    ).strip()
    code = node.get("code", "")
    if not label and not code:
        return NOTHING
    return Value(ValueKind.CODED, text=label or code, code=code, system=node.get("codeSystem", ""))


def _referenced(node: Node | None, words: dict[str, str]) -> str:
    return words.get(attribute(node, "c:reference", "value").removeprefix("#"), "")


def _number(node: Node | None) -> str:
    value = attribute(node, ".", "value").replace(",", ".")
    return value if NUMBER.fullmatch(value) else ""
