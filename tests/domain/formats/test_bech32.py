"""Bech32: the text of age's keys."""

import os

import pytest

from backend.domain.formats.bech32 import read_bech32 as read
from backend.domain.formats.bech32 import write_bech32 as write

WRONG = "case|prefix|checksum|padding|not found"


@pytest.mark.parametrize("size", [0, 1, 5, 31, 32, 33, 100])
def test_what_is_written_is_read(size: int) -> None:
    data = os.urandom(size)
    text = write("age-secret-key-", data)
    assert read("age-secret-key-", text) == data
    assert read("age-secret-key-", text.upper()) == data


@pytest.mark.parametrize(
    "text",
    [
        "A12UEL5L",
        "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
        "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
    ],
)
def test_the_texts_of_the_standard_are_read_and_written_again(text: str) -> None:
    prefix = text.lower().rpartition("1")[0]
    assert write(prefix, read(prefix, text)) == text.lower()


def test_any_mistake_shows() -> None:
    text = write("age", bytes(range(32)))
    for at in range(len(text)):
        for letter in "aq1Z é":
            if text[at] != letter:
                with pytest.raises(ValueError, match=WRONG):
                    read("age", text[:at] + letter + text[at + 1 :])
    for wrong in ("", "age1", text[:-1], text + "q", "x" + text):
        with pytest.raises(ValueError, match=WRONG):
            read("age", wrong)
