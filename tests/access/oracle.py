"""The access policy as a decision table, and the engine that reads it. It knows no SQL.

`oracle.csv` was written from the decision table of the security notes, rule by rule. The first
row whose conditions all hold decides; a case that no row decides has no answer.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

Facts = Mapping[str, str]
ORACLE = Path(__file__).with_name("oracle.csv")
Condition = tuple[str, frozenset[str]]


class Row(NamedTuple):
    """One rule. `when`: each fact must have one of its values."""

    rule: str
    when: tuple[Condition, ...]
    read: bool


Table = tuple[Row, ...]


def load(table: Path = ORACLE) -> Table:
    """The rows of a table, in their order."""
    with table.open(encoding="utf-8") as lines:
        return tuple(
            Row(line["rule"], _conditions(line["when"]), {"yes": True, "no": False}[line["read"]])
            for line in csv.DictReader(lines)
        )


def _conditions(text: str) -> tuple[Condition, ...]:
    pairs = (part.split("=") for part in text.split())
    return tuple((fact, frozenset(values.split("|"))) for fact, values in pairs)


def narrow(table: Table, facts: Facts) -> Table:
    """What is left to ask once `facts` are known: impossible rows and met conditions are gone."""
    left = []
    for row in table:
        if any(facts[fact] not in values for fact, values in row.when if fact in facts):
            continue
        unknown = tuple(condition for condition in row.when if condition[0] not in facts)
        left.append(row._replace(when=unknown))
        if not unknown:
            break
    return tuple(left)


def decide(table: Table, facts: Facts) -> bool | None:
    """May this case read? None when the table does not say."""
    rows = narrow(table, facts)
    return rows[0].read if rows and not rows[0].when else None
