"""What people type, read or refused; the table itself; the body mass index; the curves."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import Refused
from backend.domain.measures import (
    Measured,
    Reading,
    all_measures,
    compute_bmi,
    curves_of,
    doubt_about,
    measure_of,
    names_in_reports,
    read_comment,
    read_context,
    read_day,
    read_goal,
    read_hour,
    read_moment,
    read_numbers,
    reading_of,
)
from backend.domain.reports import Result, Value, ValueKind
from backend.domain.results import Past

NOW = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
BORN = date(1991, 5, 14)


def read(key: str, *typed: str) -> tuple[str, ...]:
    return read_numbers(measure_of(key), typed)


def test_the_table_has_the_fourteen_measures_with_their_codes_and_units() -> None:
    assert {one.key: (one.code, one.unit) for one in all_measures()} == {
        "poids": ("29463-7", "kg"),
        "taille": ("8302-2", "m"),
        "imc": ("39156-5", "kg/m2"),
        "tour-de-taille": ("8280-0", "cm"),
        "perimetre-cranien": ("8287-5", "cm"),
        "temperature": ("8310-5", "Cel"),
        "glycemie": ("2345-7", "mg/dL"),
        "glucose-interstitiel": ("MED-969", "mg/dL"),
        "hba1c": ("4548-4", "%"),
        "igg": ("MED-972", "%"),
        "tension": ("85354-9", "mm[Hg]"),
        "pouls": ("8867-4", "/min"),
        "douleur": ("72514-3", "{score}"),
        "pas": ("41950-7", "1"),
    }
    assert [half.code for half in measure_of("tension").parts] == ["8480-6", "8462-4"]


def test_every_bound_that_is_asked_once_more_is_inside_the_bound_that_refuses() -> None:
    for measure in all_measures():
        for one in measure.parts or (measure,):
            if not measure.computed:
                assert one.low is not None
                assert one.high is not None
                assert one.soft_low is not None
                assert one.soft_high is not None
                assert one.low <= one.soft_low < one.soft_high <= one.high, one.key
        assert measure.computed or measure.hint, measure.key


@pytest.mark.parametrize(
    ("key", "typed", "kept"),
    [
        ("poids", ["72,5"], ("72.5",)),
        ("poids", [" 72.50 "], ("72.5",)),
        ("poids", ["100"], ("100",)),
        ("pas", ["12\u202f000"], ("12000",)),
        ("taille", ["1,68"], ("1.68",)),
        ("tension", ["13", "8"], ("130", "80")),
        ("tension", ["13,5", "8"], ("135", "80")),
        ("tension", ["130", "80"], ("130", "80")),
        ("tension", ["13/8", ""], ("130", "80")),
        ("tension", ["13 et 8", ""], ("130", "80")),
        ("douleur", ["0"], ("0",)),
    ],
)
def test_a_number_is_read_however_it_is_written(
    key: str, typed: list[str], kept: tuple[str, ...]
) -> None:
    assert read(key, *typed) == kept


@pytest.mark.parametrize(
    ("key", "typed", "sentence"),
    [
        ("poids", [""], "Écrivez un nombre"),
        ("poids", ["-3"], "Écrivez un nombre"),
        ("poids", ["1e3"], "Écrivez un nombre"),
        ("poids", ["7_2"], "Écrivez un nombre"),
        ("poids", ["٧٢"], "Écrivez un nombre"),
        ("poids", ["72 kg"], "Écrivez un nombre"),
        ("poids", ["0"], "entre 0,2 et 1000 (kg)"),
        ("poids", ["1001"], "entre 0,2 et 1000 (kg)"),
        ("poids", ["72,55"], "au plus 1 chiffre après la virgule"),
        ("taille", ["1680"], "entre 0,2 et 3 (m)"),
        ("pas", ["1000,5"], "Écrivez un nombre entier"),
        ("douleur", ["11"], "entre 0 et 10"),
        ("glycemie", ["0,95"], "entre 10 et 2000 (mg/dL)"),
        ("tension", ["13", ""], "Écrivez deux chiffres"),
        ("tension", ["8", "13"], "d’abord le plus grand"),
        ("tension", ["13", "13"], "d’abord le plus grand"),
        ("tension", ["130", "8"], "entre 20 et 220"),
        ("tension", ["", ""], "Écrivez deux chiffres"),
        ("imc", ["24"], "se calcule"),
    ],
)
def test_what_is_no_such_measure_is_refused_with_what_to_write(
    key: str, typed: list[str], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence.replace("(", r"\(").replace(")", r"\)")):
        read(key, *typed)


@given(st.text(max_size=12), st.text(max_size=12))
def test_whatever_is_typed_is_read_in_bounds_or_refused(one: str, two: str) -> None:
    for measure in all_measures():
        try:
            numbers = read_numbers(measure, [one, two] if measure.parts else [one])
        except Refused:
            continue
        halves = measure.parts or (measure,)
        for half, number in zip(halves, numbers, strict=True):
            assert half.low is not None
            assert half.high is not None
            assert float(half.low) <= float(number) <= float(half.high)


def test_what_is_surprising_is_asked_once_more() -> None:
    assert doubt_about(measure_of("poids"), ["820"]) == "820 kg, est-ce bien cela ?"
    assert doubt_about(measure_of("poids"), ["72.5"]) == ""
    assert doubt_about(measure_of("tension"), ["230", "80"]) == "230/80 mmHg, est-ce bien cela ?"
    assert doubt_about(measure_of("tension"), ["130", "80"]) == ""


def test_what_a_measure_asks_must_be_answered() -> None:
    assert read_context(measure_of("glycemie"), "a-jeun") == "a-jeun"
    assert read_context(measure_of("igg"), "14") == "14"
    assert read_context(measure_of("poids"), "a-jeun") == ""
    for key, text in (("glycemie", ""), ("glycemie", "14"), ("igg", ""), ("igg", "15")):
        with pytest.raises(Refused):
            read_context(measure_of(key), text)


def moment(day: str, hour: str) -> datetime:
    return read_moment(read_day(day), read_hour(hour), now=NOW, born=BORN)


def test_a_measure_is_neither_to_come_nor_before_the_birth() -> None:
    assert moment("2026-11-27", "10:30") == NOW
    assert moment("1991-05-14", "00:00").year == 1991
    for day, hour in (
        *(("2026-11-27", "10:31"), ("2026-11-28", "00:00"), ("1991-05-13", "23:59")),
        *(("27/11", "10:00"), ("2026-11-27", "25:00"), ("", "10:00"), ("2026-11-27", "")),
    ):
        with pytest.raises(Refused):
            moment(day, hour)


def test_a_comment_is_short_and_a_goal_is_a_value_or_nothing() -> None:
    assert read_comment("  une   nuit\ncourte ") == "une nuit courte"
    for text in ("x" * 151, "a\0b"):
        with pytest.raises(Refused):
            read_comment(text)
    assert read_goal(measure_of("hba1c"), " 7,0 ") == "7"
    assert read_goal(measure_of("hba1c"), " ") == ""
    with pytest.raises(Refused):
        read_goal(measure_of("hba1c"), "70")


def typed(key: str, *numbers: str, days: int = 0) -> Reading:
    return Reading(NOW - timedelta(days=days), Measured(key, numbers), UUID(int=days + 1))


def test_the_index_follows_from_the_weight_and_the_height_known_that_day() -> None:
    weights = [typed("poids", "80", days=10), typed("poids", "72"), typed("poids", "90", days=400)]
    heights = [typed("taille", "1.8", days=300), typed("taille", "1.6", days=5)]
    found = compute_bmi(weights, heights, BORN)
    assert [one.words for one in found] == ["24,7", "28,1"], "none before the first height"


def test_the_height_of_a_child_holds_three_months() -> None:
    old, new = [typed("taille", "1.1", days=100)], [typed("taille", "1.1", days=80)]
    weight = [typed("poids", "20")]
    assert compute_bmi(weight, old, date(2019, 3, 17)) == []
    assert len(compute_bmi(weight, new, date(2019, 3, 17))) == 1
    assert len(compute_bmi(weight, old, BORN)) == 1


def test_there_is_a_curve_for_each_half_and_none_of_one_value() -> None:
    one, two = typed("tension", "138", "88", days=30), typed("tension", "128", "80")
    assert curves_of(measure_of("tension"), [one]) == ()
    high, low = curves_of(measure_of("tension"), [two, one])
    assert [point.number for point in high.trend.points] == [138, 128]
    assert [point.words for point in low.trend.points] == ["88", "80"]


def past(loinc: str, number: str, unit: str, **more: Any) -> Past:
    value = Value(ValueKind.QUANTITY, number, unit)
    result = Result(label="", value=value, loinc=loinc)
    return Past(result, NOW, "Biologie de l’Estuaire", UUID(int=9), **more)


def test_a_report_is_read_in_the_very_code_and_unit_or_not_at_all() -> None:
    weight, sugar = measure_of("poids"), measure_of("glycemie")
    found = reading_of(past("29463-7", "72,5", "kg"), weight)
    assert found is not None
    assert (found.words, found.id) == ("72,5", None)
    assert found.source is not None
    assert found.source.laboratory == "Biologie de l’Estuaire"
    assert reading_of(past("29463-7", "72500", "g"), weight) is None
    assert reading_of(past("2345-7", "0.95", "g/L"), sugar) is None, "never converted"
    assert reading_of(past("15074-8", "95", "mg/dL"), sugar) is None, "another code"
    assert reading_of(past("29463-7", "72.5", "kg", provisional=True), weight) is None
    assert reading_of(past("29463-7", "lourd", "kg"), weight) is None
    assert names_in_reports(measure_of("pouls")) == frozenset()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        *(("1,68", "1.68"), ("168", "1.68"), ("1m68", "1.68"), (" 1 M 68 ", "1.68")),
        *(("168 cm", "1.68"), ("1,68 m", "1.68"), ("52", "0.52"), ("2", "2")),
    ],
)
def test_a_height_is_typed_as_people_say_it(typed: str, kept: str) -> None:
    assert read_numbers(measure_of("taille"), [typed]) == (kept,)


@pytest.mark.parametrize("typed", ["3,5", "16800", "1m6", "m68", "cm", "1m68cm", "12"])
def test_what_is_no_height_is_refused(typed: str) -> None:
    with pytest.raises(Refused):
        read_numbers(measure_of("taille"), [typed])
