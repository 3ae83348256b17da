"""What a form may be, looked at before anything reads it: a few words, and no file.

The framework reads a body to find the form’s token. Its reading of `multipart/…` fails on what
strangers write, and keeps files; no page sends any, so none is taken.
"""

from typing import Any

from litestar import Request
from litestar.datastructures import Headers
from litestar.exceptions import ClientException, PermissionDeniedException
from litestar.types import HTTPScope, Receive

FORM_BYTES = 100_000
"""The longest form, in bytes: routers that take forms say so to the framework."""
MOST_FIELDS = 100
FORM = "application/x-www-form-urlencoded"
TOKEN, TOKEN_HEADER = "_csrf_token", "x-csrftoken"


async def check_form(scope: HTTPScope, receive: Receive, headers: Headers) -> None:
    """ClientException for what is no form, PermissionDenied for a token that cannot be ours."""
    kind = headers.get("content-type", "").lower()
    if "multipart" in kind:
        raise ClientException
    if scope["route_handler"].opt.get("exclude_from_csrf"):
        return
    request = Request[Any, Any, Any](scope, receive)  # what it reads is kept for the others
    tokens: list[object] = [
        value for name, value in request.cookies.items() if name.endswith("csrf")
    ]
    tokens.append(headers.get(TOKEN_HEADER, ""))
    if FORM in kind:
        if (await request.body()).count(b"&") >= MOST_FIELDS:
            raise ClientException
        tokens += (await request.form()).getall(TOKEN, [])
    if not all(isinstance(token, str) and token.isascii() for token in tokens):
        raise PermissionDeniedException
