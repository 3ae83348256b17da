"""Addresses of pages by their names, without a request at hand."""

from contextvars import ContextVar

from litestar import Litestar

serving: ContextVar[Litestar] = ContextVar("serving")
"""The application that answers this request; set by `web/security.py`."""


def url(name: str, **path: object) -> str:
    """The path of the route of this name: `url("patient.documents.index")`."""
    return serving.get().route_reverse(name, **path)
