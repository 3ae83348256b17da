"""Where a request comes from, for what is counted by address."""

from ipaddress import ip_address
from typing import Any

from litestar import Request


def client_address(request: Request[Any, Any, Any]) -> str:
    """Where the request comes from, believing only the proxies that are ours.

    Each proxy adds the address that it saw at the end of `X-Forwarded-For`: what stands before
    the last `trusted_proxies` entries was written by the caller.
    """
    peer = request.client.host if request.client else ""
    hops = request.app.state.settings.trusted_proxies
    written = [part.strip() for part in request.headers.get("x-forwarded-for", "").split(",")]
    if not hops or len(written) < hops:
        return peer
    return written[-hops] if _is_address(written[-hops]) else peer


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
