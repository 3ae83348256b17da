"""`/pro/retour`: back from Pro Santé Connect; and what it tells us by itself."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.response import Redirect, Template

from backend.access.doors import PUBLIC
from backend.domain.browsers import browser_of
from backend.domain.errors import Unavailable
from backend.pro.entrance import entrance_page, let_in
from backend.services import pro_sign_in
from backend.web import Config, page
from backend.web.callers import client_address
from backend.web.cookies import PRO, PRO_ENTRY, end_cookie, read_cookie
from backend.web.shedding import ABROAD

AnyRequest = Request[Any, Any, Any]


@get("/retour", name="pro.return.show", lane=ABROAD)
async def show(request: AnyRequest, config: Config) -> Template | Redirect:
    """In; or told in plain words that nothing came of it."""
    said = request.query_params
    back = pro_sign_in.Return(
        code=_only(said.getall("code", [])),
        state=_only(said.getall("state", [])),
        error=_only(said.getall("error", [])),
        issuer=_only(said.getall("iss", [])),
        browser=read_cookie(request, PRO_ENTRY),
        address=client_address(request),
    )
    state = request.app.state
    which = browser_of(request.headers.get("user-agent", ""))
    before = read_cookie(request, PRO)
    try:
        came = await pro_sign_in.arrive(
            state.sessions, state.psc, back, browser=which, before=before
        )
    except pro_sign_in.NotIdentified as refused:
        return _out(config, page("pro/entrance/refused.html", 403, problem=refused))
    except Unavailable:
        return _out(config, entrance_page(request, down=True, status=503))
    if isinstance(came, pro_sign_in.Nowhere):
        return _out(config, page("pro/entrance/nowhere.html", who=came))
    return let_in(request, config, came.token)


@post("/psc/deconnexion", name="pro.return.goodbye", exclude_from_csrf=True, status_code=200)
async def goodbye(request: AnyRequest) -> Response[dict[str, str]]:
    """OIDC Back-Channel Logout: a session ended there ends here."""
    token = (await request.form()).get("logout_token", "")
    state = request.app.state
    known = isinstance(token, str) and await pro_sign_in.goodbye(state.sessions, state.psc, token)
    body = {} if known else {"error": "invalid_request"}
    return Response(body, status_code=200 if known else 400)


def _only(values: list[str]) -> str:
    """What is said twice is not said: it would be read in two ways."""
    return values[0] if len(values) == 1 else ""


def _out(config: Config, shown: Template) -> Template:
    shown.cookies = [end_cookie(config, PRO_ENTRY)]
    return shown


router = Router("/", route_handlers=[show, goodbye], opt={"door": PUBLIC})
