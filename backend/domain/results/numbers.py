"""Numbers as laboratories write them: texts, read when they must be placed, never rounded."""

from decimal import Decimal, InvalidOperation
from math import isfinite

NARROW = "\u202f"
THOUSANDS = 5
"""Digits from which a number is spaced in French: 10 000, but 1000."""


def as_number(text: str) -> float | None:
    """The number that the text says, for drawing; None when it says none."""
    try:
        number = float(Decimal(text.replace(",", ".").strip()))
    except (InvalidOperation, ValueError):
        return None
    return number if isfinite(number) else None


def in_french(text: str) -> str:
    """`1.950` is « 1,950 », `250000` is « 250 000 »: the digits that were sent, no other."""
    whole, dot, rest = text.strip().replace(",", ".").partition(".")
    sign = whole[:1] if whole[:1] in "+-" else ""
    digits = whole.removeprefix(sign)
    if digits.isdigit() and len(digits) >= THOUSANDS:
        head = len(digits) % 3
        groups = [digits[:head]] if head else []
        groups += [digits[i : i + 3] for i in range(head, len(digits), 3)]
        digits = NARROW.join(groups)
    return f"{sign.replace('-', '−')}{digits}{',' if dot else ''}{rest}"
