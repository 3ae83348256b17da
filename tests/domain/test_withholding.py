"""A month and fourteen days, counted as the law counts them."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.domain.calendar import in_months
from backend.domain.withholding import mentioned_since, shows_since

DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))


@given(DAYS, st.integers(0, 70))
def test_it_shows_from_the_day_that_ends_its_month(withheld_on: date, days: int) -> None:
    today = withheld_on + timedelta(days)
    assert (withheld_on <= shows_since(today)) is (in_months(withheld_on, 1) <= today)


def test_it_is_mentioned_from_the_morning_of_the_fourteenth_day() -> None:
    morning = datetime(2026, 11, 24, 7, tzinfo=UTC)
    assert mentioned_since(morning) == date(2026, 11, 10)
    assert mentioned_since(morning - timedelta(seconds=1)) == date(2026, 11, 9)
