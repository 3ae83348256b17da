"""Quiet hours, whatever the season; the day’s one message; what another version stored."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.calendar import PARIS
from backend.domain.errors import Refused
from backend.domain.notices import Event
from backend.domain.preferences import (
    AS_EVERYBODY,
    CHANNELS,
    CHOICES,
    NIGHT,
    Preferences,
    check_preferences,
    digest_at,
    is_deaf,
    quiet_until,
    read_preferences,
    ways,
    write_preferences,
)

QUIET = Preferences(quiet=NIGHT)
START = datetime(2020, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 20 * 365 * 24 * 60).map(lambda n: START + timedelta(minutes=n))
HOURS = st.integers(0, 23)
BY = st.lists(st.sampled_from(CHANNELS), unique=True).map(
    lambda found: tuple(channel for channel in CHANNELS if channel in found)
)
CHOSEN = st.builds(
    Preferences,
    channels=st.dictionaries(st.sampled_from([event.value for event in CHOICES]), BY),
    quiet=st.none() | st.tuples(HOURS, HOURS),
    digest=st.none() | HOURS,
    discreet=st.booleans(),
    simple=st.booleans(),
)
EVERYWHERE = set(CHANNELS)


@given(MOMENTS, HOURS, HOURS)
def test_what_waits_leaves_at_the_end_of_the_quiet_hours(
    now: datetime, begins: int, ends: int
) -> None:
    chosen = Preferences(quiet=(begins, ends))
    later = quiet_until(chosen, Event.NEW, now)
    here = now.astimezone(PARIS).hour
    quiet = begins <= here < ends if begins < ends else begins != ends and not ends <= here < begins
    if begins != ends:
        assert (later is not None) is quiet
    if later is not None:
        assert now < later <= now + timedelta(hours=25)
        assert later.astimezone(PARIS).hour in {ends, ends + 1}, "that hour may not exist in March"
    assert quiet_until(chosen, Event.EMERGENCY_ACCESS, now) is None


@given(MOMENTS)
def test_who_asked_for_nothing_waits_for_nothing(now: datetime) -> None:
    assert quiet_until(AS_EVERYBODY, Event.NEW, now) is None
    assert digest_at(AS_EVERYBODY, Event.NEW, now) is None


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
    assert quiet_until(QUIET, Event.NEW, at) == datetime.fromisoformat(later).replace(tzinfo=UTC)


def test_a_digest_is_of_documents_and_at_its_hour() -> None:
    chosen, noon = Preferences(digest=18), datetime(2026, 11, 23, 11, tzinfo=UTC)
    assert digest_at(chosen, Event.NEW, noon) == datetime(2026, 11, 23, 17, tzinfo=UTC)
    evening = noon + timedelta(hours=6)
    assert digest_at(chosen, Event.UPDATED, evening) == datetime(2026, 11, 24, 17, tzinfo=UTC)
    for event in (Event.FIRST_ACCESS, Event.EMERGENCY_ACCESS):
        assert digest_at(chosen, event, noon) is None


def test_what_must_be_told_finds_a_way() -> None:
    nothing = Preferences(channels=dict.fromkeys((event.value for event in CHOICES), ()))
    for event in Event:
        always = event in {Event.EMERGENCY_ACCESS, Event.UPDATED}
        assert ways(nothing, event, EVERYWHERE) == (("email",) if always else ())
    assert ways(AS_EVERYBODY, Event.NEW, {"sms"}) == ("sms",), "who gave only a mobile"
    assert is_deaf(nothing, EVERYWHERE)
    assert not is_deaf(AS_EVERYBODY, {"email"})
    assert is_deaf(Preferences(channels={"new": ("sms",), "first-access": ()}), {"email"})


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        (Preferences(channels={"new": ("sms",)}), "numéro de mobile"),
        (Preferences(channels={"emergency-access": ()}), "au moins un moyen"),
        (Preferences(channels={"emergency-access": ("push",)}), "au moins un moyen"),
        (Preferences(quiet=(8, 8)), "deux heures différentes"),
        (Preferences(quiet=(-1, 8)), "de la liste"),
        (Preferences(digest=24), "de la liste"),
        (Preferences(quiet=NIGHT, digest=23), "en dehors de la nuit"),
    ],
)
def test_what_cannot_be_kept_is_refused(chosen: Preferences, says: str) -> None:
    with pytest.raises(Refused, match=says):
        check_preferences(chosen, {"email"})


@given(CHOSEN)
def test_what_is_written_is_read(chosen: Preferences) -> None:
    assert read_preferences(write_preferences(chosen)) == chosen


OF_DOCUMENTS = ("new", "replaced", "withdrawn")


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (None, AS_EVERYBODY),
        (b"", AS_EVERYBODY),
        (b"[1]", AS_EVERYBODY),
        (b'{"simple": "yes"}', AS_EVERYBODY),
        (b'{"simple": true, "a later field": 3}', Preferences(simple=True)),
        (b'{"quiet_night": true}', QUIET),
        (
            b'{"new_document": ["pigeon", "sms"]}',
            Preferences(channels=dict.fromkeys(OF_DOCUMENTS, ("push", "sms"))),
        ),
        (b'{"new_document": []}', Preferences(channels=dict.fromkeys(OF_DOCUMENTS, ()))),
    ],
)
def test_what_another_version_stored(stored: bytes | None, expected: Preferences) -> None:
    assert read_preferences(stored) == expected
