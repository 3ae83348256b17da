"""The parts of the application that every page shares, for the composition root to put together."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Request
from litestar.datastructures import State
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.types import ExceptionHandlersMap, Middleware

from backend.access.actors import Actor
from backend.access.scopes import Moment
from backend.gateways.outside import Outside
from backend.settings import Settings
from backend.storage.db import utcnow
from backend.web import errors
from backend.web.arriving import Arriving
from backend.web.cookies import cookie_name, is_https
from backend.web.errors import note_denied
from backend.web.security import Wall, add_headers
from backend.web.sessions import WhoIsIt
from backend.web.shedding import Shedding
from backend.web.transaction import transaction

__all__ = [
    "add_headers",
    "cookie_name",
    "dependencies",
    "exception_handlers",
    "is_https",
    "middleware",
    "note_denied",
]


def dependencies() -> Mapping[str, Provide]:
    """What handlers may ask for by name. Only `db` touches the database."""
    return {
        "db": Provide(transaction),
        "actor": Provide(_actor, sync_to_thread=False),
        "at": Provide(_moment, sync_to_thread=False),
        "outside": Provide(_outside, sync_to_thread=False),
        "config": Provide(_settings, sync_to_thread=False),
    }


def middleware(settings: Settings) -> Sequence[Middleware]:
    """From the outside in: all of it, the wall, the lanes, who it is. CSRF comes after."""
    return [
        Arriving(),
        Wall(settings),
        Shedding(),
        DefineMiddleware(WhoIsIt, exclude_http_methods=[]),
    ]


def exception_handlers() -> ExceptionHandlersMap:
    """Every failure has its page."""
    return errors.HANDLERS


def _actor(request: Request[Any, Any, Any]) -> Actor:
    actor: Actor = request.user
    return actor


def _moment(state: State) -> Moment:
    return Moment.at(utcnow(), state.policy)


def _outside(state: State) -> Outside:
    outside: Outside = state.outside
    return outside


def _settings(state: State) -> Settings:
    settings: Settings = state.settings
    return settings
