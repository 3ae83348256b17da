"""One line a request, in place of the server's own."""

from collections.abc import Callable
from time import perf_counter
from typing import Any
from uuid import uuid4

import structlog
from structlog.contextvars import bound_contextvars

QUIET_ROUTES = frozenset({"/healthz", "/readyz"})
NOBODY_WAITED = 499  # nginx's own status for it

log = structlog.get_logger()


class AccessLog:
    """Around the ASGI application: one line a request, with the route and never the address."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number, started, status = uuid4().hex, perf_counter(), NOBODY_WAITED

        async def noting(message: dict[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"x-request-id", number.encode()),
                ]
            await send(message)

        with bound_contextvars(request_id=number):
            try:
                await self._app(scope, receive, noting)
            except BaseException as error:
                status = 500 if isinstance(error, Exception) else status
                raise
            finally:
                route = scope.get("path_template") or "-"
                write = log.debug if route in QUIET_ROUTES else log.info
                spent = round((perf_counter() - started) * 1000)
                write("request", method=scope["method"], route=route, status=status, ms=spent)
