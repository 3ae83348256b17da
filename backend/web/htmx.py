"""What an htmx 4 request says of itself: does it want a part of the page, or the page?"""

from typing import Any

from litestar.connection import ASGIConnection


def wants_fragment(request: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """A part to swap in: sent by htmx, and neither a whole page nor one found again in history."""
    headers = request.headers
    return (
        headers.get("hx-request") == "true"
        and headers.get("hx-request-type", "partial") == "partial"
        and headers.get("hx-boosted") != "true"
        and headers.get("hx-history-restore-request") != "true"
    )


def is_htmx(request: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Sent by htmx: a redirection must be told to it, or it would swap the page that follows in."""
    return request.headers.get("hx-request") == "true"
