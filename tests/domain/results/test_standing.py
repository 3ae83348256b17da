import pytest

from backend.domain.reports import Bounds
from backend.domain.results.scale import line_of
from backend.domain.results.words import Standing, place_of
from tests.domain.results.make import sugar


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        ("N", "Dans les repères"),
        ("H", "Au-dessus des repères"),
        ("L", "En dessous des repères"),
        ("HH", "Résultat important"),
        ("LL", "Résultat important"),
        ("AA", "Résultat important"),
        ("A", "Inhabituel"),
    ],
)
def test_the_laboratorys_flag_gives_the_pill(flag: str, words: str) -> None:
    place = place_of(sugar(flags=(flag,)))
    assert (place.words, place.computed) == (words, False)


def test_the_flag_wins_over_the_numbers() -> None:
    assert place_of(sugar("1.18", flags=("N",))).standing is Standing.INSIDE


def test_without_a_flag_the_comparison_with_the_range_says_that_it_is_ours() -> None:
    place = place_of(sugar("1.18"))
    assert (place.standing, place.computed) == (Standing.ABOVE, True)


def test_the_limits_belong_to_the_range_unless_the_laboratory_says_otherwise() -> None:
    open_range = Bounds("0.74", "1.06", "g/L", low_inclusive=False, high_inclusive=False)
    for number in ("0.74", "1.06"):
        assert place_of(sugar(number)).standing is Standing.INSIDE
    assert place_of(sugar("0.74", bounds=open_range)).standing is Standing.BELOW
    assert place_of(sugar("1.06", bounds=open_range)).standing is Standing.ABOVE


@pytest.mark.parametrize(
    ("comparator", "number", "bounds", "standing"),
    [
        ("<", "5", Bounds("", "5"), Standing.INSIDE),
        ("<", "5", Bounds("", "3"), Standing.UNKNOWN),
        ("<", "5", Bounds("5", "9"), Standing.BELOW),
        ("<=", "5", Bounds("5", "9"), Standing.UNKNOWN),
        ("<", "5", Bounds("0", "9"), Standing.UNKNOWN),
        (">", "200", Bounds("0", "150"), Standing.ABOVE),
        (">", "200", Bounds("0", "200"), Standing.ABOVE),
        (">=", "200", Bounds("0", "200"), Standing.UNKNOWN),
        (">", "90", Bounds("60", ""), Standing.INSIDE),
        (">", "50", Bounds("60", ""), Standing.UNKNOWN),
    ],
)
def test_an_open_value_is_placed_only_when_nothing_is_left_to_guess(
    comparator: str, number: str, bounds: Bounds, standing: Standing
) -> None:
    assert place_of(sugar(number, comparator=comparator, bounds=bounds)).standing is standing


@pytest.mark.parametrize(
    "bounds",
    [
        Bounds("3.89", "3.89", "g/L"),
        Bounds("1.06", "0.74", "g/L"),
        Bounds(text="Négatif"),
        Bounds("4.1", "5.9", "mmol/L"),
    ],
)
def test_ranges_that_are_not_ranges_are_words_only(bounds: Bounds) -> None:
    result = sugar("4.89", bounds=bounds)
    assert line_of(result) is None
    assert place_of(result).standing is Standing.UNKNOWN
