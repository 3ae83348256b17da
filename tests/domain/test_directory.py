"""How a professional is looked for."""

import pytest

from backend.domain.directory import Wanted, read_wanted
from backend.domain.errors import Refused


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("Dr Hélène LEROUX", Wanted(words=("helene", "leroux"))),
        ("le-goff", Wanted(words=("le", "goff"))),
        ("  10 000 000 094 ", Wanted(number="10000000094")),
        ("899900000094", Wanted(number="899900000094")),
    ],
)
def test_by_words_or_by_number(typed: str, wanted: Wanted) -> None:
    assert read_wanted(typed) == wanted


@pytest.mark.parametrize("typed", ["", " ", "Docteur", "x", "12345"])
def test_nothing_to_look_for(typed: str) -> None:
    with pytest.raises(Refused):
        read_wanted(typed)
