import pytest

from backend.domain.reports import Bounds, Value, ValueKind
from backend.domain.results.numbers import in_french
from backend.domain.results.words import range_words, value_words
from tests.domain.results.make import only_card, sugar


def test_a_result_is_said_in_one_sentence() -> None:
    said = only_card(sugar()).sentence.replace("\u202f", " ").replace("\u00a0", " ")
    assert said == "Glycémie à jeun : 1,18 g/L. Repères du laboratoire : de 0,74 à 1,06 g/L."


def test_without_a_range_the_sentence_says_so_and_nothing_is_drawn() -> None:
    card = only_card(sugar(bounds=None))
    assert card.sentence.endswith("Le laboratoire n’a pas donné de repères.")
    assert card.line is None
    assert card.place.words == ""


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("1.950", "1,950"),
        ("1000", "1000"),
        ("250000", "250\u202f000"),
        ("-2.5", "−2,5"),
        ("0", "0"),
        ("1234567.8", "1\u202f234\u202f567,8"),
    ],
)
def test_numbers_keep_every_digit_that_was_sent(sent: str, shown: str) -> None:
    assert in_french(sent) == shown


@pytest.mark.parametrize(
    ("comparator", "words"),
    [("<", "moins de 5"), ("<=", "au plus 5"), (">", "plus de 5"), (">=", "au moins 5")],
)
def test_open_values_are_said_in_words(comparator: str, words: str) -> None:
    assert value_words(Value(ValueKind.QUANTITY, "5", "mg/L", comparator)) == words


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        (Bounds("0.74", "1.06"), "de 0,74 à 1,06"),
        (Bounds("", "1.60", high_inclusive=False), "moins de 1,60"),
        (Bounds("", "1.60"), "au plus 1,60"),
        (Bounds("60", ""), "au moins 60"),
        (Bounds("60", "", low_inclusive=False), "plus de 60"),
        (Bounds(text="Négatif"), "Négatif"),
        (None, ""),
    ],
)
def test_ranges_are_said_as_they_were_sent(bounds: Bounds | None, words: str) -> None:
    assert range_words(bounds) == words


@pytest.mark.parametrize(
    ("sent", "shown"),
    [("m[IU]/L", "mUI/L"), ("10*9/L", "G/L"), ("10*12/L", "T/L"), ("{ratio}", ""), ("%", "%")],
)
def test_units_are_relabelled_and_numbers_untouched(sent: str, shown: str) -> None:
    card = only_card(sugar("2.10", unit=sent, bounds=None))
    assert (card.value, card.unit) == ("2,10", shown)


def test_a_second_unit_that_was_sent_is_a_second_line() -> None:
    card = only_card(sugar(also=(Value(ValueKind.QUANTITY, "6.5", "mmol/L"),)))
    assert card.also == ("6,5\u00a0mmol/L",)


def test_the_laboratorys_label_stands_under_the_plain_name() -> None:
    card = only_card(sugar())
    assert (card.name, card.technical) == ("Sucre dans le sang, à jeun", "Glycémie à jeun")


def test_an_unknown_analysis_keeps_the_laboratorys_label_once() -> None:
    card = only_card(sugar(label="indice d’hémolyse", loinc="", local_code="HEMOL"))
    assert (card.name, card.technical) == ("Indice d’hémolyse", "")


def test_the_group_that_the_range_is_for_is_kept() -> None:
    bounds = Bounds("13", "150", "g/L", text="Femme de 18 à 50 ans")
    assert only_card(sugar("30", bounds=bounds)).group == "Femme de 18 à 50 ans"
