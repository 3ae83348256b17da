"""Who may come in when life is at stake, and what is written then."""

import pytest

from backend.domain.emergency import Switches, read_reason
from backend.domain.errors import Refused


def test_by_law_two_are_on_and_what_is_masked_stays_so() -> None:
    assert Switches() == Switches(samu=True, anyone=True, masked=False)


@pytest.mark.parametrize(
    ("before", "after", "wider"),
    [
        (Switches(), Switches(), False),
        (Switches(), Switches(samu=False), False),
        (Switches(samu=False), Switches(), True),
        (Switches(), Switches(anyone=False, masked=True), True),
        (Switches(masked=True), Switches(), False),
    ],
)
def test_opening_more_is_told_from_closing(before: Switches, after: Switches, wider: bool) -> None:  # noqa: FBT001
    assert after.widen(before) is wider


def test_a_reason_is_a_sentence() -> None:
    assert read_reason("  Chute\n dans la rue. ") == "Chute dans la rue."
    for text in ("", " x ", "x" * 301):
        with pytest.raises(Refused):
            read_reason(text)
