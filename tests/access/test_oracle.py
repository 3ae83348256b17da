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
)
from tests.access.oracle import Facts, Row, Table, decide

TABLE = oracle.load()
OTHERS = [{"subject": subject} for subject in ("visitor", "agent", "machine", "robot")]
ACTIVITIES = combine(activity=["none", "one"], physician=["no", "yes"])
SAMPLE = 400_000

FREE = [facts for facts in PATIENTS if facts["record"] == "actif" and facts["blocked"] == "no"]
OPEN = [facts for facts in REPORTS if facts["status"] == "current" and facts["matrix"] == "in"]
LENT = [
    facts
    for facts in SHOWN
    if (facts["record"], facts["account"], facts["showing"]) == ("actif", "actif", "running")
]
"""Where the last rules decide: drawn more often."""


def mutants() -> Iterator[tuple[str, Table]]:
    """The table without one row, or without one condition."""
    for i, row in enumerate(TABLE):
        before, after = TABLE[:i], TABLE[i + 1 :]
        yield f"{row.rule} removed", (*before, *after)
        for condition in row.when:
            if condition[0] != "subject":
                wider = tuple(other for other in row.when if other != condition)
                yield (
                    f"{row.rule} without {condition[0]}",
                    (*before, Row(row.rule, wider, row.read), *after),
                )


def case(dice: random.Random) -> Facts:
    """One case of the domain, at random."""
    draw = dice.randrange(20)
    if draw == 0:
        return {
            **dice.choice(PEOPLE),
            **dice.choice(LETTERS),
            **dice.choice(OTHERS),
            **dice.choice(AIDANTS),
        }
    if draw < 3:
        return {**dice.choice(dice.choice((SHOWN, LENT))), **dice.choice(PAPERS)}
    if draw < 8:
        return {**dice.choice(PEOPLE), **dice.choice(LETTERS), **dice.choice(AIDANTS)}
    professional = {**dice.choice(ACTIVITIES), **dice.choice(SETTINGS)}
    pools = (PATIENTS, REPORTS) if draw < 12 else (FREE, OPEN)
    return {**dice.choice(pools[0]), **dice.choice(pools[1]), **professional}


MUTANTS = dict(mutants())


@pytest.mark.parametrize("name", MUTANTS)
def test_each_row_and_each_condition_counts(name: str) -> None:
    dice = random.Random(5)
    cases = (case(dice) for _ in range(SAMPLE))
    assert any(decide(MUTANTS[name], facts) != decide(TABLE, facts) for facts in cases)


def test_the_table_answers_those_who_are_nobody() -> None:
    for facts in OTHERS:
        assert decide(TABLE, facts) is False
