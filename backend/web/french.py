"""Dates, hours and plurals as people write them in France. Hours are those of Paris."""

import re
from datetime import date, datetime

from babel.dates import format_date

from backend.domain.calendar import PARIS, civil_day

NARROW = "\u202f"
BEFORE, AFTER = re.compile(r" (?=[:;!?%»])"), re.compile(r"(?<=«) ")
LOCALE = "fr_FR"


def day(moment: datetime | date) -> str:
    """« 12 novembre 2026 », « 1er mars 2026 »."""
    return _first(format_date(_civil(moment), "d MMMM y", locale=LOCALE))


def short_day(moment: datetime | date) -> str:
    """« 12 nov. 2026 »."""
    return _first(format_date(_civil(moment), "d MMM y", locale=LOCALE))


def hour(moment: datetime) -> str:
    """« 8 h 05 »."""
    local = moment.astimezone(PARIS)
    return f"{local.hour}{NARROW}h{NARROW}{local.minute:02d}"


def day_and_hour(moment: datetime) -> str:
    """« 12 novembre 2026 à 8 h 05 »."""
    return f"{day(moment)} à {hour(moment)}"


def ago(moment: datetime, now: datetime) -> str:
    """« aujourd’hui à 8 h 05 », « hier à 18 h 42 », then the date."""
    days = (civil_day(now) - civil_day(moment)).days
    word = {0: "aujourd’hui", 1: "hier"}.get(days)
    return f"{word} à {hour(moment)}" if word else day_and_hour(moment)


def month_year(moment: datetime | date) -> str:
    """« novembre 2026 »."""
    return format_date(_civil(moment), "MMMM y", locale=LOCALE)


def plural(count: int, one: str, many: str) -> str:
    """In French, zero and one are singular."""
    return one if abs(count) < 2 else many  # noqa: PLR2004


def spaced(text: str) -> str:
    """The spaces that French puts inside « » and before : ; ! ? %, which do not break."""
    return BEFORE.sub(NARROW, AFTER.sub(NARROW, text))


def _civil(moment: datetime | date) -> date:
    return civil_day(moment) if isinstance(moment, datetime) else moment


def _first(text: str) -> str:
    return "1er" + text[1:] if text.startswith("1 ") else text
