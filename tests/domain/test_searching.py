"""A search forgives accents, capitals and slips; what is far from what is asked is not found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.searching import asked_words, like, plain_words, with_text

WORDS = frozenset(
    plain_words("Glycémie à jeun, hémoglobine glyquée HbA1c, ferritine, fer, Cœur 25-OH")
)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("GLYCÉMIE", {"glycemie"}),
        ("glicemie", {"glycemie"}),
        ("hemoglobin", {"hemoglobine"}),
        ("hémoglobbime", {"hemoglobine"}),
        ("hba1c", {"hba1c"}),
        ("fer", {"fer", "ferritine"}),
        ("feritine", {"ferritine"}),
        ("coeur", {"coeur"}),
        ("cœur", {"coeur"}),
        ("25", {"25"}),
        ("26", set()),
        ("tsh", set()),
        ("bilirubine", set()),
    ],
)
def test_what_a_word_stands_for(typed: str, found: set[str]) -> None:
    (word,) = plain_words(typed)
    assert like(word, WORDS) == found


def test_small_words_count_only_when_they_are_alone() -> None:
    assert asked_words("taux de fer dans le sang") == ["taux", "fer", "dans", "sang"]
    assert asked_words("de la") == ["de", "la"]
    assert asked_words(" ?! ") == []


def test_a_long_text_is_kept_up_to_a_limit() -> None:
    known = frozenset({"bilan"})
    words = with_text(known, [" ".join(f"mot{n}" for n in range(9_000))])
    assert len(words) == 5_000
    assert known <= words


@given(st.text())
def test_any_text_is_words_of_letters_and_figures(text: str) -> None:
    for word in plain_words(text):
        assert word.isalnum()
        assert word.isascii()
        assert plain_words(word) == [word]
