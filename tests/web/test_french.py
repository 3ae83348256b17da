from datetime import UTC, date, datetime

import pytest

from backend.web.french import (
    ago,
    day,
    day_and_hour,
    hour,
    month_year,
    plural,
    short_day,
    spaced,
)

MORNING = datetime(2026, 11, 12, 7, 5, tzinfo=UTC)


def test_days_are_written_in_full_or_short() -> None:
    assert day(MORNING) == "12 novembre 2026"
    assert short_day(MORNING) == "12 nov. 2026"
    assert month_year(MORNING) == "novembre 2026"
    assert day(date(2026, 8, 31)) == "31 août 2026"


def test_only_the_first_of_a_month_is_ordinal() -> None:
    assert day(date(2026, 3, 1)) == "1er mars 2026"
    assert short_day(date(2026, 1, 1)) == "1er janv. 2026"
    assert day(date(2026, 3, 11)) == "11 mars 2026"


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (MORNING, "8 h 05"),  # winter in Paris
        (datetime(2026, 7, 12, 7, 5, tzinfo=UTC), "9 h 05"),  # summer
        (datetime(2026, 11, 12, 23, 0, tzinfo=UTC), "0 h 00"),
    ],
)
def test_hours_are_those_of_paris_and_do_not_break(moment: datetime, written: str) -> None:
    assert hour(moment) == written.replace(" ", "\u202f")


def test_a_late_evening_in_utc_is_the_next_day_in_paris() -> None:
    assert day(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == "1er janvier 2027"


@pytest.mark.parametrize(
    ("now", "written"),
    [
        (datetime(2026, 11, 12, 22, 59, tzinfo=UTC), "aujourd’hui à "),
        (datetime(2026, 11, 12, 23, 1, tzinfo=UTC), "hier à "),
        (datetime(2026, 11, 14, 8, 0, tzinfo=UTC), "12 novembre 2026 à "),
        (datetime(2026, 11, 11, 8, 0, tzinfo=UTC), "12 novembre 2026 à "),  # an appointment
    ],
)
def test_ago_counts_civil_days_not_hours(now: datetime, written: str) -> None:
    assert ago(MORNING, now) == written + hour(MORNING)


def test_a_day_with_its_hour() -> None:
    assert day_and_hour(MORNING) == "12 novembre 2026 à 8\u202fh\u202f05"


@pytest.mark.parametrize(
    ("count", "word"), [(0, "résultat"), (1, "résultat"), (2, "résultats"), (21, "résultats")]
)
def test_zero_and_one_are_singular(count: int, word: str) -> None:
    assert plural(count, "résultat", "résultats") == word


def test_what_follows_a_french_space_never_starts_a_line() -> None:
    assert spaced("Aide : 3422 ? « Oui » à 5 %") == (
        "Aide\u202f: 3422\u202f? «\u202fOui\u202f» à 5\u202f%"
    )
    assert spaced("à 8:30, a:b") == "à 8:30, a:b"
