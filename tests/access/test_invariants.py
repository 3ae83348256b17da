"""What must hold whatever the table says, over the same cases, as PostgreSQL answers them."""

from collections.abc import Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.access.actors import Professional
from backend.access.scopes import documents_for
from tests.access.domain import (
    AIDANTS,
    CALM,
    DOCTOR,
    LETTERS,
    PATIENTS,
    PEOPLE,
    REPORTS,
    SETTINGS,
    STRUCTURE,
    SWITCHES,
    Case,
    moment,
    person,
    seen,
)
from tests.access.oracle import Facts

PHYSICIAN = Professional(DOCTOR, STRUCTURE, "10")
Twin = Callable[[int], int | None]

settings = pytest.mark.parametrize("setting", SETTINGS, ids=lambda value: "-".join(value.values()))


def twins(facts: list[Facts], name: str, value: str) -> Twin:
    """From a number to that of the same facts with `name` at `value`, if there is one."""
    numbers = {frozenset(each.items()): n for n, each in enumerate(facts)}
    return lambda n: numbers.get(frozenset({**facts[n], name: value}.items()))


@settings
async def test_a_restriction_never_gives_anything(
    patients: AsyncConnection, setting: Facts
) -> None:
    """I2, for professionals."""
    found = await seen(patients, documents_for(PHYSICIAN, moment(setting)))
    for name in ("mask_all", "blocked", "objected"):
        without = twins(PATIENTS, name, "no")
        restricted = [(n, k) for n, k in found if PATIENTS[n][name] == "yes"]
        assert all((without(n), k) in found for n, k in restricted)
    for name in ("masked", "withheld", "hidden"):
        without = twins(REPORTS, name, "no")
        restricted = [(n, k) for n, k in found if REPORTS[k][name] == "yes"]
        assert all((n, without(k)) in found for n, k in restricted)
    plain = twins(REPORTS, "category", "plain")
    assert all((n, plain(k)) in found for n, k in found)
    for name in SWITCHES:
        allowing = twins(PATIENTS, name, "yes")
        assert all(allowing(n) is None or (allowing(n), k) in found for n, k in found)


async def test_a_restriction_never_gives_anything_to_people_either(
    people: AsyncConnection,
) -> None:
    """I2, for holders, guardians and aidants; and I3: what they mask stays before their eyes."""
    found = await everybody(people)
    masked, bare = twins(LETTERS, "masked", "yes"), twins(LETTERS, "masked", "no")
    for name in ("withheld", "hidden"):
        without = twins(LETTERS, name, "no")
        assert all((n, without(k)) in found for n, k in found)
    assert all({(n, masked(k)), (n, bare(k))} <= found for n, k in found)
    assert not [k for _, k in found if LETTERS[k]["withheld"] == "yes"]


@settings
async def test_masking_never_hides_a_document_from_its_author(
    patients: AsyncConnection, setting: Facts
) -> None:
    """I3, for professionals."""
    found = await seen(patients, documents_for(PHYSICIAN, moment(setting)))
    masked, all_masked = twins(REPORTS, "masked", "yes"), twins(PATIENTS, "mask_all", "yes")
    own = [(n, k) for n, k in found if REPORTS[k]["author"] != "none"]
    assert own
    assert all({(n, masked(k)), (all_masked(n), k)} <= found for n, k in own)


@settings
async def test_an_emergency_opens_only_what_nobody_closed(
    patients: AsyncConnection, setting: Facts
) -> None:
    """I8: what is read because of an emergency is in the matrix, unmasked, and not forbidden."""
    found = await seen(patients, documents_for(PHYSICIAN, moment(setting)))
    calm = without_emergency()
    opened = [
        {**PATIENTS[n], **REPORTS[k]}
        for n, k in found
        if PATIENTS[n]["emergency"] == "running" and (calm(n), k) not in found
    ]
    assert opened
    closed = {"matrix": "out"} | dict.fromkeys(("blocked", "objected"), "yes")
    assert not [facts for facts in opened if closed.items() & facts.items()]
    switch = {"BTG": "emergency_allowed", "ETREAT": "samu_allowed"}
    assert all(facts[switch[facts["purpose"]]] == "yes" for facts in opened)
    masked = {"masked": "yes", "mask_all": "yes", "category": "masked"}
    covered = [facts for facts in opened if masked.items() & facts.items()]
    assert covered
    assert all(facts["emergency_unmasks"] == "yes" for facts in covered)


def without_emergency() -> Twin:
    """From a number to that of the same facts where no emergency was declared."""
    numbers = {frozenset(each.items()): n for n, each in enumerate(PATIENTS)}
    calm = {**CALM, "emergency": "none"}
    return lambda n: numbers.get(frozenset({**PATIENTS[n], **calm}.items()))


async def everybody(people: AsyncConnection) -> set[Case]:
    """What each person reads, in the record on their screen."""
    found: set[Case] = set()
    for n in range(len(PEOPLE)):
        found |= await seen(people, documents_for(person(n), moment(AIDANTS[1])))
    return found
