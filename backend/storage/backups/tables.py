"""Every table, read whole in one snapshot and written whole in one transaction.

The tables are those of the database, not of the models: nothing is forgotten, and a backup of an
older schema is understood.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import date
from typing import Any

import psycopg
from msgspec import Struct
from psycopg import sql
from sqlalchemy import Connection, MetaData, Table, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

REVISION = "alembic_version"
FILE = "file_key"
"""A column of this name, in any table, says where bytes lie in the object store."""
AT_ONCE = 100
SIGNED_IN = (
    *("challenge", "browser_session", "machine_token", "reading_token", "pro_session"),
    "pro_entry",
)
SECRET = ("record", "wrapped_key")
"""What opens a record: never among the rows, so that it can be destroyed in every backup."""
KEPT = "kept_key"


class Columns(Struct, frozen=True):
    """One table, by its names."""

    name: str
    columns: tuple[str, ...]


class NotEmpty(Exception):
    """Somebody's rows are there."""


async def begin_snapshot(connection: AsyncConnection) -> str:
    """From here on, this connection sees one moment; the schema's revision at that moment.

    A migration that runs is waited for, one that comes waits: locking comes before looking.
    """
    await connection.execute(text(f"LOCK TABLE {REVISION} IN SHARE MODE"))
    return str(await connection.scalar(text(f"SELECT version_num FROM {REVISION}")))  # noqa: S608


def snapshot_of(engine: AsyncEngine) -> AsyncEngine:
    """The same database, where every transaction sees one moment and writes nothing."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


async def layout(connection: AsyncConnection) -> list[Columns]:
    """Every table, parents before children."""
    return [
        Columns(str(table.name), tuple(str(column.name) for column in table.columns))
        for table in await _tables(connection)
    ]


async def copy_out(
    connection: AsyncConnection, table: Columns, write: Callable[[bytes], None]
) -> int:
    """Give every row of a table, in PostgreSQL's binary format; how many there were.

    The records' keys are left empty.
    """
    return await _copy_out(connection, table.name, [_shown(table, c) for c in table.columns], write)


async def copy_keys_out(connection: AsyncConnection, write: Callable[[bytes], None]) -> int:
    """Give the id and the key of every record; how many there were."""
    table, key = SECRET
    return await _copy_out(connection, table, [sql.Identifier("id"), sql.Identifier(key)], write)


async def _copy_out(
    connection: AsyncConnection,
    table: str,
    values: Sequence[sql.Composable],
    write: Callable[[bytes], None],
) -> int:
    async with (await _driver(connection)).cursor() as cursor:
        statement = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT binary)").format(
            sql.SQL(", ").join(values), sql.Identifier(table)
        )
        async with cursor.copy(statement) as copy:
            async for piece in copy:
                write(bytes(piece))
        return cursor.rowcount


async def copy_in(connection: AsyncConnection, table: Columns, pieces: Iterable[bytes]) -> int:
    """Write every row of a table; how many there were. psycopg.DataError when it is not rows."""
    async with (await _driver(connection)).cursor() as cursor:
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(*_names(table))
        async with cursor.copy(statement) as copy:
            for piece in pieces:
                await copy.write(piece)
        return cursor.rowcount


async def put_keys_back(connection: AsyncConnection, pieces: Iterable[bytes]) -> int:
    """Give records the keys that still exist; how many."""
    await connection.execute(
        text(f"CREATE TEMPORARY TABLE {KEPT} (id uuid, wrapped_key bytea) ON COMMIT DROP")
    )
    count = await copy_in(connection, Columns(KEPT, ("id", "wrapped_key")), pieces)
    await connection.execute(
        text(
            f"UPDATE record SET wrapped_key = {KEPT}.wrapped_key FROM {KEPT} "  # noqa: S608
            f"WHERE record.id = {KEPT}.id"
        )
    )
    return count


async def end_without_key(connection: AsyncConnection, today: date) -> int:
    """Records erased after the backup are closed, and their end is due; how many."""
    done = await connection.execute(
        text(
            "UPDATE record SET state = 'ferme', erase_on = :today, "
            "ended_at = coalesce(ended_at, now()) WHERE wrapped_key = '' AND state <> 'efface'"
        ),
        {"today": today},
    )
    return done.rowcount


async def hold_empty(connection: AsyncConnection) -> None:
    """Keep everybody out of every table until the commit; NotEmpty when one has a row."""
    tables = await _tables(connection)
    for table in tables:
        await connection.execute(text(f'LOCK TABLE "{table.name}" IN ACCESS EXCLUSIVE MODE'))
    for table in tables:
        if await connection.scalar(select(select(table).exists())):
            raise NotEmpty


async def file_keys(connection: AsyncConnection) -> AsyncIterator[Sequence[str]]:
    """Where the bytes that rows name lie, some at a time."""
    tables = [table for table in await _tables(connection) if FILE in table.c]
    found = await connection.stream_scalars(
        union_all(*(select(table.c[FILE]).where(table.c[FILE].is_not(None)) for table in tables)),
        execution_options={"yield_per": AT_ONCE},
    )
    async for keys in found.partitions():
        yield keys


async def sign_everybody_out(connection: AsyncConnection) -> None:
    """A session that was ended after the backup must not live again."""
    there = {table.name: table for table in await _tables(connection)}
    for name in SIGNED_IN:
        if name in there:
            await connection.execute(there[name].delete())


async def is_bare(connection: AsyncConnection) -> bool:
    """No table at all."""
    return not await _tables(connection)


async def _tables(connection: AsyncConnection) -> list[Table]:
    def reflect(plain: Connection) -> list[Table]:
        found = MetaData()
        found.reflect(plain)
        return [table for table in found.sorted_tables if table.name != REVISION]

    return await connection.run_sync(reflect)


async def _driver(connection: AsyncConnection) -> psycopg.AsyncConnection[Any]:
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)
    return driver


def _shown(table: Columns, column: str) -> sql.Composable:
    if (table.name, column) == SECRET:
        return sql.SQL("''::bytea AS {}").format(sql.Identifier(column))
    return sql.Identifier(column)


def _names(table: Columns) -> tuple[sql.Composable, sql.Composable]:
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    return sql.Identifier(table.name), columns
