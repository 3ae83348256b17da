"""Civil days are those of Paris: rights begin and end at midnight there, lists are in its days."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def civil_day(moment: datetime) -> date:
    """The day that a calendar in France shows at this moment."""
    return moment.astimezone(PARIS).date()
