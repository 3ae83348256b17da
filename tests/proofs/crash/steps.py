"""Counts what a victim does to the outside world, and kills it at the step it was told."""

import os
import re
import signal
import threading
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

import aiosmtplib
import obstore
import psycopg

from tests.proofs.crash.power import PageCache

TABLE = re.compile(r"\s*(\w+)(?:.*?\b(?:FROM|INTO|UPDATE)\s+(\w+))?", re.DOTALL | re.IGNORECASE)
UPDATED = re.compile(r"\s*UPDATE\s+(\w+)", re.IGNORECASE)


class Steps:
    """Steps are counted from the start; `only` keeps those whose name contains it."""

    def __init__(self, at: int, only: str, log: str, cache: PageCache | None) -> None:
        self.at, self.only, self.cache = at, only, cache
        self.count = 0
        self._lock = threading.Lock()
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND) if log else None

    def step(self, name: str) -> None:
        """One more; the last one for the victim if it is the one."""
        with self._lock:
            if self.only not in name:
                return
            self.count += 1
            if self._log is not None:
                os.write(self._log, f"{name}\n".encode())
            if self.count == self.at:
                self.die()

    def die(self) -> None:
        """As at a power cut: no `finally`, no flush, no farewell."""
        if self.cache:
            self.cache.lose()
        os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, method: str, name: Callable[..., str]) -> None:
        """A step before and a step after each call of this coroutine."""
        original = getattr(owner, method)

        @wraps(original)
        async def stepping(*args: Any, **kwargs: Any) -> Any:
            what = name(*args)
            self.step(f"before {what}")
            done = await original(*args, **kwargs)
            self.step(f"after {what}")
            return done

        setattr(owner, method, stepping)

    def watch(self) -> None:
        """Statements, commits, files, flushes, letters."""
        for cursor in (psycopg.AsyncCursor, psycopg.AsyncServerCursor):
            for method in ("execute", "executemany"):
                if method in vars(cursor):
                    self.around(cursor, method, lambda _self, query, *_: name_of(query))
        self.around(psycopg.AsyncConnection, "commit", lambda *_: "commit")
        self.around(aiosmtplib.SMTP, "data", lambda *_: "letter")
        self.around(obstore, "put_async", lambda *_: "file")
        flush = os.fsync

        def fsync(fd: Any) -> None:
            self.step("before fsync")
            flush(fd)
            self.step("after fsync")

        os.fsync = fsync

    def watched(self, app: Any) -> Any:
        """The same application: a step before its answer and one after."""

        async def answering(
            scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]
        ) -> None:
            async def sending(message: Any) -> None:
                if message["type"] != "http.response.body":
                    await send(message)
                    return
                self.step("before answer")
                await send(message)
                self.step("after answer")

            await app(scope, receive, sending)

        return answering


def name_of(query: Any) -> str:
    """`INSERT outbox`, `SELECT document`…"""
    text = query.decode() if isinstance(query, bytes) else str(query)
    if found := UPDATED.match(text):
        return f"UPDATE {found[1]}"
    found = TABLE.match(text)
    return " ".join(filter(None, found.groups())) if found else "statement"
