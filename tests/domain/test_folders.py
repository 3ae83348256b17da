"""What a folder may be called."""

import pytest

from backend.domain.errors import Refused
from backend.domain.folders import LONGEST_NAME, is_same, read_name


def test_a_name_is_kept_as_it_is_written_but_for_its_blanks() -> None:
    assert read_name("  Suivi   de grossesse ") == "Suivi de grossesse"
    assert read_name("é" * LONGEST_NAME) == "é" * LONGEST_NAME


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Donnez un nom"),
        (" \t ", "Donnez un nom"),
        ("a" * (LONGEST_NAME + 1), "60 lettres au plus"),
        ("a\0b", "caractère"),
        ("a\u202eb", "caractère"),
    ],
)
def test_what_is_no_name_is_refused_with_how_to_fix_it(typed: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        read_name(typed)


def test_two_names_are_the_same_whatever_their_capitals() -> None:
    assert is_same("Sport", "sport")
    assert not is_same("Sport", "Sports")
