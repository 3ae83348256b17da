"""What somebody who cannot come in any more may type."""

import re
from datetime import date
from unicodedata import normalize

from backend.domain.errors import Refused
from backend.domain.sign_in import read_code

DATE = re.compile(r"(\d{1,2})[\s./-]+(\d{1,2})[\s./-]+(\d{4})|(\d{2})(\d{2})(\d{4})", re.ASCII)
BAD_DATE = "Écrivez votre date de naissance comme 21/09/1978."


def read_birth_date(text: str) -> date:
    """« 21/09/1978 », « 14 5 1991 », « 14051991 », or Refused."""
    found = DATE.fullmatch(normalize("NFKC", text[:50]).strip())
    if found is None:
        raise Refused(BAD_DATE)
    day, month, year = (int(part) for part in found.groups() if part)
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Refused(BAD_DATE) from error


def read_optional_code(text: str) -> str:
    """Six digits, or nothing."""
    return read_code(text) if text.strip() else ""
