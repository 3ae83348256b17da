"""Who is it? Answered once a request, before its transaction begins."""

from datetime import timedelta
from typing import Any

from litestar.connection import ASGIConnection
from litestar.middleware.authentication import (
    AbstractAuthenticationMiddleware,
    AuthenticationResult,
)

from backend.access.actors import Actor, Visitor
from backend.access.scopes import Moment
from backend.services import machines, pro_sign_in, reading_tokens, sign_in, visits
from backend.storage.db import utcnow
from backend.web.cookies import PRO, SESSION, VISIT, read_cookie

TOKEN_LENGTH = 43
"""256 bits in base64url: anything else is not worth a query."""


class WhoIsIt(AbstractAuthenticationMiddleware):
    """Puts the actor in `request.user`. Add it with `exclude_http_methods=[]`: nobody is exempt."""

    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:
        return AuthenticationResult(user=await who_is(connection), auth=None)


async def who_is(connection: ASGIConnection[Any, Any, Any, Any]) -> Actor:
    """A machine by its bearer token, a person by their cookie, else a visitor.

    Routes with `anonymous=True` (static files) do not ask; those with `guests=True` ask for the
    cookie of a visit and for nothing else, those with `professionals=True` for that of a
    professional: a doctor may have a space of their own in this browser. Those with `behalf=True`
    know by what token a system reads for a professional, and nowhere else is it worth anything.
    Those with `unattended=True` are asked by a page, not by its reader: the session is no younger.
    """
    if connection.route_handler.opt.get("anonymous"):
        return Visitor()
    kind, _, bearer = connection.headers.get("authorization", "").partition(" ")
    if connection.route_handler.opt.get("behalf"):
        return await _behalf(connection, bearer.strip() if kind.lower() == "bearer" else "")
    if kind.lower() == "bearer":
        return await _machine(connection, bearer.strip())
    if connection.route_handler.opt.get("guests"):
        return await _guest(connection, read_cookie(connection, VISIT))
    if connection.route_handler.opt.get("professionals"):
        return await _professional(connection, read_cookie(connection, PRO))
    token = read_cookie(connection, SESSION)
    if len(token) != TOKEN_LENGTH:
        return Visitor()
    state = connection.app.state
    async with state.readers() as db:
        idle = timedelta(minutes=state.settings.session_idle_minutes)
        return await sign_in.actor_of(db, token, idle=idle, policy=state.policy)


async def _guest(connection: ASGIConnection[Any, Any, Any, Any], token: str) -> Actor:
    if len(token) != TOKEN_LENGTH:
        return Visitor()
    state = connection.app.state
    async with state.readers() as db:
        at = Moment.at(utcnow(), state.policy)
        return await visits.guest_of(db, token, at) or Visitor()


async def _professional(connection: ASGIConnection[Any, Any, Any, Any], token: str) -> Actor:
    if len(token) != TOKEN_LENGTH:
        return Visitor()
    attended = not connection.route_handler.opt.get("unattended")
    async with connection.app.state.readers() as db:
        return await pro_sign_in.actor_of(db, token, attended=attended)


async def _behalf(connection: ASGIConnection[Any, Any, Any, Any], token: str) -> Actor:
    if len(token) != TOKEN_LENGTH:
        return Visitor()
    async with connection.app.state.readers() as db:
        reader = await reading_tokens.reader_of(db, token)
        return reader or await machines.machine_of(db, token) or Visitor()


async def _machine(connection: ASGIConnection[Any, Any, Any, Any], token: str) -> Actor:
    if len(token) != TOKEN_LENGTH:
        return Visitor()
    async with connection.app.state.readers() as db:
        return await machines.machine_of(db, token) or Visitor()
