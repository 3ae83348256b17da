"""Requests are listened to once they are there: a slow sender keeps nobody else waiting."""

import asyncio
from collections import deque
from typing import Any, cast

from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPReceiveMessage, Receive, Scope, Send

SECONDS = 10.0
WHOLE = 130_000
"""Bytes: forms are shorter. Of a longer message only the beginning is waited for here: its
sender has a token, and its lane has a time limit."""


class Arriving(ASGIMiddleware):
    """Before lanes, sessions, transactions: nothing is held meanwhile but a few kilobytes."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        try:
            async with asyncio.timeout(SECONDS):
                arrived = await _listen(receive)
        except TimeoutError:
            raise HTTPException(status_code=408) from None

        async def replay() -> Any:
            return arrived.popleft() if arrived else await receive()

        await next_app(scope, replay, send)


async def _listen(receive: Receive) -> deque[HTTPReceiveMessage]:
    """The body, or the beginning of a long one."""
    arrived: deque[HTTPReceiveMessage] = deque()
    size = 0
    while size <= WHOLE:
        message = cast(HTTPReceiveMessage, await receive())
        arrived.append(message)
        if message["type"] != "http.request" or not message["more_body"]:
            break
        size += len(message["body"])
    return arrived
