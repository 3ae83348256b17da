"""Days of the calendar, years later."""

from datetime import date

import pytest

from backend.domain.calendar import in_years


@pytest.mark.parametrize(
    ("day", "years", "later"),
    [
        (date(2008, 5, 14), 18, date(2026, 5, 14)),
        (date(2008, 2, 29), 16, date(2024, 2, 29)),
        (date(2008, 2, 29), 18, date(2026, 3, 1)),
        (date(9999, 12, 31), 18, date(9999, 12, 31)),
        (date(9992, 2, 29), 18, date(9999, 3, 1)),
    ],
)
def test_the_same_day_years_later(day: date, years: int, later: date) -> None:
    assert in_years(day, years) == later
