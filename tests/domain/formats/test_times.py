from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from backend.domain.calendar import PARIS
from backend.domain.formats.times import read_day, read_time


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026", datetime(2026, 1, 1, tzinfo=PARIS)),
        ("202611", datetime(2026, 11, 1, tzinfo=PARIS)),
        ("20261112", datetime(2026, 11, 12, tzinfo=PARIS)),
        ("2026111208", datetime(2026, 11, 12, 8, tzinfo=PARIS)),
        ("202611120805", datetime(2026, 11, 12, 8, 5, tzinfo=PARIS)),
        (" 20261112080530 ", datetime(2026, 11, 12, 8, 5, 30, tzinfo=PARIS)),
        ("20261112080530.25", datetime(2026, 11, 12, 8, 5, 30, 250_000, tzinfo=PARIS)),
        ("20261112080530Z", datetime(2026, 11, 12, 8, 5, 30, tzinfo=UTC)),
        ("202611120805-0400", datetime(2026, 11, 12, 12, 5, tzinfo=UTC)),
        ("20261112080560", datetime(2026, 11, 12, 8, 5, 59, tzinfo=PARIS)),  # a leap second
    ],
)
def test_what_a_timestamp_does_not_say_is_the_earliest(text: str, moment: datetime) -> None:
    assert read_time(text) == moment


@pytest.mark.parametrize(("day", "hours"), [("20260112", 1), ("20260712", 2)])
def test_without_an_offset_the_hour_is_that_of_paris(day: str, hours: int) -> None:
    moment = read_time(f"{day}120000")
    assert moment == datetime.strptime(day, "%Y%m%d").replace(
        hour=12, tzinfo=timezone(timedelta(hours=hours))
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hier",
        "12/11/2026",
        "2026-11-12",
        "20261312",
        "20260230",
        "2026111225",
        "20261112080530+9999",
        "٢٠٢٦",
        "0000",
        "00010101",
        "99991231235959",
        "20261112 0805",
    ],
)
def test_what_is_not_a_timestamp_is_nothing(text: str) -> None:
    assert read_time(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("19910514", date(1991, 5, 14)),
        ("19910514103000+0200", date(1991, 5, 14)),
        ("1991", None),
        ("199105", None),
        ("19910230", None),
        ("1991-W01", None),
        ("1991W011", None),
        ("١٩٩١٠٥١٤", None),
        ("", None),
    ],
)
def test_a_birth_date_is_a_whole_day_or_nothing(text: str, day: date | None) -> None:
    assert read_day(text) == day
