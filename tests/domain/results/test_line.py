import pytest

from backend.domain.reports import Bounds
from tests.domain.results.make import drawn, sugar


def test_the_axis_leaves_room_on_both_sides_and_the_limits_under_their_ticks() -> None:
    line = drawn(sugar("0.90"))
    assert line.low_at is not None
    assert line.high_at is not None
    assert 0 < line.low_at < line.value_at < line.high_at < 100
    assert (line.low, line.high, line.value, line.arrow) == ("0,74", "1,06", "0,90", "")


def test_a_value_outside_stretches_the_axis() -> None:
    near, far = drawn(sugar("1.18")), drawn(sugar("1.70"))
    assert near.high_at is not None
    assert far.high_at is not None
    assert near.high_at < near.value_at < 100
    assert far.high_at < near.high_at
    assert far.value_at < 100


@pytest.mark.parametrize(("number", "arrow"), [("2.00", "right"), ("1.80", ""), ("-0.50", "left")])
def test_past_two_ranges_and_a_half_the_value_is_at_the_end_with_an_arrow(
    number: str, arrow: str
) -> None:
    line = drawn(sugar(number))
    assert line.arrow == arrow
    if arrow:
        assert line.value_at == {"right": 97.0, "left": 3.0}[arrow]


def test_a_range_of_concentrations_is_not_drawn_below_zero() -> None:
    line = drawn(sugar("1.95", bounds=Bounds("0.27", "4.2", "g/L")))
    assert line.low_at is not None
    assert line.low_at == pytest.approx(0.27 / (4.2 + 0.8 * 3.93) * 100, abs=0.01)


def test_a_range_that_spans_decades_is_logarithmic() -> None:
    line = drawn(sugar("10", bounds=Bounds("1", "100", "g/L")))
    assert line.value_at == pytest.approx(50)


def test_one_sided_ranges_reach_the_end_of_the_axis() -> None:
    most = drawn(sugar("1.72", bounds=Bounds("", "1.60")))
    least = drawn(sugar("90", bounds=Bounds("60", "")))
    assert (most.low_at, most.low, most.high) == (None, "", "1,60")
    assert (least.high_at, least.high, least.low) == (None, "", "60")
    assert most.high_at is not None
    assert most.value_at > most.high_at
    assert least.low_at is not None
    assert least.value_at > least.low_at


@pytest.mark.parametrize(("comparator", "arrow"), [("<", "left"), (">=", "right")])
def test_an_open_value_has_an_open_marker(comparator: str, arrow: str) -> None:
    assert drawn(sugar("0.9", comparator=comparator)).arrow == arrow
