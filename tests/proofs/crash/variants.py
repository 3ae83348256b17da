"""Broken services: each loses or tells something at the wrong moment, and the proof must see it."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiosmtplib
import obstore
import psycopg

from backend.gateways import files
from tests.proofs.crash.steps import Steps, name_of

LATE = 2
"""Seconds between what is said and what is done: longer than the rest takes."""

Execute = Callable[..., Any]


def acknowledge_before_commit(steps: Steps) -> None:
    """The commit returns at once and is made a moment later."""
    commit, rollback = psycopg.AsyncConnection.commit, psycopg.AsyncConnection.rollback
    execute = psycopg.AsyncCursor.execute
    pending: dict[int, asyncio.Task[None]] = {}

    async def later(connection: Any) -> None:
        await asyncio.sleep(LATE)
        steps.step("before late commit")
        await commit(connection)

    async def early(connection: Any) -> None:
        pending[id(connection)] = asyncio.create_task(later(connection))

    async def forget(connection: Any) -> None:
        if id(connection) not in pending:
            await rollback(connection)

    async def wait_first(cursor: Any, *args: Any, **kwargs: Any) -> Any:
        if task := pending.pop(id(cursor.connection), None):
            await task
        return await execute(cursor, *args, **kwargs)

    psycopg.AsyncConnection.commit = early  # type: ignore[method-assign,assignment]
    psycopg.AsyncConnection.rollback = forget  # type: ignore[method-assign,assignment]
    psycopg.AsyncCursor.execute = wait_first  # type: ignore[method-assign,assignment]


def never_flush(_steps: Steps) -> None:
    """Files are written and not flushed."""
    files._sync = lambda *_: None


def keep_files_in_memory(_steps: Steps) -> None:
    """Files are kept for later, and read from where they are kept."""
    kept: dict[str, bytes] = {}
    get = obstore.get_async

    class Found:
        def __init__(self, data: bytes) -> None:
            self.data = data

        async def bytes_async(self) -> bytes:
            return self.data

    async def put_async(_store: Any, key: str, data: Any, **_more: Any) -> None:
        kept[key] = bytes(data)

    async def get_async(store: Any, key: str, **more: Any) -> Any:
        return Found(kept[key]) if key in kept else await get(store, key, **more)

    obstore.put_async = put_async  # type: ignore[assignment]
    obstore.get_async = get_async  # type: ignore[assignment]
    files._sync = lambda *_: None


def promise_before_commit(steps: Steps) -> None:
    """Promises go by another connection, at once."""
    _promise_apart(steps, at_once=True)


def promise_after_commit(steps: Steps) -> None:
    """Promises go by another connection, once the deposit is committed."""
    _promise_apart(steps, at_once=False)


def _promise_apart(steps: Steps, *, at_once: bool) -> None:
    commit = psycopg.AsyncConnection.commit
    waiting: list[tuple[Any, ...]] = []

    async def apart(dsn: str, run: Execute, *statement: Any) -> None:
        steps.step("before promise apart")
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as other:
            await run(other.cursor(), *statement)
        steps.step("after promise apart")

    def diverted(run: Execute) -> Execute:
        async def running(cursor: Any, query: Any, params: Any = None, **more: Any) -> Any:
            if name_of(query) != "INSERT outbox":
                return await run(cursor, query, params, **more)
            statement = (cursor.connection.info.dsn, run, query, params)
            if at_once:
                await apart(*statement)
            else:
                waiting.append(statement)
            return cursor

        return running

    async def committing(connection: Any) -> None:
        await commit(connection)
        while waiting:
            await apart(*waiting.pop())

    for method in ("execute", "executemany"):
        setattr(psycopg.AsyncCursor, method, diverted(getattr(psycopg.AsyncCursor, method)))
    psycopg.AsyncConnection.commit = committing  # type: ignore[method-assign,assignment]


def commit_half_way(steps: Steps) -> None:
    """The results, last, are left to a second transaction."""
    run = psycopg.AsyncCursor.executemany

    async def running(cursor: Any, query: Any, *args: Any, **more: Any) -> Any:
        if name_of(query) == "INSERT result":
            await cursor.connection.commit()
            steps.step("after half")
        return await run(cursor, query, *args, **more)

    psycopg.AsyncCursor.executemany = running  # type: ignore[method-assign,assignment]


def say_sent_before_sending(_steps: Steps) -> None:
    """The mail server has time: what it answers is known beforehand."""
    deliver = aiosmtplib.SMTP.data

    async def data(client: Any, *args: Any, **more: Any) -> aiosmtplib.SMTPResponse:
        async def later() -> None:
            await asyncio.sleep(LATE)
            await deliver(client, *args, **more)

        client.later = asyncio.create_task(later())
        return aiosmtplib.SMTPResponse(250, "OK")

    aiosmtplib.SMTP.data = data  # type: ignore[method-assign]


VARIANTS: dict[str, Callable[[Steps], None]] = {
    variant.__name__: variant
    for variant in (
        acknowledge_before_commit,
        never_flush,
        keep_files_in_memory,
        promise_before_commit,
        promise_after_commit,
        commit_half_way,
        say_sent_before_sending,
    )
}
