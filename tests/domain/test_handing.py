"""Deposits by hand: what a file is, who is named, when it may be taken back."""

from datetime import UTC, date, datetime, timedelta

import pytest

from backend.domain.deposit_words import NOBODY, in_words
from backend.domain.deposits import DepositRefused, Flags, check_flags
from backend.domain.errors import Refused
from backend.domain.handing import (
    Sort,
    check_still_waits,
    check_taken_back,
    read_person,
    read_reminder,
    sort_of,
)
from backend.domain.own_documents import Given
from backend.domain.reports import Person
from backend.domain.visibility import Visibility, flags_of, visibility_of

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def given(content: bytes, size: int | None = None) -> Given:
    return Given("nom.pdf", content, len(content) if size is None else size)


def test_a_file_is_what_it_begins_with() -> None:
    assert sort_of(given(b"%PDF-1.4")) is Sort.PDF
    assert sort_of(given(b"\xef\xbb\xbf \n<?xml ?>")) is Sort.CDA
    for wrong in (given(b""), given(b"MSH|"), given(b"PK\x03\x04"), given(b"%PDF-", 5_000_001)):
        with pytest.raises(Refused):
            sort_of(wrong)


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Dr Paul Martin", Person(family="Martin", given="Paul", prefix="Dr")),
        ("docteur LE GOFF Paul", Person(family="LE GOFF", given="Paul", prefix="Dr")),
        ("Pr. Aïcha Benali", Person(family="Benali", given="Aïcha", prefix="Pr")),
        ("Martin", Person(family="Martin")),
        ("  ", Person()),
    ],
)
def test_a_name_is_read_as_people_write_it(text: str, person: Person) -> None:
    assert read_person(text) == person


def test_a_choice_can_be_read_by_somebody_and_is_read_again() -> None:
    for one in Visibility:
        flags = flags_of(one, secret=False)
        check_flags(flags)
        there = one if one is not Visibility.SENT else Visibility.NOW
        assert visibility_of(withheld=flags.withheld, masked=flags.masked) is there
    assert flags_of(Visibility.NOW, secret=True) == Flags(hidden_from_guardians=True)


def test_it_is_taken_back_in_time_and_unread() -> None:
    nine, eleven = NOW - timedelta(minutes=9), NOW - timedelta(minutes=11)
    check_taken_back(nine, NOW, current=True, read=False)
    for at, current, read in ((eleven, True, False), (nine, True, True), (nine, False, False)):
        with pytest.raises(Refused):
            check_taken_back(at, NOW, current=current, read=read)
    with pytest.raises(Refused, match="remplace une version déjà là"):
        check_taken_back(nine, NOW, current=True, read=False, replaces=True)


def test_a_version_by_hand_shows_nothing_that_waits() -> None:
    check_still_waits(waited=True, withheld=True)
    check_still_waits(waited=False, withheld=False)
    with pytest.raises(Refused, match="attend son annonce"):
        check_still_waits(waited=True, withheld=False)


def test_a_reminder_comes_before_the_law() -> None:
    today = date(2026, 11, 27)
    assert read_reminder("", today, today) is None
    assert read_reminder("26/12/2026", today, today) == date(2026, 12, 26)
    for wrong in ("27/11/2026", "27/12/2026", "demain"):
        with pytest.raises(Refused):
            read_reminder(wrong, today, today)
    with pytest.raises(Refused):
        read_reminder("26/12/2026", today - timedelta(days=10), today)


def test_a_refusal_is_said_without_its_codes() -> None:
    with pytest.raises(DepositRefused) as refused:
        check_flags(Flags(masked=True, withheld=True))
    assert in_words(refused.value) == NOBODY
    assert "(RO)" not in in_words(DepositRefused("900", "Envoyez un remplacement (RO)."))
    assert "espace ouvert" in in_words(DepositRefused("902", "x"))
