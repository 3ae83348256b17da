"""One request, one transaction: committed after the page is rendered, before a byte is sent."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from litestar.datastructures import State
from psycopg.errors import DeadlockDetected, SerializationFailure
from sqlalchemy.exc import IntegrityError, OperationalError

from backend.storage.db import AsyncSession, Sessions

T = TypeVar("T")


async def transaction(state: State) -> AsyncIterator[AsyncSession]:
    """The only injected value that owns a connection. Returning commits, raising rolls back."""
    async with state.sessions.begin() as db:
        yield db


TRIES = 3


async def attempt(sessions: Sessions, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """`work` in a transaction committed when this returns, tried again after a collision.

    For doors whose answer must not exist before the commit: machines' acknowledgements. A
    uniqueness that another transaction took first is found by the next try; of two that wait for
    each other, the one that the server stopped goes again.
    """
    for _ in range(TRIES - 1):
        try:
            async with sessions.begin() as db:
                return await work(db)
        except IntegrityError:
            continue
        except OperationalError as error:
            if not isinstance(error.orig, DeadlockDetected | SerializationFailure):
                raise
    async with sessions.begin() as db:
        return await work(db)
