"""From a carte Vitale to a file: theirs, one of several, a new one; never a parent’s number."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from backend.access.actors import Professional
from backend.demo.insi import Known
from backend.demo.people import key_of
from backend.domain.errors import Forbidden, NotFound, Refused
from backend.domain.laboratory import Role
from backend.domain.reports import Traits
from backend.domain.rniv import Event, Status
from backend.gateways.vitale import OnCard, Opener, Reading
from backend.services.identification import cards, checking
from backend.services.identification.cards import Arrival, Choice
from backend.services.identification.outcomes import Lookup, Outcome
from tests.services.test_identification import AT, Desk, desk

__all__ = ["desk"]


def on_card(traits: Traits, **how: Any) -> OnCard:
    assert traits.birth_date
    return OnCard(traits.first_given, traits.birth_date, traits.birth_name, **how)


def card_of(person: Traits, *others: OnCard) -> Reading:
    number = person.matricule
    own = on_card(person, own=number[:13])
    return Reading(1, Opener(number[:13], number[13:]), (own, *others), test=True)


async def arrive(desk: Desk, reading: Reading, place: int = 0, **how: Any) -> Any:
    actor = how.pop("actor", desk.me)
    asked = cards.Asked(reading, place, **how)
    return await cards.arrive(desk.sessions, desk.insi, actor, AT, asked)


def parent_and_child(desk: Desk) -> tuple[Traits, Traits, Reading]:
    parent, child = desk.somebody(), desk.somebody(birth_date=date(2019, 3, 17))
    desk.fake.people = tuple(
        replace(one, opener=parent.matricule) if one.traits == child else one
        for one in desk.fake.people
    )
    return parent, child, card_of(parent, on_card(child))


async def test_a_card_of_several_people_says_nothing_of_whose_visit_it_is(desk: Desk) -> None:
    _, _, reading = parent_and_child(desk)
    asked = cards.Asked(reading)
    among = await cards.arrive(desk.sessions, desk.insi, desk.me, AT, asked)
    assert isinstance(among, cards.Several)
    assert among.people == reading.people
    outsider = Professional(desk.me.id, desk.me.structure_id, "10", roles=frozenset())
    with pytest.raises(Forbidden):
        await cards.arrive(desk.sessions, desk.insi, outsider, AT, asked)


async def test_somebody_new_has_a_file_with_what_insi_answers(desk: Desk) -> None:
    person = desk.somebody()
    came = await arrive(desk, card_of(person))
    assert isinstance(came, Arrival)
    assert came.lookup
    assert (came.lookup.outcome, came.lookup.theirs) == (Outcome.RETRIEVED, person)
    shown = await desk.shown(came.file_id)
    assert (shown.standing.status, shown.traits) == (Status.RECUP, person)
    again = await arrive(desk, card_of(person))
    assert again.file_id == came.file_id, "they have a file now"
    await desk.see(came.file_id)
    asked = len(desk.fake.asked)
    qualified = await arrive(desk, card_of(person))
    assert (qualified.lookup, qualified.warning) == (None, "")
    assert len(desk.fake.asked) == asked, "next visit: nothing is asked"


async def test_a_child_has_a_number_of_their_own(desk: Desk) -> None:
    parent, child, reading = parent_and_child(desk)
    came = await arrive(desk, reading, 1)
    shown = await desk.shown(came.file_id)
    assert (came.lookup.outcome, shown.traits.matricule) == (Outcome.RETRIEVED, child.matricule)
    assert shown.minor
    assert shown.traits.matricule != parent.matricule


@pytest.mark.parametrize("says_own", [False, True])
async def test_the_openers_number_is_never_a_childs(desk: Desk, *, says_own: bool) -> None:
    parent, child, reading = parent_and_child(desk)
    number = parent.matricule[:13]
    desk.fake.people = (
        Known(replace(child, matricule=number + key_of(number))),
        *(one for one in desk.fake.people if one.traits not in (child, parent)),
    )
    if says_own:
        reading = card_of(parent, on_card(child, own=number))
    came = await arrive(desk, reading, 1)
    shown = await desk.shown(came.file_id)
    assert came.lookup.outcome is Outcome.PARENT
    assert (shown.standing.status, shown.traits.matricule) == (Status.PROV, "")


async def test_what_insi_does_not_say_leaves_a_provisional_file(desk: Desk) -> None:
    unknown = replace(desk.somebody(), birth_name="PERSONNE", matricule="2800529019999")
    unknown = replace(unknown, matricule=unknown.matricule + key_of(unknown.matricule))
    nobody = await arrive(desk, card_of(unknown))
    assert nobody.lookup.outcome is Outcome.NOBODY
    person = desk.somebody()
    desk.fake.down = True
    try:
        down = await arrive(desk, card_of(person))
    finally:
        desk.fake.down = False
    shown = await desk.shown(down.file_id)
    assert (down.lookup.outcome, shown.waits_for_insi) == (Outcome.DOWN, True)
    assert (shown.standing.status, shown.traits.sex) == (Status.PROV, "U"), "no trait from a number"
    twice = desk.somebody()
    desk.fake.people = (*desk.fake.people, Known(replace(twice, birthplace="35238")))
    several = await arrive(desk, card_of(twice))
    assert several.lookup.outcome is Outcome.SEVERAL


async def test_a_name_that_differs_is_seen_and_attached_to_nobody(desk: Desk) -> None:
    person = desk.somebody()
    reading = card_of(replace(person, birth_name="", used_name="AUTRE"))
    with pytest.raises(Refused, match="aucun nom"):
        await arrive(desk, reading)
    married = replace(reading.people[0], used_name="Le Gall")
    reading = Reading(1, reading.opener, (married,))
    came = await arrive(desk, reading)
    assert came.lookup.outcome is Outcome.DIFFERENT
    assert [one.trait for one in came.lookup.differences] == ["birth_name"]
    assert (await desk.shown(came.file_id)).traits.matricule == ""


async def test_homonyms_are_told_apart_by_somebody(desk: Desk) -> None:
    person = desk.somebody()
    ids = {await desk.file_of(person), await desk.file_of(person, another=True)}
    choice = await arrive(desk, card_of(person))
    assert isinstance(choice, Choice)
    assert {one.id for one in choice.files} == ids
    one, *_ = ids
    came = await arrive(desk, card_of(person), chosen=one)
    assert came.file_id == one
    stranger = await desk.file_of(desk.somebody())
    with pytest.raises(NotFound):
        await arrive(desk, card_of(person), chosen=stranger)
    with pytest.raises(NotFound):
        await arrive(desk, card_of(desk.somebody()), chosen=uuid4())


async def test_another_number_than_that_of_a_qualified_file_is_said(desk: Desk) -> None:
    person = desk.somebody()
    came = await arrive(desk, card_of(person))
    await desk.see(came.file_id)
    other = f"2800529019{998}"
    card = card_of(replace(person, matricule=other + key_of(other)))
    warned = await arrive(desk, card)
    assert (warned.file_id, warned.lookup) == (came.file_id, None)
    assert "autre numéro" in warned.warning
    assert (await desk.shown(came.file_id)).traits.matricule == person.matricule


async def test_a_doubtful_identity_is_shown_and_insi_not_asked(desk: Desk) -> None:
    person = desk.somebody()
    came = await arrive(desk, card_of(person))
    await desk.run(checking.mark, desk.me, AT, came.file_id, Event.CALL_DOUBTFUL)
    asked = len(desk.fake.asked)
    again = await arrive(desk, card_of(person))
    assert (again.file_id, again.lookup) == (came.file_id, None)
    assert again.warning
    assert len(desk.fake.asked) == asked


async def test_a_card_finds_nothing_of_another_laboratory_and_lets_nobody_else_in(
    desk: Desk,
) -> None:
    person = desk.somebody()
    here = await arrive(desk, card_of(person))
    there = await arrive(desk, card_of(person), actor=desk.neighbour)
    assert here.file_id != there.file_id
    for roles in (frozenset({Role.ADMINISTRATOR}), frozenset[Role]()):
        outsider = Professional(desk.me.id, desk.me.structure_id, "10", roles=roles)
        with pytest.raises(Forbidden):
            await arrive(desk, card_of(person), actor=outsider)
    with pytest.raises(Refused, match="Choisissez"):
        await arrive(desk, card_of(person), 3)
    assert isinstance(here.lookup, Lookup)
