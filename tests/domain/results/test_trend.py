from datetime import UTC, datetime

import pytest

from backend.domain.reports import Bounds, Previous, ReportStatus, Value, ValueKind
from backend.domain.results import Past, analyte_key
from tests.domain.results.make import (
    ESTUAIRE,
    NOON,
    SPRING,
    SUMMER,
    TILLEULS,
    earlier,
    only_card,
    sugar,
)


def test_two_values_of_the_same_analysis_make_a_trend() -> None:
    trend = only_card(sugar(), earlier("0.94"), earlier("1.02", SUMMER)).trend
    assert trend is not None
    assert [point.words for point in trend.points] == ["0,94", "1,02", "1,18"]
    assert [point.outside for point in trend.points] == [False, False, True]
    first, middle, last = (point.at for point in trend.points)
    assert (first, last) == (0, 1)
    assert middle == pytest.approx((SUMMER - SPRING) / (NOON - SPRING))


@pytest.mark.parametrize(
    "past",
    [
        earlier("5.2", unit="mmol/L"),
        earlier("0.94", loinc="2093-3"),
        earlier("0.94", provisional=True),
        earlier("0.94", status="active"),
        earlier("0.94", status="aborted"),
        earlier("0.94", comparator="<"),
        earlier("0.94", on=NOON),
    ],
)
def test_what_is_not_the_same_or_not_sure_makes_no_trend(past: Past) -> None:
    assert only_card(sugar(), past).trend is None


def test_a_provisional_result_has_no_trend_and_says_what_it_is() -> None:
    for card in (
        only_card(sugar(status="active"), earlier("0.94")),
        only_card(sugar(), earlier("0.94"), status=ReportStatus.PARTIAL),
    ):
        assert card.provisional
        assert card.trend is None


def test_codes_of_one_analysis_share_a_trend_only_in_the_same_unit() -> None:
    assert analyte_key(sugar(loinc="14771-0")) == analyte_key(sugar())
    assert analyte_key(sugar(unit="mmol/L")) != analyte_key(sugar())


def test_local_codes_of_two_laboratories_are_two_analyses() -> None:
    one = sugar(loinc="", local_code="GLU", local_system="2.25.1")
    two = sugar(loinc="", local_code="GLU", local_system="2.25.2")
    assert analyte_key(one) != analyte_key(two)


@pytest.mark.parametrize(
    ("before", "after", "breaks"),
    [
        ((TILLEULS, ""), "", False),
        ((ESTUAIRE, ""), "", True),
        ((TILLEULS, "Hexokinase"), "Glucose oxydase", True),
        ((ESTUAIRE, "Hexokinase"), "Hexokinase", False),
    ],
)
def test_another_laboratory_or_method_breaks_the_line(
    before: tuple[str, str], after: str, *, breaks: bool
) -> None:
    past = earlier("0.94", laboratory=before[0], method=before[1])
    trend = only_card(sugar(method=after), past).trend
    assert trend is not None
    assert trend.points[-1].breaks is breaks


def test_a_range_that_changed_is_dated_and_each_point_keeps_its_own() -> None:
    old = earlier("0.94", bounds=Bounds("0.70", "1.10", "g/L"))
    trend = only_card(sugar(), old, earlier("1.02", SUMMER)).trend
    assert trend is not None
    assert trend.ranges_changed_on == SUMMER
    assert [(point.low, point.high) for point in trend.points] == [
        (0.70, 1.10),
        (0.74, 1.06),
        (0.74, 1.06),
    ]


def test_quoted_values_fill_the_days_that_no_report_gives() -> None:
    quoted = tuple(
        Previous(Value(ValueKind.QUANTITY, number, unit), on)
        for number, unit, on in (
            ("0.94", "g/L", SPRING),
            ("1.02", "g/L", SUMMER),
            ("5.1", "mmol/L", datetime(2026, 1, 5, tzinfo=UTC)),
        )
    )
    trend = only_card(sugar(previous=quoted), earlier("1.03", SUMMER)).trend
    assert trend is not None
    assert [point.words for point in trend.points] == ["0,94", "1,03", "1,18"]
