"""What people type on their way in, in all the spellings that people have."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.demo.people import PEOPLE, key_of
from backend.domain import activation
from backend.domain.activation import (
    ALPHABET,
    CODE_LENGTH,
    in_fours,
    masked_phone,
    read_nir,
    read_provisional_code,
    read_serial,
)
from backend.domain.browsers import browser_of
from backend.domain.errors import Refused

BLANK = st.sampled_from(["", " ", "-", ".", "\u00a0", "\u202f", "–", "\t"])


def spread(data: st.DataObject, text: str) -> str:
    """The same with blanks here and there."""
    return "".join(character + data.draw(BLANK) for character in text)


@given(st.data(), st.text(ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH))
def test_a_code_is_read_however_it_is_spaced(data: st.DataObject, code: str) -> None:
    assert read_provisional_code(spread(data, code.lower())) == code
    assert read_provisional_code(in_fours(code)) == code


@given(st.data())
def test_a_number_is_read_however_it_is_spaced(data: st.DataObject) -> None:
    someone = data.draw(st.sampled_from(PEOPLE))
    nir = someone.traits.matricule
    assert read_nir(spread(data, nir)) == nir


@given(st.text(max_size=60))
def test_anything_else_is_refused_in_a_sentence(text: str) -> None:
    for read in (read_provisional_code, read_nir, read_serial):
        assert re.fullmatch(r"[0-9A-Z]+|.*\.", outcome(read, text)), text


def outcome(read: Callable[[str], str], text: str) -> str:
    """What was read, or the sentence that says why not."""
    try:
        return read(text)
    except Refused as refusal:
        return refusal.message


@pytest.mark.parametrize("department", ["2A", "2B", "2a"])
def test_corsicans_have_letters(department: str) -> None:
    first = f"28409{department.upper()}004012"
    assert read_nir(f"28409{department}004012{key_of(first)}") == first + key_of(first)


def test_every_wrong_key_is_refused() -> None:
    first, right = "2910544109001", key_of("2910544109001")
    for key in range(100):
        if f"{key:02d}" == right:
            continue
        with pytest.raises(Refused):
            read_nir(f"{first}{key:02d}")


@pytest.mark.parametrize("serial", ["1234567", "12345678901234", "1234567a", ""])
def test_a_serial_has_8_to_13_digits(serial: str) -> None:
    with pytest.raises(Refused):
        read_serial(serial)


def test_an_address_is_recognised_by_who_knows_it() -> None:
    assert masked_phone("+33639980135") == "•• •• •• •• 35"


def test_no_letter_of_a_code_looks_like_another_on_paper() -> None:
    assert set("0O1I") & set(ALPHABET) == set()
    assert len(set(ALPHABET)) == len(ALPHABET) == 32
    assert activation.CODE_LENGTH * 5 == 60


AGENTS = {
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Mobile Safari/537.36": "Chrome, Android",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.5 Mobile/15E148 Safari/604.1": "Safari, iPhone",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0": "Edge, Windows",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0": "Firefox, Linux",
    "": "Navigateur inconnu",
    "<script>alert(1)</script>": "Navigateur inconnu",
}


@pytest.mark.parametrize("agent", AGENTS)
def test_a_browser_is_told_in_our_words_only(agent: str) -> None:
    assert browser_of(agent) == AGENTS[agent]
