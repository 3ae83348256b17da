from datetime import UTC, datetime, timedelta

import pytest

from backend.domain.errors import Refused
from backend.domain.sign_in import read_code, read_identifier, seconds_before_resend

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "typed",
    [
        "384201",
        " 384 201 ",
        "384-201",
        "384\u00a0201",
        "384\u202f201",
        "３８４２０１",
        "3 8 4 2 0 1",
    ],
)
def test_a_code_is_read_whatever_is_put_between_its_digits(typed: str) -> None:
    assert read_code(typed) == "384201"


@pytest.mark.parametrize(
    "typed", ["", "38420", "3842011", "38420a", "٣٨٤٢٠١x", "384201\n384202", "-" * 200 + "384201"]
)
def test_anything_else_is_no_code(typed: str) -> None:
    with pytest.raises(Refused, match="6 chiffres"):
        read_code(typed)


def test_an_identifier_is_the_same_in_capitals() -> None:
    assert read_identifier(" Laura.Bernard ") == "laura.bernard"


@pytest.mark.parametrize(
    "typed", ["laura", "laura bernard", "laura@bernard", "l" * 101, "élodie.x"]
)
def test_an_identifier_keeps_to_plain_characters(typed: str) -> None:
    with pytest.raises(Refused, match="L’identifiant a 8 caractères"):
        read_identifier(typed)


@pytest.mark.parametrize(
    ("after", "wait"), [(0, 30), (0.2, 30), (29, 1), (29.5, 1), (30, 0), (3600, 0)]
)
def test_another_code_may_be_asked_for_after_thirty_seconds(after: float, wait: int) -> None:
    assert seconds_before_resend(NOON, NOON + timedelta(seconds=after)) == wait
