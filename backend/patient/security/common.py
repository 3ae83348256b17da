"""What the pages of security share."""

from typing import Any

from litestar import Request
from litestar.response import Redirect, Template

from backend.services.sign_in import Rejected
from backend.web import page

AnyRequest = Request[Any, Any, Any]

INDEX = "/compte/securite"


def done(what: str) -> Redirect:
    """Back to the page, which says what was done."""
    return Redirect(f"{INDEX}?fait={what}", status_code=303)


def form_page(
    template: str, status: int = 200, *, rejected: Rejected | None = None, **context: Any
) -> Template:
    """A page with a form: nobody’s name on it, since it may be an error page.

    A refusal that time will lift says when to come back.
    """
    message = rejected.message if rejected else None
    shown = page(f"patient/security/{template}.html", status, message=message, **context)
    if rejected and rejected.retry_after:
        shown.status_code = 429
        shown.headers["Retry-After"] = str(rejected.retry_after)
    return shown
