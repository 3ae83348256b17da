"""One request, one transaction: committed after the page is rendered, before a byte is sent."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from litestar.datastructures import State
from sqlalchemy.exc import IntegrityError

from backend.storage.db import AsyncSession, Sessions

T = TypeVar("T")


async def transaction(state: State) -> AsyncIterator[AsyncSession]:
    """The only injected value that owns a connection. Returning commits, raising rolls back."""
    async with state.sessions.begin() as db:
        yield db


async def attempt(sessions: Sessions, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """`work` in a transaction committed when this returns, tried again once after a collision.

    For doors whose answer must not exist before the commit: machines' acknowledgements. A
    uniqueness that another transaction took first is then found by the second try.
    """
    try:
        async with sessions.begin() as db:
            return await work(db)
    except IntegrityError:
        async with sessions.begin() as db:
            return await work(db)
