"""Civil days are those of Paris: rights begin and end at midnight there, lists are in its days."""

from calendar import monthrange
from datetime import MAXYEAR, date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
MAJORITY = 18
MONTHS_BEFORE = 3
"""How long before a majority the parents are told."""


def civil_day(moment: datetime) -> date:
    """The day that a calendar in France shows at this moment."""
    return moment.astimezone(PARIS).date()


def in_years(day: date, years: int) -> date:
    """The same day years later; the 1st of March for the 29th of February of a common year.

    The last year of the calendar for what would come after it: 31/12/9999 may be typed.
    """
    year = min(day.year + years, MAXYEAR)
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def in_months(day: date, months: int) -> date:
    """The same day months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def age_in_words(born: date, today: date) -> str:
    """« 7 ans »; « 5 mois » before the first birthday."""
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    years = months // 12
    if years:
        return f"{years} an{'s' if years > 1 else ''}"
    return f"{max(months, 0)} mois"
