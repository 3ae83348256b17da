"""A result that waits for its announcement: who presses whom, and when. Pure."""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from backend.domain.errors import Refused

REASON_AT_MOST = 500


class Call(StrEnum):
    """Why the people of a laboratory are called about a result that waits: each once."""

    REMINDER = "reminder"
    """The day that its owner chose."""
    WEEK = "day-7"
    URGENT = "day-12"
    EVERYBODY = "everybody"
    """Nobody did anything: every biologist of the site."""


class Announced(Struct, frozen=True):
    """« Annonce faite »: which day, and by whom, as who released it wrote it."""

    on: date
    by: str


def read_reason(text: str) -> str:
    """Why it waits, in the words of who deposited it; nothing is a reason too."""
    words = " ".join(text.split())
    if len(words) > REASON_AT_MOST:
        raise Refused(f"Ce motif a plus de {REASON_AT_MOST} caractères : raccourcissez-le.")
    return words
