"""Whatever laboratories send: nothing is lost, nothing fails, nothing leaves its drawing."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from backend.domain.reports import Bounds, Result, Value, ValueKind
from backend.domain.results import Past, Sheet, make_sheet
from backend.domain.results.numbers import as_number, in_french
from backend.domain.results.scale import line_of
from backend.domain.results.words import OUTSIDE, place_of
from backend.web import drawings
from tests.domain.results.make import NOON, TILLEULS, drawn, report, sugar

words = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=12)
numbers = st.one_of(
    st.decimals(-1000, 100_000, places=2).map(str),
    st.sampled_from(
        ["0", "-0", "0.000", "1e3", "1E-9", "1e999", "-1e999", "1e-999", "00012", "+5"]
    ),
)
limits = st.one_of(st.just(""), numbers)
bounds = st.builds(
    Bounds, limits, limits, st.sampled_from(["", "g/L"]), st.booleans(), st.booleans(), words
)
quantities = st.builds(
    Value,
    st.just(ValueKind.QUANTITY),
    numbers,
    st.sampled_from(["", "g/L", "mmol/L"]),
    st.sampled_from(["", "<", "<=", ">", ">="]),
)
others = st.one_of(
    st.builds(Value, st.just(ValueKind.CODED), text=words),
    st.builds(Value, st.just(ValueKind.TEXT), text=words),
    st.just(Value(ValueKind.NONE)),
)
results = st.builds(
    Result,
    label=words,
    value=st.one_of(quantities, others),
    loinc=st.sampled_from(["", "1558-6", "718-7", "99999-9"]),
    bounds=st.none() | bounds,
    flags=st.lists(
        st.sampled_from(["N", "H", "L", "HH", "LL", "AA", "A", "R", "POS", "?"]), max_size=2
    ).map(tuple),
    status=st.sampled_from(["completed", "active", "aborted"]),
    chapter=st.sampled_from(["", "18719-5", "18723-7", "18725-2"]),
    isolate=st.sampled_from(["", "", "Escherichia coli"]),
    antibiogram=st.booleans(),
)
several = st.lists(results, max_size=8)


def shown(sheet: Sheet) -> int:
    """How many results the sheet has a place for."""
    return (
        len(sheet.watch)
        + sum(len(family.cards) for family in sheet.families)
        + len(sheet.words)
        + sum(len(germ.findings) + len(germ.antibiotics) for germ in sheet.isolates)
    )


@settings(deadline=None)
@given(several)
def test_every_result_is_somewhere_once(found: list[Result]) -> None:
    sheet = make_sheet(report(*found))
    assert shown(sheet) == len(found)
    assert sheet.count.outside <= sheet.count.total <= len(found)
    assert all(card.sentence for card in sheet.watch)
    assert len(sheet.watch) == sum(
        place_of(result).standing in OUTSIDE for result in found if not result.isolate
    )


@settings(deadline=None)
@given(several, several)
def test_past_results_move_nothing(found: list[Result], before: list[Result]) -> None:
    past = [
        Past(result, NOON - timedelta(days=days + 1), TILLEULS)
        for days, result in enumerate(before)
    ]
    sheet = make_sheet(report(*found), past)
    assert shown(sheet) == len(found)
    assert sheet.count == make_sheet(report(*found)).count
    for card in (*sheet.watch, *(c for f in sheet.families for c in f.cards)):
        if card.trend:
            assert len(card.trend.points) >= 2
            etree.fromstring(drawings.trend(card.trend))


@settings(deadline=None)
@given(results)
def test_every_line_stays_in_its_drawing(result: Result) -> None:
    line = line_of(result)
    if line is None:
        return
    places = [at for at in (line.low_at, line.value_at, line.high_at) if at is not None]
    assert all(0 <= at <= 100 for at in places)
    if line.low_at is not None and line.high_at is not None:
        assert line.low_at < line.high_at
    etree.fromstring(drawings.number_line(line, result.label, "r1"))


@settings(deadline=None)
@given(numbers)
def test_the_digits_shown_are_those_that_were_sent(number: str) -> None:
    def digits(text: str) -> str:
        return "".join(c for c in text if c.isdigit())

    assert digits(in_french(number)) == digits(number)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "sNaN", "Infinity", "", "beaucoup"])
def test_what_cannot_be_drawn_is_no_number(number: str) -> None:
    assert as_number(number) is None


@settings(deadline=None)
@given(st.decimals("0.01", 5, places=2))
def test_a_value_is_inside_its_range_on_the_drawing_when_it_is_in_words(number: object) -> None:
    result = sugar(str(number))
    line = drawn(result)
    assert line.low_at is not None
    assert line.high_at is not None
    inside = line.low_at <= line.value_at <= line.high_at
    assert inside is (place_of(result).standing not in OUTSIDE)
