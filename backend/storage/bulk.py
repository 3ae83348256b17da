"""New rows by the dozen, past the unit of work: several times as fast, and traced all the same."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Table, inspect

from backend.storage.db import AsyncSession, Base, Traced


async def insert_all(db: AsyncSession, rows: Iterable[Base]) -> None:
    """Insert these new rows, one statement a table, parents first.

    They do not join the session: change nothing in them afterwards.
    """
    by_kind: dict[type[Base], list[dict[str, Any]]] = defaultdict(list)
    changed = db.info.setdefault("changed", set())
    for row in rows:
        by_kind[type(row)].append(_values(row))
        if isinstance(row, Traced):
            changed.add(row.record_key)
    for kind in sorted(by_kind, key=lambda kind: _places()[kind.__tablename__]):
        await db.execute(_table(kind).insert(), by_kind[kind])


def _values(row: Base) -> dict[str, Any]:
    """Every column, so that all rows of a table have the same ones."""
    given = row.__dict__
    return {name: given[key] if key in given else made() for key, name, made in _columns(type(row))}


@cache
def _columns(kind: type[Base]) -> tuple[tuple[str, str, Any], ...]:
    """(attribute, column, what makes its default) of a table."""
    return tuple(
        (attribute.key, attribute.columns[0].name, _maker(attribute.columns[0].default))
        for attribute in inspect(kind).column_attrs
    )


def _maker(default: Any) -> Any:
    if default is None:
        return lambda: None
    if default.is_callable:
        return lambda: default.arg(None)
    return lambda: default.arg


@cache
def _places() -> dict[str, int]:
    """Tables in the order of their foreign keys."""
    return {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}


def _table(kind: type[Base]) -> Table:
    table = kind.__table__
    assert isinstance(table, Table)
    return table
