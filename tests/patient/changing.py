"""What a test does behind the pages: reads a row, or makes one older."""

from typing import Any
from uuid import UUID

from litestar import Litestar
from sqlalchemy import Row, text

from backend.demo.people import Someone
from backend.storage.db import Base
from backend.storage.records import ins_index
from backend.storage.vault import Vault


async def record_of(app: Litestar, someone: Someone) -> Row[Any]:
    """The row of this person's record, now."""
    vault = Vault(app.state.settings.root_key)
    index = ins_index(vault, someone.traits.oid, someone.traits.matricule)
    query = (
        "SELECT record.* FROM record JOIN identity ON record_id = record.id WHERE ins_index = :i"
    )
    async with app.state.engine.connect() as connection:
        found: Row[Any] = (await connection.execute(text(query), {"i": index})).one()
        return found


async def change(app: Litestar, row: Row[Any], table: str = "record", **values: object) -> None:
    """Some columns of a row."""
    columns = ", ".join(f"{name} = :{name}" for name in values)
    async with app.state.engine.begin() as connection:
        await connection.execute(
            text(f"UPDATE {table} SET {columns} WHERE id = :id"),
            {**values, "id": row.id},
        )


async def count(app: Litestar, table: type[Base]) -> int:
    """How many rows."""
    async with app.state.engine.connect() as connection:
        found = await connection.scalar(text(f"SELECT count(*) FROM {table.__tablename__}"))
        return int(found)


async def run(app: Litestar, statement: str, **values: object) -> None:
    """A statement behind the application's back."""
    async with app.state.engine.begin() as connection:
        await connection.execute(text(statement), values)


def id_of(row: Row[Any]) -> UUID:
    """Its id, typed."""
    found: UUID = row.id
    return found
