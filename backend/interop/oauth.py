"""`POST /oauth/token`: OAuth 2 for laboratory systems, by themselves or for a professional."""

from http import HTTPStatus
from typing import Any

from litestar import Request, Router, post
from litestar.datastructures import State
from litestar.response import Response

from backend.access import Action, record_refusal
from backend.access.actors import Visitor
from backend.gateways.oauth import ACCESS, OAuthError, TokenRequest, read_token_request
from backend.services import limits, machines, reading_tokens
from backend.storage.db import Sessions
from backend.web import Config
from backend.web.bodies import FORM_BYTES
from backend.web.callers import client_address

UNCACHED = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@post("/token", name="interop.oauth.token", status_code=200)
async def token(request: Request[Any, Any, Any], config: Config) -> Response[Any]:
    """RFC 6749 §4.4 with client_secret_basic, client_secret_post or private_key_jwt (RFC 7523);
    RFC 8693 with the last one.

    Tries are counted whatever comes of them, and a refusal is in the journal before it is told.
    """
    sessions: Sessions = request.app.state.sessions
    async with sessions.begin() as db:
        wait = await limits.hit(db, "token-ip", client_address(request))
    if wait:
        error = OAuthError("temporarily_unavailable", "Too many requests.", 429)
        return _refuse(error, {"Retry-After": str(wait)})
    try:
        form = (await request.form()).dict()
        single = {name: found[0] if len(found) == 1 else found for name, found in form.items()}
        asked = read_token_request(single, request.headers.get("authorization"))
        said = await _issue(request.app.state, asked, f"{config.public_url}/oauth/token")
    except OAuthError as error:
        why = getattr(error, "why", error.error)
        await record_refusal(sessions, Visitor(), Action.REFUSE_TOKEN, reason=why)
        return _refuse(error, {})
    return Response({"token_type": "Bearer"} | said, headers=UNCACHED)


async def _issue(state: State, asked: TokenRequest, audience: str) -> dict[str, Any]:
    """The token, and in an exchange what kind it is (RFC 8693 §2.2.1)."""
    if asked.subject:
        given = await reading_tokens.exchange(state.sessions, state.psc, asked, audience=audience)
        named = {"access_token": given.token, "expires_in": given.seconds, "scope": given.scope}
        return named | {"issued_token_type": ACCESS}
    async with state.sessions.begin() as db:
        issued, scope, seconds = await machines.issue_token(db, asked, audience=audience)
    return {"access_token": issued, "expires_in": seconds, "scope": scope}


def _refuse(error: OAuthError, headers: dict[str, str]) -> Response[Any]:
    """RFC 6749 §5.2."""
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "30"
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Basic"
    return Response(
        {"error": error.error, "error_description": error.description},
        status_code=error.status,
        headers=UNCACHED | headers,
    )


router = Router("/oauth", route_handlers=[token], request_max_body_size=FORM_BYTES)
