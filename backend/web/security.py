"""The outer wall: hosts, origins, and the headers of every answer, errors included."""

from collections.abc import Awaitable, Callable
from typing import cast
from urllib.parse import urlsplit

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.exceptions import ClientException, PermissionDeniedException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from backend.settings import Settings
from backend.web.addresses import serving
from backend.web.bodies import check_form
from backend.web.cookies import is_https

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OURS = frozenset({"same-origin", "none"})
"""`Sec-Fetch-Site` of our own pages, and of an address typed by hand."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""No page has an inline script or style, so none is allowed, not even by a nonce."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), "
    "payment=(), usb=(), browsing-topics=()",
    "Cache-Control": "no-store",  # kept by the browser: nothing, unless the answer says otherwise
}
BARE = {"Content-Security-Policy": "default-src 'none'; sandbox"}
"""For what a laboratory sent: opened alone, it is nothing but an image or a file."""
TWO_YEARS = 2 * 365 * 24 * 3600


class Wall(ASGIMiddleware):
    """Refuses requests for another host, changes asked for by another site, and odd bodies."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, settings: Settings) -> None:
        self._hosts = frozenset(name.lower() for name in settings.allowed_hosts)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        serving.set(scope["litestar_app"])
        headers = Headers.from_scope(scope)
        if "*" not in self._hosts and _host(headers.get("host", "")) not in self._hosts:
            raise ClientException
        if not _may_change(cast(HTTPScope, scope), headers):
            raise PermissionDeniedException
        await check_form(cast(HTTPScope, scope), receive, headers)
        await next_app(scope, receive, send)


def add_headers(settings: Settings) -> Callable[[Message, Scope], Awaitable[None]]:
    """A `before_send` hook, so that unknown paths and broken requests have the headers too."""
    fixed = dict(HEADERS)
    if is_https(settings):
        fixed["Strict-Transport-Security"] = f"max-age={TWO_YEARS}; includeSubDomains"

    async def hook(message: Message, _: Scope) -> None:
        if message["type"] == "http.response.start":
            headers = MutableScopeHeaders.from_message(message)
            for name, value in fixed.items():
                headers.setdefault(name, value)

    return hook


def policy_with(connector: str) -> str:
    """The same policy for a page that asks a program on the machine of whoever looks at it."""
    return POLICY.replace("connect-src 'self'", f"connect-src 'self' {connector}")


def _may_change(scope: HTTPScope, headers: Headers) -> bool:
    """Machines bring tokens, not cookies: only browsers can be led astray."""
    if scope["method"] in SAFE_METHODS or scope["route_handler"].opt.get("exclude_from_csrf"):
        return True
    if site := headers.get("sec-fetch-site"):
        return site in OURS
    # Older browsers, and any over plain http. Under `no-referrer` they send a null origin with
    # our own forms: the token of the form decides then.
    origin = headers.get("origin", "null")
    return origin == "null" or _netloc(origin) == headers.get("host")


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _host(header: str) -> str:
    try:
        return (urlsplit(f"//{header}").hostname or "").lower()
    except ValueError:
        return ""
