"""Is the process alive, and is it ready: no data, for machines."""

import asyncio
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from litestar import Request, Router, get
from litestar.response import Response
from sqlalchemy import exists
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from backend.access.doors import PUBLIC
from backend.storage.db import utcnow
from backend.storage.outbox import OutboxRow, OutboxState
from backend.storage.revisions import is_behind

ROOM = 100_000_000
"""Bytes free under which files can no longer be promised a place."""
LATE = timedelta(minutes=10)
SECONDS = 3.0
"""How long the database is given to answer."""


@get("/healthz", name="web.health.live", door=PUBLIC)
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/readyz", name="web.health.ready", door=PUBLIC)
async def ready(request: Request[Any, Any, Any]) -> Response[dict[str, str]]:
    """Pages and deposits can be served; else 503, and what is wrong.

    Promised work that is late is said too, and takes nobody out of service: a mail server that
    is down must not close the pages.
    """
    waits = exists().where(OutboxRow.state == OutboxState.DUE, OutboxRow.created_at < _long_ago())
    try:
        async with asyncio.timeout(SECONDS), request.app.state.readers() as db:
            behind = await is_behind(db)
            late = await db.scalar(waits.select())
    except ProgrammingError:  # not even the first tables
        behind, late = True, False
    except (SQLAlchemyError, OSError, TimeoutError):
        return _not_ready("database unavailable")
    if behind:
        return _not_ready("schema of an older version")
    if not _has_room(request.app.state.settings.storage_url):
        return _not_ready("disk full")
    return Response({"status": "ready", "promised work": "late" if late else "on time"})


def _not_ready(why: str) -> Response[dict[str, str]]:
    return Response({"status": why}, status_code=503)


def _long_ago() -> datetime:
    return utcnow() - LATE


def _has_room(storage_url: str) -> bool:
    """A distant store has its own watch."""
    if not storage_url.startswith("file://"):
        return True
    return shutil.disk_usage(Path(storage_url.removeprefix("file://"))).free > ROOM


router = Router("/", route_handlers=[live, ready], opt={"anonymous": True})
