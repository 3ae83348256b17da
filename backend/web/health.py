"""Is the process alive, and is it ready: no data, for machines."""

import shutil
from pathlib import Path
from typing import Any

from litestar import Request, Router, get
from litestar.response import Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.access.doors import PUBLIC

ROOM = 100_000_000
"""Bytes free under which files can no longer be promised a place."""


@get("/healthz", name="web.health.live", door=PUBLIC)
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/readyz", name="web.health.ready", door=PUBLIC)
async def ready(request: Request[Any, Any, Any]) -> Response[dict[str, str]]:
    """The database answers and files have room, so pages and deposits can be served."""
    try:
        async with request.app.state.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError, TimeoutError):
        return Response({"status": "database unavailable"}, status_code=503)
    if not _has_room(request.app.state.settings.storage_url):
        return Response({"status": "disk full"}, status_code=503)
    return Response({"status": "ready"})


def _has_room(storage_url: str) -> bool:
    """A distant store has its own watch."""
    if not storage_url.startswith("file://"):
        return True
    return shutil.disk_usage(Path(storage_url.removeprefix("file://"))).free > ROOM


router = Router("/", route_handlers=[live, ready], opt={"anonymous": True})
