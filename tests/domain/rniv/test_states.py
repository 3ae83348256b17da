"""Every status, with every set of marks, before every event: the whole table."""

from itertools import chain, combinations

import pytest

from backend.domain.errors import Refused
from backend.domain.rniv import AlreadyQualified, Event, Mark, Standing, Status, advance

# What becomes of an identity without a forbidding mark; « ! » is refused, « = » nothing to ask.
TABLE = """
             PROV   RECUP  VALI   QUAL
retrieved    RECUP  RECUP  QUAL   =
verified     RECUP  RECUP  QUAL   QUAL
document     VALI   QUAL   VALI   =
contract     !      QUAL   !      =
contradicted PROV   PROV   PROV   PROV
changed      PROV   PROV   PROV   PROV
"""
HEAD, *LINES = (line.split() for line in TABLE.strip().splitlines())
SAID = {
    (line[0], status): cell for line in LINES for status, cell in zip(HEAD, line[1:], strict=True)
}
NAMES = {"homonym": "HOMA", "doubtful": "DOUT", "fictitious": "FICT"}
PROVING = {"retrieved", "verified", "document", "contract"}


def expected(status: str, marks: frozenset[str], event: str) -> tuple[str, frozenset[str]] | str:
    verb, _, word = event.partition("-")
    if verb == "call":
        mark = NAMES[word]
        kept = status if mark == "HOMA" else "PROV"
        return "!" if mark in marks else (kept, marks | {mark})
    if verb == "clear":
        mark = NAMES[word]
        return (status, marks - {mark}) if mark in marks else "!"
    if marks & {"DOUT", "FICT"} and event in PROVING:
        return "!"
    cell = SAID[event, status]
    return cell if cell in "!=" else (cell, marks)


def standings() -> list[tuple[str, frozenset[str]]]:
    sets = chain.from_iterable(combinations(NAMES.values(), n) for n in range(4))
    return [
        (status, frozenset(marks))
        for marks in sets
        for status in HEAD
        if status == "PROV" or not set(marks) & {"DOUT", "FICT"}
    ]


def test_the_table_is_whole() -> None:
    cases = [(status, marks, event) for status, marks in standings() for event in Event]
    assert len(cases) == (8 + 3 * 2) * 12
    for status, marks, event in cases:
        standing = Standing(Status(status), frozenset(map(Mark, marks)))
        found: tuple[str, frozenset[str]] | str
        try:
            after = advance(standing, event)
            found = after.status.value, frozenset(mark.value for mark in after.marks)
        except AlreadyQualified:
            found = "="
        except Refused:
            found = "!"
        assert found == expected(status, marks, event.value), (status, marks, event)


def test_a_doubt_and_a_fiction_hold_an_identity_provisional() -> None:
    for mark in (Mark.DOUBTFUL, Mark.FICTITIOUS):
        Standing(Status.PROV, frozenset({mark}))
        for status in (Status.RECUP, Status.VALI, Status.QUAL):
            with pytest.raises(ValueError, match="provisional"):
                Standing(status, frozenset({mark}))


def test_from_anything_one_gets_to_qualified_and_never_without_insi() -> None:
    """Whatever happens in whatever order: a qualified identity saw INSi since it last fell."""
    seen = {(Standing(), False)}
    waiting = list(seen)
    while waiting:
        standing, asked = waiting.pop()
        for event in Event:
            try:
                after = advance(standing, event)
            except Refused:
                continue
            told = event in {Event.RETRIEVED, Event.VERIFIED}
            knows = after.status is not Status.PROV and (asked or told)
            step = (after, knows)
            if step not in seen:
                seen.add(step)
                waiting.append(step)
    assert {asked for standing, asked in seen if standing.status is Status.QUAL} == {True}
    assert {standing.status for standing, _ in seen} == set(Status)
