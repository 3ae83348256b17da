"""One analysis through the years: what is on a chart, what is only in the table."""

from datetime import date
from typing import Any

import pytest

from backend.domain.reports import Previous, Value, ValueKind
from backend.domain.results import Past, first_day, make_history
from tests.domain.results.make import ESTUAIRE, NOON, SUMMER, TILLEULS, earlier, sugar

NEWEST = Past(sugar(), NOON, TILLEULS)


def test_the_newest_value_then_a_chart_and_a_table_of_everything() -> None:
    history = make_history([NEWEST, earlier("1.02", SUMMER), earlier("0.94")])
    assert (history.newest.value, history.newest_on, history.laboratory) == ("1,18", NOON, TILLEULS)
    (trend,) = history.trends
    assert [point.words for point in trend.points] == ["0,94", "1,02", "1,18"]
    assert [entry.value for entry in history.entries] == ["1,18", "1,02", "0,94"]
    assert history.entries[0].limits == "de 0,74 à 1,06"


def test_one_value_makes_no_chart() -> None:
    history = make_history([NEWEST])
    assert history.trends == ()
    assert len(history.entries) == 1


def test_each_unit_has_its_own_chart_and_nothing_is_converted() -> None:
    moles: dict[str, Any] = {"unit": "mmol/L", "loinc": "14771-0"}
    history = make_history(
        [NEWEST, earlier("5.4", SUMMER, **moles), earlier("5.1", **moles), earlier("0.94")]
    )
    assert [trend.unit for trend in history.trends] == ["g/L", "mmol/L"]
    assert [len(trend.points) for trend in history.trends] == [2, 2]
    assert [entry.unit for entry in history.entries].count("g/L") == 2


def test_two_laboratories_are_on_one_chart_whose_line_breaks() -> None:
    history = make_history([NEWEST, earlier("1.02", SUMMER, laboratory=ESTUAIRE), earlier("0.94")])
    (trend,) = history.trends
    assert [point.breaks for point in trend.points] == [False, True, True]


@pytest.mark.parametrize("past", [{"provisional": True}, {"comparator": "<"}])
def test_what_a_chart_may_not_place_is_in_the_table(past: dict[str, Any]) -> None:
    history = make_history([NEWEST, earlier("0.90", SUMMER, **past), earlier("0.94")])
    (trend,) = history.trends
    assert len(trend.points) == 2
    assert len(history.entries) == 3


def test_a_newest_value_that_is_provisional_is_shown_as_such_and_in_no_chart() -> None:
    newest = Past(sugar(), NOON, TILLEULS, provisional=True)
    history = make_history([newest, earlier("1.02", SUMMER), earlier("0.94")])
    assert history.newest.provisional
    assert [point.words for point in history.trends[0].points] == ["0,94", "1,02"]


def test_what_the_laboratory_quotes_is_in_the_chart_and_in_the_table() -> None:
    quoted = Previous(Value(ValueKind.QUANTITY, "1.01", "g/L"), SUMMER)
    newest = Past(sugar(previous=(quoted,)), NOON, TILLEULS)
    history = make_history([newest, earlier("0.94")])
    assert [point.words for point in history.trends[0].points] == ["0,94", "1,01", "1,18"]
    assert [entry.value for entry in history.entries] == ["1,18", "1,01", "0,94"]


def test_a_period_leaves_out_what_is_older_but_never_the_newest_value() -> None:
    values = [NEWEST, earlier("1.02", SUMMER), earlier("0.94")]
    history = make_history(values, date(2025, 1, 1))
    assert [entry.value for entry in history.entries] == ["1,18", "1,02"]
    late = make_history(values, date(2027, 1, 1))
    assert (late.newest.value, late.entries, late.trends) == ("1,18", (), ())


@pytest.mark.parametrize(
    ("period", "first"),
    [
        ("1", date(2025, 11, 12)),
        ("3", date(2023, 11, 12)),
        ("tout", None),
        ("2", None),
        ("²", None),
    ],
)
def test_a_period_starts_on_a_day(period: str, first: date | None) -> None:
    assert first_day(period, date(2026, 11, 12)) == first


def test_a_leap_day_has_periods_too() -> None:
    assert first_day("1", date(2028, 2, 29)) == date(2027, 2, 28)
