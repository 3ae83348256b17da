"""How long a result may wait for its consultation d’annonce (article R.1111-53 CSP).

Not announced fourteen days after its deposit, its patient is told that something came and invited
to see a doctor; a month after, it shows. Days are civil days in Paris.
"""

from datetime import date, datetime, timedelta

from backend.domain.calendar import PARIS, civil_day, in_months

MENTION_AFTER = timedelta(days=14)
MORNING = timedelta(hours=8)


def mention_on(withheld_on: date) -> date:
    """The day that its patient is told that something came, when nobody announced it."""
    return withheld_on + MENTION_AFTER


def shows_on(withheld_on: date) -> date:
    """The day that it shows, whoever announced it."""
    return in_months(withheld_on, 1)


def shows_since(today: date) -> date:
    """What was withheld on this day, or before, shows today: its month is over.

    The inverse of `in_months(day, 1)`: on the last day of a short month, several days end.
    """
    if (today + timedelta(1)).day == 1:
        return today.replace(day=1) - timedelta(1)
    return in_months(today, -1)


def mentioned_since(now: datetime) -> date:
    """What was withheld on this day, or before, has been mentioned by now.

    From eight in the morning of the fourteenth day: never later than the law, never in the night.
    """
    return civil_day(now.astimezone(PARIS) - MORNING) - MENTION_AFTER
