"""The decision table answers every case, and each of its words counts."""

import random
from collections.abc import Iterator

import pytest

from tests.access import oracle
from tests.access.domain import (
    AIDANTS,
    LETTERS,
    PAPERS,
    PATIENTS,
    PEOPLE,
    REPORTS,
    SETTINGS,
    SHOWN,
    combine,
    cross,
)
from tests.access.oracle import Facts, Row, Table, decide, narrow

TABLE = oracle.load()
OTHERS = combine(subject=["visitor", "agent", "machine", "robot"])
ACTIVITIES = combine(activity=["none", "one"], physician=["no", "yes"])
DOMAINS: list[list[list[Facts]]] = [
    [PATIENTS, REPORTS, cross(ACTIVITIES, SETTINGS)],
    [PEOPLE, LETTERS, AIDANTS],
    [SHOWN, PAPERS],
    [combine(account=["actif"], record=["actif"]), LETTERS, OTHERS],
]
"""One fact of each side makes a case."""


def mutants() -> Iterator[tuple[str, tuple[Table, Row]]]:
    """The table without one row, or without one condition; and the row that may tell them apart."""
    for i, row in enumerate(TABLE):
        before, after = TABLE[:i], TABLE[i + 1 :]
        yield f"{row.rule} removed", ((*before, *after), row)
        for condition in row.when:
            if condition[0] != "subject":
                wider = row._replace(when=tuple(one for one in row.when if one != condition))
                yield f"{row.rule} without {condition[0]}", ((*before, wider, *after), wider)


def differ(mutant: Table, row: Row) -> bool:
    """Is one case decided otherwise? Only those that meet the conditions of `row` can be."""
    dice = random.Random(5)
    for sides in DOMAINS:
        records, *others = ([facts for facts in side if meets(row, facts)] for side in sides)
        rest = cross(*others)
        for record in dice.sample(records, len(records)):
            ours, theirs = narrow(TABLE, record), narrow(mutant, record)
            few = dice.sample(rest, min(len(rest), 50)) if ours != theirs else ()
            if any(decide(ours, facts) != decide(theirs, facts) for facts in few):
                return True
    return False


def meets(row: Row, facts: Facts) -> bool:
    return all(facts[name] in values for name, values in row.when if name in facts)


MUTANTS = dict(mutants())


@pytest.mark.parametrize("name", MUTANTS)
def test_each_row_and_each_condition_counts(name: str) -> None:
    assert differ(*MUTANTS[name])


def test_the_same_table_decides_the_same() -> None:
    assert not differ(TABLE, Row("guests", (("subject", frozenset({"guest"})),), read=False))


def test_the_table_answers_those_who_are_nobody() -> None:
    for facts in OTHERS:
        assert decide(TABLE, facts) is False
