"""The list of the day: an icon and a word each, the gravest first, no more than a desk may know."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from backend.demo.people import KARIM, LAURA, LEA
from backend.domain.calendar import PARIS
from backend.domain.day_list import (
    SPACES,
    Known,
    Light,
    Space,
    day_of,
    hour_of,
    signs_of,
)
from backend.domain.errors import Refused
from backend.domain.reception import Choices
from backend.domain.rniv import Mark, Standing, Status

TODAY = date(2026, 11, 27)
READY = Known(LAURA.traits, Standing(Status.QUAL), Space.OPEN, choices=Choices(informed=True))
CHILD = replace(LEA.traits, matricule="", oid="")
PARENTS = replace(LEA.traits, matricule=KARIM.traits.matricule)


def test_somebody_for_whom_all_is_done_is_ready() -> None:
    signs = signs_of(READY, TODAY)
    assert signs.light is Light.READY
    assert [one.words for one in (signs.identity, signs.space, signs.visit)] == [
        "Qualifiée",
        "Espace ouvert",
        "Information donnée",
    ]


@pytest.mark.parametrize(
    ("change", "light", "words"),
    [
        ({"standing": Standing(Status.PROV)}, Light.UNFINISHED, "Provisoire"),
        ({"standing": Standing(Status.RECUP)}, Light.UNFINISHED, "pièce à contrôler"),
        ({"standing": Standing(Status.VALI)}, Light.UNFINISHED, "INSi à interroger"),
        ({"standing": Standing(Status.QUAL, frozenset({Mark.HOMONYM}))}, Light.READY, "homonyme"),
        ({"standing": Standing(Status.PROV, frozenset({Mark.DOUBTFUL}))}, Light.STOP, "douteuse"),
        ({"standing": Standing(Status.PROV, frozenset({Mark.FICTITIOUS}))}, Light.STOP, "fictive"),
        ({"waits_for_insi": True}, Light.UNFINISHED, "INSi n’a pas répondu"),
        ({"anomaly": True}, Light.STOP, "Anomalie à traiter"),
        ({"anomaly": True, "parents_number": True}, Light.STOP, "Numéro d’un parent"),
        (
            {"traits": CHILD, "standing": Standing(Status.PROV)},
            Light.UNFINISHED,
            "jamais le numéro du",
        ),
        ({"traits": PARENTS}, Light.STOP, "Numéro d’un parent"),
    ],
)
def test_what_stands_in_the_way_of_an_identity_is_said(
    change: dict[str, object], light: Light, words: str
) -> None:
    signs = signs_of(replace(READY, **change), TODAY)
    assert (signs.light, signs.identity.light) == (light, light)
    assert words in signs.identity.words


@pytest.mark.parametrize(
    ("choices", "light", "words"),
    [
        (None, Light.UNFINISHED, "À informer du dépôt"),
        (Choices(informed=True), Light.READY, "Information donnée"),
        (Choices(informed=True, opposed=True), Light.STOP, "Ne pas déposer : opposition"),
    ],
)
def test_a_choice_is_shown_and_no_secret_of_it(
    choices: Choices | None, light: Light, words: str
) -> None:
    signs = signs_of(replace(READY, choices=choices), TODAY)
    assert (signs.light, signs.visit.words) == (light, words)
    if choices:
        secret = signs_of(replace(READY, choices=replace(choices, secret=True)), TODAY)
        assert secret == signs, "a screen of a desk is seen by more than one person"


def test_a_space_that_is_not_open_is_one_word_whatever_the_reason() -> None:
    assert {space: sign.light for space, sign in SPACES.items()} == {
        Space.OPEN: Light.READY,
        Space.NONE: Light.STOP,
        Space.UNKNOWN: Light.UNFINISHED,
    }


@pytest.mark.parametrize("typed", ["10:30", "10h30", " 10 h 30 ", "10 H 30", "1030"])
def test_an_hour_is_read_as_people_write_it(typed: str) -> None:
    assert hour_of(typed, TODAY) == datetime(2026, 11, 27, 9, 30, tzinfo=UTC)


def test_a_whole_hour_needs_no_minutes() -> None:
    assert hour_of("8h", TODAY) == datetime(2026, 11, 27, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["", "25:00", "10:61", "midi", "٣:00", "10:30:00", "1" * 500])
def test_what_is_no_hour_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="10:30"):
        hour_of(typed, TODAY)


def test_a_day_is_that_of_paris_also_when_clocks_change() -> None:
    last = date(2026, 10, 25)
    assert day_of(last) == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert day_of(last + timedelta(days=1)) == datetime(2026, 10, 25, 23, tzinfo=UTC)
    assert hour_of("12:00", last) == datetime(2026, 10, 25, 12, tzinfo=PARIS)
