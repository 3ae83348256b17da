"""What somebody who cannot come in any more may type."""

from datetime import date

import pytest

from backend.domain.contact import spelled
from backend.domain.credentials import read_name
from backend.domain.dates import read_birth_date
from backend.domain.errors import Refused
from backend.domain.recovery import read_optional_code


@pytest.mark.parametrize(
    "text",
    [
        "14/05/1991",
        "14051991",
        " 14 5 1991 ",
        "14-05-1991",
        "14.5.1991",
        "１４/05/1991",
        "1991-05-14",
    ],
)
def test_a_birth_date_is_read_as_people_write_it(text: str) -> None:
    assert read_birth_date(text) == date(1991, 5, 14)


@pytest.mark.parametrize(
    "text", ["", "31/02/1991", "1991-5-14", "14/05/91", "00/00/0000", "hier", "1" * 99]
)
def test_what_is_no_birth_date_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        read_birth_date(text)


def test_a_code_that_was_not_received_is_empty() -> None:
    assert read_optional_code("  ") == ""
    assert read_optional_code("384 201") == "384201"
    with pytest.raises(Refused):
        read_optional_code("38")


def test_a_number_is_spelled_as_people_say_it() -> None:
    assert spelled("+33639980135") == "06 39 98 01 35"


def test_a_passkey_has_a_short_name() -> None:
    assert read_name("  Mon   téléphone ") == "Mon téléphone"
    for text in ("x" * 41, "a\x00b"):
        with pytest.raises(Refused):
            read_name(text)
