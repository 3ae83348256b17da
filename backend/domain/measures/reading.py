"""What a person typed, read: a number, two for the tension, a moment, a context, a comment."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal

from backend.domain.calendar import PARIS
from backend.domain.errors import Refused
from backend.domain.measures.table import HEIGHT, MYSELF, ORIGINS, Measure
from backend.domain.results.numbers import in_french

NUMBER = re.compile(r"\d{1,6}(?:[.,]\d{1,4})?", re.ASCII)
TWO = re.compile(r"\s*(?:/|\bet\b)\s*")
SPACES = re.compile(r"\s+")
IN_CENTIMETRES = 40
"""A tension below is said « 13 et 8 », in centimetres of mercury; above, « 130 et 80 »."""
IN_METRES = 4
"""Nobody measures so many metres: a height from there on is in centimetres."""
SAID_HEIGHT = re.compile(r"([0-2])m(\d{2})", re.ASCII)
LONGEST_COMMENT = 150
OLDEST = date(1900, 1, 1)


def read_numbers(measure: Measure, typed: Sequence[str]) -> tuple[str, ...]:
    """The value in the unit of the table, as decimal texts; Refused says how to write it."""
    if measure.computed:
        raise Refused("Cette mesure se calcule : ajoutez un poids ou une taille.")
    if measure.key == HEIGHT:
        return (_checked(measure, _metres(typed[0])),)
    if not measure.parts:
        return (_checked(measure, _number(typed[0])),)
    first, second = _pair(typed)
    if first < IN_CENTIMETRES:  # people say 13 and 8 for what is written 130 and 80
        first, second = first * 10, second * 10
    if first <= second:
        raise Refused("Écrivez d’abord le plus grand chiffre, puis le plus petit.")
    return tuple(
        _checked(part, number) for part, number in zip(measure.parts, (first, second), strict=True)
    )


def doubt_about(measure: Measure, numbers: Sequence[str]) -> str:
    """« 820 kg, est-ce bien cela ? » for a value that is possible and surprising, else nothing."""
    halves = measure.parts or (measure,)
    if all(_is_usual(half, number) for half, number in zip(halves, numbers, strict=True)):
        return ""
    return f"{in_words(numbers)} {measure.shown}, est-ce bien cela ?"


def in_words(numbers: Sequence[str]) -> str:
    """« 72,5 », « 130/80 »."""
    return "/".join(in_french(number) for number in numbers)


def read_context(measure: Measure, text: str) -> str:
    """The answer to what the measure asks; nothing when it asks nothing."""
    if not measure.asks:
        return ""
    if text not in measure.contexts:
        moment = measure.asks == "moment"
        raise Refused("Choisissez le moment." if moment else "Choisissez le nombre de jours.")
    return text


def read_origin(text: str) -> str:
    """Where the value comes from; the person when it is not said."""
    origin = text or MYSELF
    if origin not in ORIGINS:
        raise Refused("Choisissez d’où vient cette valeur.")
    return origin


def read_day(text: str) -> date:
    """The day of the measure."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Refused("Écrivez la date, par exemple 12/11/2026.") from None


def read_hour(text: str) -> time:
    """The hour of the measure, in France."""
    try:
        return time.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        raise Refused("Écrivez l’heure, par exemple 08:30.") from None


def read_moment(day: date, hour: time, *, now: datetime, born: date | None) -> datetime:
    """When it was measured: neither to come, nor before the person’s birth."""
    at = datetime.combine(day, hour, PARIS)
    if at > now:
        raise Refused("Ce moment est à venir. Écrivez quand la mesure a été prise.")
    if day < (born or OLDEST):
        raise Refused("Cette date est avant la naissance. Vérifiez l’année.")
    return at


def read_comment(text: str) -> str:
    """One line of 150 characters at most, or nothing."""
    comment = SPACES.sub(" ", text).strip()
    if not comment.isprintable():
        raise Refused("Ce commentaire contient des signes que nous ne savons pas garder.")
    if len(comment) > LONGEST_COMMENT:
        raise Refused("Ce commentaire est trop long : 150 caractères au plus.")
    return comment


def read_goal(measure: Measure, text: str) -> str:
    """A goal in the unit of the measure; nothing to have none any more."""
    return _checked(measure, _number(text)) if text.strip() else ""


def _pair(typed: Sequence[str]) -> tuple[Decimal, Decimal]:
    """Two fields, or both numbers in the first: « 13/8 », « 13 et 8 »."""
    filled = [text for text in typed if text.strip()]
    texts = TWO.split(filled[0].strip()) if len(filled) == 1 else filled
    match texts:
        case [first, second]:
            return _number(first), _number(second)
        case _:
            raise Refused(
                "Écrivez deux chiffres : le plus grand, puis le plus petit. Exemple : 13 et 8."
            )


def _metres(text: str) -> Decimal:
    """A height as people say it: « 1,68 », « 1m68 », « 168 », which is in centimetres."""
    bare = SPACES.sub("", text.casefold())
    if said := SAID_HEIGHT.fullmatch(bare):
        return Decimal(f"{said[1]}.{said[2]}")
    number = _number(bare.removesuffix("cm").removesuffix("m"))
    return number / 100 if number >= IN_METRES else number


def _number(text: str) -> Decimal:
    digits = SPACES.sub("", text)
    if not NUMBER.fullmatch(digits):
        raise Refused("Écrivez un nombre, en chiffres.")
    return Decimal(digits.replace(",", "."))


def _checked(measure: Measure, number: Decimal) -> str:
    """The digits that were typed, when they may be that measure."""
    low, high = measure.low, measure.high
    if low is None or high is None or not low <= number <= high:
        limits = f"{in_french(str(low))} et {in_french(str(high))}"
        raise Refused(f"Écrivez un nombre entre {limits} ({measure.shown}).")
    kept = number.normalize()
    exponent = kept.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > measure.decimals:
        raise Refused(
            f"Écrivez au plus {measure.decimals} chiffre{'s' * (measure.decimals > 1)} "
            "après la virgule."
            if measure.decimals
            else "Écrivez un nombre entier, sans virgule."
        )
    return f"{kept:f}"


def _is_usual(measure: Measure, number: str) -> bool:
    low, high = measure.soft_low, measure.soft_high
    return low is None or high is None or low <= Decimal(number) <= high
