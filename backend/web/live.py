"""Pages that their reader keeps open and that are told of changes (server-sent events).

One connection to the database listens for all the pages of a process; it opens with the first. A
stream holds none: woken, it takes one for a moment, asks again who its reader is, and looks.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from jinja2 import Environment
from litestar import Request
from litestar.response import ServerSentEvent, ServerSentEventMessage
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backend.access.actors import Professional
from backend.access.doors import ProSignInFirst
from backend.domain.errors import Forbidden
from backend.services import pro_sign_in
from backend.storage.db import AsyncEngine, AsyncSession, utcnow
from backend.storage.listening import PAGES, listen
from backend.web.lanes import Busy

EACH = 3
"""Streams of one session: more tabs than that ask from time to time instead."""
LOOKING = 2
"""How many of a process look at the database at once: pages come first."""
HEARTBEAT, CALM = 15.0, 1.0
"""Seconds without news before one is sent all the same; seconds between two."""
LEAVE = "leave"
"""In the state of a request: what to call when the server stops while it is being answered."""
AGAIN_MS = 3_000
OVER = ServerSentEventMessage(event="over", data="")
STILL_HERE = ServerSentEventMessage(comment="", data=None)

Look = Callable[[AsyncSession, Professional, datetime], Awaitable[ServerSentEventMessage | None]]
"""(session, who they are now, now)."""


class Watcher:
    """One page that is open."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.wake, self.over = asyncio.Event(), asyncio.Event()

    def leave(self) -> None:
        """It is told of nothing more."""
        self.over.set()
        self.wake.set()


class Watchers:
    """All those of this process."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._all: set[Watcher] = set()
        self._each: Counter[UUID] = Counter()
        self._listening: asyncio.Task[None] | None = None
        self.looking = asyncio.Semaphore(LOOKING)

    def check_room(self, session_id: UUID) -> None:
        """Busy when this session has as many as it may."""
        if self._each[session_id] >= EACH:
            raise Busy

    @contextmanager
    def watch(self, actor: Professional) -> Iterator[Watcher]:
        """Woken by whatever changes at the structure, until this is left.

        Busy again when others came since there was room: nothing awaits between the two here.
        """
        self.check_room(actor.session_id)
        watcher = Watcher(str(actor.structure_id))
        self._all.add(watcher)
        self._each[actor.session_id] += 1
        if self._listening is None:
            self._listening = asyncio.create_task(
                listen(self._engine, PAGES, self._tell, self._tell)
            )
        try:
            yield watcher
        finally:
            self._all.discard(watcher)
            self._each -= Counter([actor.session_id])
            if not self._all:
                self._stop_listening()

    async def close(self) -> None:
        """The process stops."""
        for watcher in self._all:
            watcher.leave()
        if listening := self._stop_listening():
            await asyncio.wait({listening})

    def _stop_listening(self) -> "asyncio.Task[None] | None":
        listening, self._listening = self._listening, None
        if listening:
            listening.cancel()
        return listening

    def _tell(self, place: str = "") -> None:
        """Those of this place; everybody when it is not said which."""
        for watcher in self._all:
            if place in {"", watcher.place}:
                watcher.wake.set()


def stream(request: Request[Any, Any, Any], actor: Professional, look: Look) -> ServerSentEvent:
    """What `look` finds, each time that something changes, while the actor is who they are."""
    request.app.state.watchers.check_room(actor.session_id)
    told = _told(request, actor, look)
    return ServerSentEvent(told, headers={"Cache-Control": "no-store"})


def rendered(request: Request[Any, Any, Any], template: str, **context: Any) -> str:
    """A fragment as its page has it: it names neither the session nor a form."""
    environment: Environment = request.app.state.letters.environment
    return environment.get_template(template).render(**context)


async def _told(
    request: Request[Any, Any, Any], actor: Professional, look: Look
) -> AsyncIterator[ServerSentEventMessage]:
    state = request.app.state
    watchers: Watchers = state.watchers
    with suppress(Busy), watchers.watch(actor) as watcher:
        request.scope["state"][LEAVE] = watcher.leave
        yield ServerSentEventMessage(retry=AGAIN_MS, data=None)
        while not watcher.over.is_set():
            watcher.wake.clear()  # before looking: what changes meanwhile wakes it
            try:
                async with watchers.looking, state.readers() as db:
                    now = await pro_sign_in.present(db, actor, hold=False)
                    found = await look(db, now, utcnow())
            except (ProSignInFirst, Forbidden):
                yield OVER
                return
            except (OperationalError, PoolTimeout):
                return  # the browser comes back
            yield found or STILL_HERE
            await _wait(watcher.over, CALM)
            await _wait(watcher.wake, HEARTBEAT)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
