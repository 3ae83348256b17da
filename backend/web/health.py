"""Is the process alive, and is it ready: no data, for machines."""

from typing import Any

from litestar import Request, Router, get
from litestar.response import Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.access.doors import PUBLIC


@get("/healthz", name="web.health.live", door=PUBLIC)
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/readyz", name="web.health.ready", door=PUBLIC)
async def ready(request: Request[Any, Any, Any]) -> Response[dict[str, str]]:
    """The database answers, so pages and deposits can be served."""
    try:
        async with request.app.state.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError):
        return Response({"status": "database unavailable"}, status_code=503)
    return Response({"status": "ready"})


router = Router("/", route_handlers=[live, ready], opt={"anonymous": True})
