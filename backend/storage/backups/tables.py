"""Every table, read whole in one snapshot and written whole in one transaction.

The tables are those of the database, not of the models: nothing is forgotten, and a backup of an
older schema is understood.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
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
SIGNED_IN = ("challenge", "browser_session", "machine_token")


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
    """Give every row of a table, in PostgreSQL's binary format; how many there were."""
    async with (await _driver(connection)).cursor() as cursor:
        statement = sql.SQL("COPY {} ({}) TO STDOUT (FORMAT binary)").format(*_names(table))
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
        union_all(*(select(table.c[FILE]) for table in tables)),
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


def _names(table: Columns) -> tuple[sql.Composable, sql.Composable]:
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    return sql.Identifier(table.name), columns
