"""Two more ways in: the code of an authenticator application, and a passkey."""

from datetime import timedelta
from typing import Any

from litestar import Request, Router, get, post
from litestar.response import Redirect, Response, Template

from backend.access.doors import HALFWAY, PUBLIC
from backend.domain.browsers import browser_of
from backend.domain.sign_in import read_code
from backend.patient.sign_in import half_of, identifier_page, let_in, start_again, told, words
from backend.services import sign_in
from backend.services.sign_in import Rejected
from backend.web import Config, Db, Me, page
from backend.web.callers import client_address
from backend.web.cookies import DEVICE, NEXT, read_cookie, safe_path
from backend.web.forms import Draft
from backend.web.passkeys import as_json, site_of

CODE = "code"
AnyRequest = Request[Any, Any, Any]


@get("/connexion/application", name="patient.sign_in.app")
async def app(db: Db, actor: Me, config: Config) -> Template | Redirect:
    """The field for the code of the application."""
    if not await sign_in.has_app(db, half_of(actor)):
        return await start_again(db, half_of(actor), config)
    return _app_page(Draft(fields=(CODE,)))


@post("/connexion/application", name="patient.sign_in.verify_app")
async def verify_app(request: AnyRequest, db: Db, actor: Me, config: Config) -> Template | Redirect:
    """In, or one sentence."""
    draft = Draft(dict(await request.form()), fields=(CODE,))
    typed = draft.take(CODE, read_code)
    if typed is None:
        return _app_page(draft, status=422)
    lasts = timedelta(minutes=config.session_absolute_minutes)
    device = read_cookie(request, DEVICE)
    answer = await sign_in.verify_app(db, half_of(actor), typed, lasts=lasts, device=device)
    if not isinstance(answer, Rejected):
        return let_in(config, answer, safe_path(read_cookie(request, NEXT)))
    return (
        await start_again(db, half_of(actor), config)
        if answer.over
        else _app_page(draft, answer, 422)
    )


@post("/connexion/cle/defi", name="patient.sign_in.passkey_ask", status_code=200)
async def passkey_ask(request: AnyRequest, db: Db, config: Config) -> Response[str]:
    """What this browser is asked for."""
    return as_json(await sign_in.ask_passkey(db, site_of(config), address=client_address(request)))


@post("/connexion/cle", name="patient.sign_in.passkey")
async def passkey(request: AnyRequest, db: Db, config: Config) -> Template | Redirect:
    """In, where the person was going: a passkey is both steps."""
    answer = await sign_in.enter_by_passkey(
        db,
        site_of(config),
        str((await request.form()).get("reponse", "")),
        address=client_address(request),
        browser=browser_of(request.headers.get("user-agent", "")),
        lasts=timedelta(minutes=config.session_absolute_minutes),
        device=read_cookie(request, DEVICE),
    )
    if isinstance(answer, Rejected):
        return identifier_page(rejected=answer, status=422)
    return let_in(config, answer, safe_path(read_cookie(request, NEXT)))


def _app_page(draft: Draft, rejected: Rejected | None = None, status: int = 200) -> Template:
    shown = page("patient/sign_in/app.html", status, form=draft, message=words(rejected))
    return told(shown, rejected)


router = Router(
    "/",
    route_handlers=[
        Router("/", route_handlers=[app, verify_app], opt={"door": HALFWAY}),
        Router("/", route_handlers=[passkey_ask, passkey], opt={"door": PUBLIC}),
    ],
)
