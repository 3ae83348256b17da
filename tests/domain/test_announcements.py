"""Who is called about a result that waits, when; and which tests a laboratory’s rule is about."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from backend.demo.reports import DemoDeposit
from backend.domain.announcements import (
    Call,
    check_announced,
    check_reminder,
    due_calls,
    in_days,
    read_announcer,
    read_reason,
)
from backend.domain.deposits import DepositAction, DepositRefused, Flags, merged_flags, under_policy
from backend.domain.errors import Refused
from backend.domain.withheld_families import families, families_of, read_families, withholds
from backend.domain.withholding import mention_on, shows_on, shows_since
from backend.storage.documents import Document

SINCE = date(2026, 11, 1)


def on(day: int) -> date:
    return SINCE + timedelta(day)


@pytest.mark.parametrize(
    ("day", "remind", "expected"),
    [
        (6, None, []),
        (7, None, [Call.WEEK]),
        (11, None, [Call.WEEK]),
        (12, None, [Call.URGENT]),
        (13, None, [Call.EVERYBODY]),
        (13, 20, []),  # its owner is at it
        (8, 5, [Call.REMINDER, Call.WEEK]),
        (20, 20, [Call.REMINDER, Call.EVERYBODY]),
    ],
)
def test_each_is_called_in_time_and_once(
    day: int, remind: int | None, expected: list[Call]
) -> None:
    chosen = None if remind is None else on(remind)
    due = due_calls(SINCE, chosen, on(day), ())
    assert [kind for kind, _ in due] == expected
    assert due_calls(SINCE, chosen, on(day), due) == []


def test_the_days_of_the_law_are_told_as_it_counts_them() -> None:
    assert (mention_on(SINCE), shows_on(SINCE)) == (date(2026, 11, 15), date(2026, 12, 1))
    last = date(2027, 1, 31)
    assert shows_since(shows_on(last)) == last
    words = [in_days(on(n), SINCE) for n in (-2, -1, 0, 1, 5)]
    assert words == ["il y a 2 jours", "hier", "aujourd’hui", "demain", "dans 5 jours"]


def test_what_is_typed_is_read_or_refused() -> None:
    for wrong in (
        lambda: check_reminder(on(3), SINCE, on(3)),
        lambda: check_reminder(shows_on(SINCE), SINCE, on(3)),
        lambda: check_announced(on(4), SINCE, on(3)),
        lambda: check_announced(on(-1), SINCE, on(3)),
        lambda: read_announcer("  "),
        lambda: read_announcer("x" * 81),
        lambda: read_reason("x" * 501),
    ):
        with pytest.raises(Refused):
            wrong()
    check_reminder(on(4), SINCE, on(3))
    check_announced(on(3), SINCE, on(3))
    assert read_announcer(" Dr  Paul Martin ") == "Dr Paul Martin"


def test_a_family_is_known_by_code_by_chapter_and_by_name(
    reports: Mapping[str, DemoDeposit],
) -> None:
    hiv = reports["laura-serologies-v1"].report
    assert families_of(hiv) == {"vih"}
    (coded, *_) = [one for one in hiv.results if one.loinc == "56888-1"]
    for words, found in (
        ("Sérologie V.I.H", set()),
        ("Dépistage VIH 1+2", {"vih"}),
        ("Trisomie 21, risque combiné", {"trisomie"}),
        ("C.A. 15-3", set()),
        ("CA 15-3", {"marqueurs"}),
        ("PSAt", set()),
    ):
        bare = replace(coded, loinc="", label=words, display="", battery="", battery_title="")
        assert families_of(replace(hiv, results=(bare,))) == found, words
    tissue = replace(coded, loinc="", label="Lame", display="", chapter="27898-6")
    assert families_of(replace(hiv, results=(tissue,))) == {"anatomopathologie"}
    assert not withholds(hiv, ())
    assert not withholds(hiv, {"trisomie"})
    assert withholds(hiv, {"vih", "trisomie"})
    keys = {one.key for one in families()}
    assert read_families(["vih", "inconnue"]) == {"vih"}
    assert keys == {"vih", "trisomie", "genetique", "marqueurs", "anatomopathologie"}
    assert all(one.source for one in families())


def test_a_rule_is_stronger_than_a_message_and_hides_nothing_that_shows() -> None:
    new, again = DepositAction.NEW, DepositAction.REPLACE
    assert under_policy(Flags(), new, withheld=True).withheld
    assert under_policy(Flags(), new, withheld=False) == Flags()
    explicit = Flags(visibility_only=True)
    assert under_policy(explicit, again, withheld=True) == explicit
    ruled = under_policy(Flags(), again, withheld=True)
    for stored in (Document(withheld=False), Document(withheld=True)):
        merged = merged_flags(ruled, stored, masked_by_patient=False, seen_by_patient=True)
        assert merged.withheld is stored.withheld
    with pytest.raises(DepositRefused, match="règle du laboratoire"):
        under_policy(Flags(masked=True), new, withheld=True)
