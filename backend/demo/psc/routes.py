"""`/demo/psc`: the pages and the calls of the emulator, at addresses like those of the real one."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, Router, get, post
from litestar.response import Redirect, Template

from backend.demo.psc import software
from backend.demo.psc.emulator import Emulator, Odd
from backend.demo.psc.people import PROS
from backend.demo.psc.ways import HONEST, STALE, WAYS
from backend.domain.errors import NotFound
from backend.settings.psc import WELL_KNOWN
from backend.web import page

AnyRequest = Request[Any, Any, Any]
ASKED = (
    *("client_id", "redirect_uri", "response_type", "scope", "acr_values", "state", "nonce"),
    *("code_challenge", "code_challenge_method", "prompt", "max_age"),
)


@get("/auth", name="demo.psc.authorize")
async def authorize(request: AnyRequest) -> Template:
    """Who are you?"""
    asked = {name: request.query_params.get(name, "") for name in ASKED}
    return _ask(request, asked)


@post("/auth", name="demo.psc.choose")
async def choose(request: AnyRequest) -> Template | Redirect:
    """Back, with a code for this person."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    asked = {name: form.get(name, "") for name in ASKED}
    pro = next((one for one in PROS if one.key == form.get("personne")), None)
    if pro is None:
        return _ask(request, asked)
    emulator = emulator_of(request)
    try:
        emulator.check(asked)
    except Odd as odd:
        return _odd(odd)
    way = (WAYS | STALE).get(form.get("travers", ""), HONEST)
    back = urlencode(emulator.grant(asked, pro, way))
    return Redirect(f"{asked['redirect_uri']}?{back}", status_code=303)


@get(f"/realms/esante-wallet{WELL_KNOWN}", name="demo.psc.description")
async def description(request: AnyRequest) -> dict[str, Any]:
    """Its addresses."""
    return emulator_of(request).description()


@get("/realms/esante-wallet/protocol/openid-connect/certs", name="demo.psc.keys")
async def certs(request: AnyRequest) -> dict[str, Any]:
    """Its keys."""
    return emulator_of(request).published_keys()


@post(
    "/realms/esante-wallet/protocol/openid-connect/token",
    name="demo.psc.token",
    status_code=200,
    exclude_from_csrf=True,
)
async def token(request: AnyRequest) -> Response[Any]:
    """Tokens for a code."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    try:
        grant, said = emulator_of(request).redeem(request.headers.get("authorization", ""), form)
    except Odd as odd:
        return Response({"error": odd.error}, status_code=400)
    return await grant.way.token_answer(said)


@get("/realms/esante-wallet/protocol/openid-connect/userinfo", name="demo.psc.userinfo")
async def userinfo(request: AnyRequest) -> Response[Any]:
    """Whose token it is."""
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    try:
        grant, said = emulator_of(request).userinfo(bearer)
    except Odd as odd:
        return Response({"error": odd.error}, status_code=401)
    return await grant.way.userinfo_answer(said)


@post(
    "/realms/esante-wallet/protocol/openid-connect/token/introspect",
    name="demo.psc.introspect",
    status_code=200,
    exclude_from_csrf=True,
)
async def introspect(request: AnyRequest) -> Response[Any]:
    """What an access token is worth now."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    emulator = emulator_of(request)
    try:
        grant, said = emulator.introspect(request.headers.get("authorization", ""), form)
    except Odd as odd:
        return Response({"error": odd.error}, status_code=401)
    return await grant.way.introspection_answer(said)


@get("/realms/esante-wallet/protocol/openid-connect/logout", name="demo.psc.leave")
async def leave(request: AnyRequest) -> Redirect:
    """Its own session ends; back to who sent the browser, when that is our client."""
    emulator = emulator_of(request)
    emulator.end(request.query_params.get("id_token_hint", ""))
    home, asked = f"{emulator.public_url}/pro", request.query_params
    return Redirect(home if asked.get("post_logout_redirect_uri") == home else "/", status_code=303)


def emulator_of(request: AnyRequest) -> Emulator:
    """NotFound where the real one is used."""
    emulator: Emulator | None = request.app.state.psc_emulator
    if emulator is None:
        raise NotFound
    return emulator


def _ask(request: AnyRequest, asked: dict[str, str]) -> Template:
    try:
        emulator_of(request).check(asked)
    except Odd as odd:
        return _odd(odd)
    return page("demo/psc.html", asked=asked, pros=PROS, ways=WAYS | STALE)


def _odd(odd: Odd) -> Template:
    return page("demo/psc_odd.html", 400, error=odd.error)


router = Router(
    "/psc",
    route_handlers=[
        authorize,
        choose,
        Router(
            "/",
            route_handlers=[description, certs, token, userinfo, introspect, *software.handlers],
            opt={"anonymous": True},
        ),
        leave,
    ],
)
