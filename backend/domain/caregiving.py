"""Aidants: adults whom another adult lets in, until a day. At most three, for a year at most.

Source: product.md §6 (three aidants a person, five people an aidant, identity match, an end date,
an attestation, either side ends it); « à l’étude » in January 2026, hence behind a setting.
"""

from datetime import date, timedelta
from enum import StrEnum

from backend.domain.calendar import in_years
from backend.domain.errors import Refused

ASKED_LIFE = timedelta(days=30)
"""How long a person who was asked may answer."""
AIDANTS_AT_MOST = 3
AIDED_AT_MOST = 5


class Mandate(StrEnum):
    """What an aidant may do in the record of the person they help. Never more than reading it."""

    READ = "lire"
    KEEP = "garder"
    """Read, and take copies away."""


def check_last_day(day: date, today: date) -> date:
    """`day`, unless it is past or more than a year away."""
    if day < today:
        raise Refused("Choisissez une date à venir.")
    if day > in_years(today, 1):
        raise Refused("Choisissez une date dans un an au plus.")
    return day
