"""Quiet nights, whatever the season; and what was stored by another version."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.calendar import PARIS
from backend.domain.preferences import (
    AS_EVERYBODY,
    NIGHT_FROM,
    NIGHT_UNTIL,
    Preferences,
    morning_after,
    read_preferences,
    write_preferences,
)

QUIET = Preferences(quiet_night=True)
START = datetime(2020, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 20 * 365 * 24 * 60).map(lambda n: START + timedelta(minutes=n))


@given(MOMENTS)
def test_nothing_waits_by_day_and_everything_by_night(now: datetime) -> None:
    later, here = morning_after(QUIET, now), now.astimezone(PARIS).time()
    if NIGHT_UNTIL <= here < NIGHT_FROM:
        assert later is None
        return
    assert later is not None
    assert now < later <= now + timedelta(hours=12)
    assert later.astimezone(PARIS).time() == NIGHT_UNTIL
    assert morning_after(QUIET, later) is None, "then it leaves"


@given(MOMENTS)
def test_who_asked_for_nothing_waits_for_nothing(now: datetime) -> None:
    assert morning_after(AS_EVERYBODY, now) is None


@pytest.mark.parametrize(
    ("now", "later"),
    [
        ("2026-03-28T22:00:00", "2026-03-29T06:00:00"),  # summer time begins in that night
        ("2026-10-24T22:00:00", "2026-10-25T07:00:00"),  # and ends in that one
        ("2026-11-23T20:00:00", "2026-11-24T07:00:00"),
        ("2026-11-23T06:59:59", "2026-11-23T07:00:00"),
    ],
)
def test_the_morning_is_at_eight_in_paris(now: str, later: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert morning_after(QUIET, at) == datetime.fromisoformat(later).replace(tzinfo=UTC)


@given(st.builds(Preferences, new_document=st.sampled_from([(), ("email",), ("email", "sms")])))
def test_what_is_written_is_read(chosen: Preferences) -> None:
    assert read_preferences(write_preferences(chosen)) == chosen


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (None, AS_EVERYBODY),
        (b"", AS_EVERYBODY),
        (b"[1]", AS_EVERYBODY),
        (b'{"simple": "yes"}', AS_EVERYBODY),
        (b'{"simple": true, "a later field": 3}', Preferences(simple=True)),
        (b'{"new_document": ["pigeon", "sms"]}', Preferences(new_document=("sms",))),
    ],
)
def test_what_another_version_stored(stored: bytes | None, expected: Preferences) -> None:
    assert read_preferences(stored) == expected
