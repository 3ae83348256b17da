"""A form, from its bytes to what a handler reads of it, as the application reads it."""

import asyncio
from typing import Any

from litestar import Litestar, Request, post
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware

from backend.domain.sign_in import read_typed_identifier
from backend.web.bodies import FORM_BYTES, check_form
from backend.web.forms import Draft


class Checked(ASGIMiddleware):
    """Looks at forms as the wall of the application does."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Any, receive: Any, send: Any, next_app: Any) -> None:
        await check_form(scope, receive, Headers.from_scope(scope))
        await next_app(scope, receive, send)


@post("/")
async def typed(request: Request[Any, Any, Any]) -> None:
    """What a handler does with a form."""
    draft = Draft(dict(await request.form()), fields=("identifiant",))
    draft.take("identifiant", read_typed_identifier)


APP = Litestar([typed], middleware=[Checked()], request_max_body_size=FORM_BYTES)
LOOP = asyncio.new_event_loop()


class Fell(Exception):
    """A failure where a refusal was due."""


def read_form(data: bytes) -> None:
    """Head lines, an empty line, a body in two pieces: whatever reads forms reads it."""
    head, _, body = data.partition(b"\n\n")
    lines = [line.partition(b":") for line in head.split(b"\n")[:20]]
    headers = [(name.strip().lower(), value.strip()) for name, _, value in lines if name.strip()]
    statuses = LOOP.run_until_complete(_answers(headers, body))
    if max(statuses) >= 500:
        raise Fell


async def _answers(headers: list[tuple[bytes, bytes]], body: bytes) -> list[int]:
    pieces = [body[: len(body) // 2], body[len(body) // 2 :]]
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
    }
    scope |= {"headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80)}
    scope |= {"scheme": "http", "http_version": "1.1", "root_path": "", "extensions": {}}
    statuses: list[int] = []

    async def receive() -> Any:
        piece = pieces.pop(0) if pieces else b""
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await APP(scope, receive, send)  # type: ignore[arg-type]
    return statuses
