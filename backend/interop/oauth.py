"""`POST /oauth/token`: OAuth 2 client credentials for laboratory systems."""

from typing import Any

from litestar import Request, Router, post
from litestar.response import Response

from backend.access import record_refusal
from backend.access.actors import Visitor
from backend.access.rules import Action
from backend.gateways.oauth import OAuthError, read_token_request
from backend.services import limits, machines
from backend.web import Config, Db
from backend.web.security import client_address


@post("/token", name="interop.oauth.token", status_code=200)
async def token(request: Request[Any, Any, Any], db: Db, config: Config) -> Response[Any]:
    """RFC 6749 §4.4 with client_secret_basic, client_secret_post or private_key_jwt (RFC 7523)."""
    form = await request.form()
    wait = await limits.hit(db, "token-ip", client_address(request))
    if wait:
        return Response(
            {"error": "temporarily_unavailable"},
            status_code=429,
            headers={"Retry-After": str(wait)},
        )
    asked = read_token_request(dict(form), request.headers.get("authorization"))
    issued, scope, seconds = await machines.issue_token(
        db, asked, audience=f"{config.public_url}/oauth/token"
    )
    return Response(
        {"access_token": issued, "token_type": "Bearer", "expires_in": seconds, "scope": scope},
        headers={"Cache-Control": "no-store", "Pragma": "no-cache"},
    )


async def show_oauth_error(request: Request[Any, Any, Any], error: OAuthError) -> Response[Any]:
    """RFC 6749 §5.2: the error in JSON; the refusal is in the journal."""
    await record_refusal(
        request.app.state.sessions, Visitor(), Action.REFUSE_TOKEN, reason=error.error
    )
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Basic"
    return Response(
        {"error": error.error, "error_description": error.description},
        status_code=error.status,
        headers=headers,
    )


router = Router("/oauth", route_handlers=[token], exception_handlers={OAuthError: show_oauth_error})
