"""Dates as people write them."""

import re
from datetime import date
from unicodedata import normalize

from backend.domain.errors import Refused

DATE = re.compile(
    r"(?P<d>\d{1,2})[\s./-]+(?P<m>\d{1,2})[\s./-]+(?P<y>\d{4})"
    r"|(?P<d2>\d{2})(?P<m2>\d{2})(?P<y2>\d{4})"
    r"|(?P<y3>\d{4})-(?P<m3>\d{2})-(?P<d3>\d{2})",
    re.ASCII,
)
BIRTH = "Écrivez une date de naissance comme 21/09/1978."


def read_date(text: str, problem: str) -> date:
    """« 21/09/1978 », « 14 5 1991 », « 14051991 », what a date field sends; or Refused(problem)."""
    found = DATE.fullmatch(normalize("NFKC", text[:50]).strip())
    if found is None:
        raise Refused(problem)
    parts = {name[0]: int(part) for name, part in found.groupdict().items() if part}
    try:
        return date(parts["y"], parts["m"], parts["d"])
    except ValueError as error:
        raise Refused(problem) from error


def read_birth_date(text: str) -> date:
    """Somebody's day of birth."""
    return read_date(text, BIRTH)
