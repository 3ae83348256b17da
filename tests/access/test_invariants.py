"""What must hold whatever the table says, over the same cases, as PostgreSQL answers them."""

from collections.abc import Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.access.actors import Professional
from backend.access.scopes import documents_for
from tests.access.conftest import Reading
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
    Cases,
    bits,
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
async def test_a_restriction_never_gives_anything(read: Reading, setting: Facts) -> None:
    """I2, for professionals."""
    found = await read(PHYSICIAN, setting)
    for name in ("mask_all", "blocked", "objected"):
        without = twins(PATIENTS, name, "no")
        restricted = [n for n in found if PATIENTS[n][name] == "yes"]
        assert all(contains(of(found, without(n)), found[n]) for n in restricted)
    for name in ("masked", "withheld", "hidden"):
        assert all(closed(kinds, twins(REPORTS, name, "no")) for kinds in set(found.values()))
    assert all(closed(kinds, twins(REPORTS, "category", "plain")) for kinds in set(found.values()))
    for name in SWITCHES:
        allowing = twins(PATIENTS, name, "yes")
        twin_of = {n: allowing(n) for n in found}
        assert all(
            contains(found.get(twin, 0), found[n])
            for n, twin in twin_of.items()
            if twin is not None
        )


async def test_a_restriction_never_gives_anything_to_people_either(
    people: AsyncConnection,
) -> None:
    """I2, for holders, guardians and aidants; and I3: what they mask stays before their eyes."""
    withheld = sum(1 << k for k, kind in enumerate(LETTERS) if kind["withheld"] == "yes")
    for kinds in await everybody(people):
        for name, value in (
            ("withheld", "no"),
            ("hidden", "no"),
            ("masked", "yes"),
            ("masked", "no"),
        ):
            assert closed(kinds, twins(LETTERS, name, value))
        assert not kinds & withheld


@settings
async def test_masking_never_hides_a_document_from_its_author(
    read: Reading, setting: Facts
) -> None:
    """I3, for professionals."""
    found = await read(PHYSICIAN, setting)
    masked, all_masked = twins(REPORTS, "masked", "yes"), twins(PATIENTS, "mask_all", "yes")
    wrote = sum(1 << k for k, kind in enumerate(REPORTS) if kind["author"] != "none")
    own = {n: kinds & wrote for n, kinds in found.items() if kinds & wrote}
    assert own
    assert all(closed(kinds, masked) for kinds in set(own.values()))
    assert all(contains(of(found, all_masked(n)), kinds) for n, kinds in own.items())


@settings
async def test_an_emergency_opens_only_what_nobody_closed(read: Reading, setting: Facts) -> None:
    """I8: what is read because of an emergency is in the matrix, unmasked, and not forbidden."""
    found = await read(PHYSICIAN, setting)
    calm = without_emergency()
    opened = [
        {**PATIENTS[n], **REPORTS[k]}
        for n, kinds in found.items()
        if PATIENTS[n]["emergency"] == "running"
        for k in bits(kinds & ~of(found, calm(n)))
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


def of(found: Cases, number: int | None) -> int:
    """The kinds found of this record; none of one that is not there."""
    return 0 if number is None else found.get(number, 0)


def contains(more: int, fewer: int) -> bool:
    """Are all the kinds of `fewer` in `more`?"""
    return not fewer & ~more


def closed(kinds: int, twin: Twin) -> bool:
    """Is each kind there with its twin?"""
    return all(kinds >> must(twin(k)) & 1 for k in bits(kinds))


def must(number: int | None) -> int:
    assert number is not None
    return number


async def everybody(people: AsyncConnection) -> set[int]:
    """The kinds that each person reads, in the record on their screen."""
    found: set[int] = set()
    for n in range(len(PEOPLE)):
        found.update((await seen(people, documents_for(person(n), moment(AIDANTS[1])))).values())
    return found
