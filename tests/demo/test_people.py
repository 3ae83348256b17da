from datetime import date

import pytest

from backend.demo.people import (
    DOMINIQUE,
    INS_TEST,
    LABORATORIES,
    LAURA,
    LEA,
    NOE,
    PEOPLE,
    PRACTITIONERS,
    RUTH,
    Someone,
    everyone,
    key_of,
)
from backend.domain.ins import different_traits
from backend.domain.reports import Traits
from backend.storage.records import RecordState

KEYS = [someone.key for someone in PEOPLE]


@pytest.mark.parametrize("someone", PEOPLE, ids=KEYS)
def test_a_matricule_has_fifteen_characters_and_the_right_key(someone: Someone) -> None:
    matricule = someone.traits.matricule

    assert len(matricule) == 15
    assert matricule[13:] == key_of(matricule[:13])


@pytest.mark.parametrize(
    ("first13", "key"), [("160012B020777", "13"), ("2360663220836", "56"), ("2790351215189", "89")]
)
def test_the_key_is_that_of_the_public_test_identities(first13: str, key: str) -> None:
    assert key_of(first13) == key


@pytest.mark.parametrize("someone", PEOPLE, ids=KEYS)
def test_strict_traits_are_complete_and_agree_with_the_matricule(someone: Someone) -> None:
    traits = someone.on_paper
    assert traits.birth_date is not None
    assert traits.matricule[0] == {"M": "1", "F": "2"}[traits.sex]
    assert traits.matricule[1:5] == f"{traits.birth_date:%y%m}"
    assert traits.matricule[5:10] == traits.birthplace
    assert traits.birth_name.isupper()
    assert traits.given_names.split(" ")[0] == traits.first_given


def test_invented_people_stay_in_the_test_range() -> None:
    assert {someone.traits.oid for someone in PEOPLE if someone is not RUTH} == {INS_TEST}


def test_identities_are_unique() -> None:
    assert len({(someone.traits.oid, someone.traits.matricule) for someone in PEOPLE}) == len(
        PEOPLE
    )


@pytest.mark.parametrize("birthplace", ["51215", "63220"])
def test_the_official_test_patient_is_the_one_of_the_public_samples(birthplace: str) -> None:
    sample = Traits(
        matricule="279035121518989",
        oid="1.2.250.1.213.1.4.10",
        birth_name="PAT-TROIS",
        first_given="DOMINIQUE",
        birth_date=date(1979, 3, 28),
        sex="F",
        birthplace=birthplace,
    )

    assert different_traits(DOMINIQUE.traits, sample) == ()


def test_who_has_an_account_can_sign_in_and_nobody_else() -> None:
    for someone in PEOPLE:
        active = someone.state is RecordState.ACTIVE and not someone.parents
        assert active == bool(someone.identifier)
        assert active == (len(someone.password) >= 12)
        assert active == bool(someone.email and someone.phone)


def test_parents_come_before_their_children() -> None:
    seen: set[str] = set()
    for someone in everyone():
        assert seen.issuperset(someone.parents)
        seen.add(someone.key)
    assert seen == set(KEYS)


def test_a_child_is_a_minor_until_the_eighteenth_birthday() -> None:
    assert LEA.minor_until == date(2037, 3, 17)
    assert NOE.minor_until == date(2028, 1, 25)
    assert LAURA.minor_until is None


def test_every_professional_has_an_identifier_of_their_own() -> None:
    people = [doctor.person for doctor in PRACTITIONERS]
    people += [biologist for place in LABORATORIES for biologist in place.biologists]

    numbers = [person.national_id for person in people]
    assert len(set(numbers)) == len(numbers)
    assert all(number.startswith("8") and len(number) == 12 for number in numbers)


def test_every_laboratory_has_a_finess_and_a_machine_of_its_own() -> None:
    assert all(len(place.structure.finess) == 9 for place in LABORATORIES)
    assert len({place.client_id for place in LABORATORIES}) == len(LABORATORIES)
