"""An address or a number has one spelling, or is refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.contact import read_email, read_mobile
from backend.domain.errors import Refused

EMAILS = {
    "laura.bernard@courriel.example": "laura.bernard@courriel.example",
    " laura@courriel.example ": "laura@courriel.example",
    "Laura.Bernard@Courriel.EXAMPLE": "Laura.Bernard@courriel.example",
    "l'abbe@courriel.example": "l'abbe@courriel.example",
    "laura+labo@a.b-c.courriel.example": "laura+labo@a.b-c.courriel.example",
    "laura@courriel.example\u200b": "laura@courriel.example",
    "laura@santé.example": "laura@xn--sant-epa.example",
    "laura@straße.example": "laura@xn--strae-oqa.example",
    f"{'a' * 64}@courriel.example": f"{'a' * 64}@courriel.example",
}

NOT_EMAILS = [
    "",
    "laura",
    "@courriel.example",
    "laura@",
    "laura@localhost",
    "laura@127.0.0.1",
    "laura@[127.0.0.1]",
    "laura@courriel..example",
    "laura@.example",
    "laura@courriel.example.",
    "laura@-courriel.example",
    "laura@courriel_.example",
    "laura@courriel.123",
    "laura@@courriel.example",
    ".laura@courriel.example",
    "laura.@courriel.example",
    "laura..b@courriel.example",
    "laura@courriel.example,karim@courriel.example",
    "laura@courriel.example;karim@courriel.example",
    "laura@courriel.example karim@courriel.example",
    "Laura <laura@courriel.example>",
    "<laura@courriel.example>",
    "laura(maman)@courriel.example",
    '"laura"@courriel.example',
    '"laura karim"@courriel.example',
    "karim@autre.example:laura@courriel.example",
    "laura%autre.example@",
    "laura@courriel.example\n",
    "laura@courriel.example\r\nBcc: karim@courriel.example",
    "laura\x00@courriel.example",
    "laura\t@courriel.example",
    "lauré@courriel.example",
    "laura@\u202eelpmaxe.leirruoc",
    f"{'a' * 65}@courriel.example",
    f"laura@{'a' * 64}.example",
    f"laura@{'a.' * 125}example",
    f"laura@{'é' * 5000}.example",
]

MOBILES = {
    "06 39 98 01 35": "+33639980135",
    "0639980135": "+33639980135",
    "06.39.98.01.35": "+33639980135",
    "06-39-98-01-35": "+33639980135",
    "06\u202f39\u00a098 01 35": "+33639980135",
    "+33639980135": "+33639980135",
    "+33 6 39 98 01 35": "+33639980135",
    "+33 (0)6 39 98 01 35": "+33639980135",
    "0033 6 39 98 01 35": "+33639980135",
    "07 39 98 01 35": "+33739980135",
    "0690 12 34 56": "+590690123456",
    "0692 12 34 56": "+262692123456",
    "0639 12 34 56": "+262639123456",
    "0694 12 34 56": "+594694123456",
    "0696 12 34 56": "+596696123456",
    "+590 690 12 34 56": "+590690123456",
}

NOT_MOBILES = [
    "",
    "06 39 98 01 3",
    "06 39 98 01 35 5",
    "01 99 00 12 34",
    "09 12 34 56 78",
    "+44 7700 900123",
    "+1 202 555 0100",
    "639980135",
    "06 39 98 01 3A",
    "٠٦٣٩٩٨٠١٣٥",
    "06 39 98 01 35, 06 39 98 01 36",
    "+33 6 39 98 01 35;ext=3",
]


@pytest.mark.parametrize(("typed", "email"), EMAILS.items())
def test_an_address_has_one_spelling(typed: str, email: str) -> None:
    assert read_email(typed) == email
    assert read_email(email) == email


@pytest.mark.parametrize("typed", NOT_EMAILS)
def test_what_could_be_read_in_two_ways_is_not_an_address(typed: str) -> None:
    with pytest.raises(Refused, match="n’est pas valide"):
        read_email(typed)


@pytest.mark.parametrize(("typed", "mobile"), MOBILES.items())
def test_a_number_has_one_spelling(typed: str, mobile: str) -> None:
    assert read_mobile(typed) == mobile
    assert read_mobile(mobile) == mobile


@pytest.mark.parametrize("typed", NOT_MOBILES)
def test_what_is_not_a_french_mobile_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="n’est pas valide"):
        read_mobile(typed)


@given(st.text() | st.from_regex(r"[\w.,;:<>\"\r\n@ ]+@[\w.\-\r\n ]+", fullmatch=True))
def test_whatever_is_typed_becomes_plain_or_is_refused(typed: str) -> None:
    try:
        email = read_email(typed)
    except Refused:
        return
    assert re.fullmatch(r"[!-~]{1,64}@[a-z0-9.-]+", email)
    assert not set(email) & set('",;:<>()[]\\')
    assert email.count("@") == 1
