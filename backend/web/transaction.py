"""One request, one transaction: committed after the page is rendered, before a byte is sent."""

from collections.abc import AsyncIterator

from litestar.datastructures import State

from backend.storage.db import AsyncSession


async def transaction(state: State) -> AsyncIterator[AsyncSession]:
    """The only injected value that owns a connection. Returning commits, raising rolls back."""
    async with state.sessions.begin() as db:
        yield db
