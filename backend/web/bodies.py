"""What a form may be, looked at before anything reads it: a few words, and hardly ever a file.

The framework reads a body to find the form’s token. Its reading of `multipart/…` fails on what
strangers write, and keeps files on the disk: `uploads` reads it, for routes with `takes_files`.
"""

from typing import Any

from litestar import Request
from litestar.datastructures import Headers
from litestar.exceptions import ClientException, PermissionDeniedException
from litestar.types import HTTPScope, Receive

from backend.web.uploads import MULTIPART, read_upload

FORM_BYTES = 100_000
"""The longest form, in bytes: routers that take forms say so to the framework."""
MOST_FIELDS = 100
FORM = "application/x-www-form-urlencoded"
TOKEN, TOKEN_HEADER = "_csrf_token", "x-csrftoken"


async def check_form(scope: HTTPScope, receive: Receive, headers: Headers) -> None:
    """ClientException for what is no form, PermissionDenied for a token that cannot be ours."""
    kind = headers.get("content-type", "").lower()
    takes_files = scope["route_handler"].opt.get("takes_files")
    if "multipart" in kind and not (takes_files and kind.startswith(MULTIPART)):
        raise ClientException
    if scope["route_handler"].opt.get("exclude_from_csrf"):
        return
    request = Request[Any, Any, Any](scope, receive)  # what it reads is kept for the others
    tokens: list[object] = [
        value for name, value in request.cookies.items() if name.endswith("csrf")
    ]
    tokens.append(headers.get(TOKEN_HEADER, ""))
    if "multipart" in kind:
        await read_upload(request)
        tokens += (await request.form()).getall(TOKEN, [])
    elif FORM in kind:
        if (await request.body()).count(b"&") >= MOST_FIELDS:
            raise ClientException
        tokens += (await request.form()).getall(TOKEN, [])
    if not all(isinstance(token, str) and token.isascii() for token in tokens):
        raise PermissionDeniedException
