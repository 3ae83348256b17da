"""When too many come at once: a few are told to come back, so that the others are served.

Pages and sign-in have lanes of their own, machines theirs: a laboratory that sends a month of
reports does not close the door on patients. Nor does a crowd that tries passwords, which are slow
on purpose (routes with `lane=PASSWORDS`), nor a neighbour that is slow while somebody waits for it
(`lane=ABROAD`). A page that stays open to be told of changes (`lane=STREAMS`) holds one of a few
lanes of its own as long as it is open, and waits for none. What costs nothing (static files,
health) has none.
"""

import asyncio
import os

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from backend.web.lanes import Lanes

PASSWORDS, ABROAD, STREAMS = "passwords", "abroad", "streams"
STREAMS_AT_ONCE = 48
"""In one process: whoever comes after them asks again from time to time instead."""
LONGEST = 4.0
"""Seconds after which a page is given up: a database that is stuck must not keep its readers."""
LONGEST_MESSAGE = 20.0
"""The same for a machine's message, which may wait for its lane."""


class Shedding(ASGIMiddleware):
    """Raises Busy, which each door says in its own terms, before a database is asked anything."""

    scopes = (ScopeType.HTTP,)

    def __init__(self) -> None:
        self._pages = Lanes(working=24, waiting=100, seconds=2.0)
        self._passwords = Lanes(working=2 * (os.cpu_count() or 1), waiting=24, seconds=2.0)
        self._abroad = Lanes(working=8, waiting=24, seconds=2.0)
        self._streams = Lanes(working=STREAMS_AT_ONCE, waiting=0, seconds=1.0)
        self._files = Lanes(working=2, waiting=8, seconds=10.0)
        # Messages being received; filing them has its own, narrower lanes.
        self._machines = Lanes(working=16, waiting=200, seconds=12.0)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        opt = scope["route_handler"].opt
        if opt.get("anonymous"):
            await next_app(scope, receive, send)
        elif opt.get("lane") == STREAMS:
            async with self._streams.enter():
                await next_app(scope, receive, send)
        elif opt.get("exclude_from_csrf"):
            async with self._machines.enter():
                await _within(LONGEST_MESSAGE, next_app, scope, receive, send)
        elif opt.get("takes_files"):
            async with self._files.enter():
                await _within(LONGEST_MESSAGE, next_app, scope, receive, send)
        else:
            lanes = {PASSWORDS: self._passwords, ABROAD: self._abroad}
            async with lanes.get(opt.get("lane", ""), self._pages).enter():
                await _within(LONGEST, next_app, scope, receive, send)


async def _within(seconds: float, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Done in that time, or TimeoutError at once: the page is cancelled, not waited for.

    Cancelling a question to a database that does not answer takes long; nothing that comes of it
    is sent any more.
    """
    given_up = False

    async def send_in_time(message: Message) -> None:
        if not given_up:
            await send(message)

    page = asyncio.create_task(_run(app, scope, receive, send_in_time))
    try:
        done, _ = await asyncio.wait({page}, timeout=seconds)
    finally:
        given_up = not page.done()
        page.cancel()
    if done:
        page.result()
        return
    _abandoned.add(page)
    page.add_done_callback(_abandoned.discard)
    raise TimeoutError


async def _run(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)


_abandoned: set["asyncio.Task[None]"] = set()
"""Kept until they end."""
