"""The cookies we set: strictly necessary, unreadable by scripts, bound to this host."""

from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from backend.settings import Settings

SESSION = "reperes"
DEVICE = "appareil"
NEXT = "suite"
READING = "lecture"
VISIT = "partage"
PRO = "pro"
PRO_ENTRY = "pro-entree"
PRO_NEXT = "pro-suite"
YEAR = 365 * 24 * 3600
LONGEST_PATH = 2_000


def is_https(settings: Settings) -> bool:
    """Whether people reach us over https; production always."""
    return urlsplit(settings.public_url).scheme == "https"


def cookie_name(settings: Settings, name: str) -> str:
    """`__Host-` over https. Over http (demonstration) browsers refuse that prefix and `Secure`."""
    return f"__Host-{name}" if is_https(settings) else name


def make_cookie(settings: Settings, name: str, value: str, *, max_age: int | None = None) -> Cookie:
    """HttpOnly, SameSite=Lax, Path=/, and Secure over https. No age: gone with the browser."""
    return Cookie(
        key=cookie_name(settings, name),
        value=value,
        path="/",
        secure=is_https(settings),
        httponly=True,
        samesite="lax",
        max_age=max_age,
    )


def end_cookie(settings: Settings, name: str) -> Cookie:
    """Take it back."""
    return make_cookie(settings, name, "", max_age=0)


def read_cookie(connection: ASGIConnection[Any, Any, Any, Any], name: str) -> str:
    """Its value, or nothing."""
    return connection.cookies.get(cookie_name(connection.app.state.settings, name), "")


def safe_path(text: str) -> str:
    """A path of this site, or the home page: never a way to another site."""
    ours = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if ours and "\\" not in text and len(text) <= LONGEST_PATH else "/"
