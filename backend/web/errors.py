"""Every failure, its status and its page. What went wrong inside is for the log only."""

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import structlog
from litestar import Request
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Response, Template
from litestar.types import ExceptionHandlersMap, Scope
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backend.access import Denied, record_refusal
from backend.access.doors import (
    HALFWAY,
    ProSignInFirst,
    ShowingOver,
    SignInFirst,
    Unauthenticated,
)
from backend.domain.errors import Forbidden, NotFound, Problem, Refused, Unavailable
from backend.services.documents import Withdrawn
from backend.web.cookies import NEXT, PRO_NEXT, make_cookie
from backend.web.fresh import ConfirmFirst
from backend.web.htmx import is_htmx

SIGN_IN, ENTRANCE = "/connexion", "/pro"
NEXT_SECONDS = 30 * 60
RETRY_SECONDS = 30

STATUS: dict[type[Problem], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Refused: 409,
    Withdrawn: 410,
    ShowingOver: 410,
    Unavailable: 503,
}
SENTENCES = {
    400: "Votre navigateur a envoyé une demande que nous n’avons pas comprise.",
    403: "Cette page est restée ouverte trop longtemps. Revenez en arrière, rechargez-la "
    "et recommencez.",
    404: NotFound.message,
    408: "Votre envoi n’est pas arrivé en entier. Vérifiez votre connexion et recommencez.",
    413: "Ce que vous envoyez est trop volumineux.",
    429: "Trop d’essais. Réessayez dans quelques minutes.",
    503: Unavailable.message,
}

log = structlog.get_logger()


def show_problem(request: Request[Any, Any, Any], problem: Problem) -> Response[Any]:
    """An expected failure: its class gives the status, its sentence is shown."""
    status = next((STATUS[kind] for kind in type(problem).__mro__ if kind in STATUS), 500)
    return _answer(request, status, problem)


def show_sign_in(request: Request[Any, Any, Any], _: SignInFirst) -> Response[Any]:
    """To the sign-in page, keeping in a cookie (not in an address) where the person was going."""
    settings = request.app.state.settings
    if is_htmx(request):
        return Response(b"", media_type="text/html", headers={"HX-Redirect": SIGN_IN})
    path = quote(request.url.path, safe="")
    wanted = make_cookie(settings, NEXT, path, max_age=NEXT_SECONDS)
    halfway = request.route_handler.opt.get("door") == HALFWAY  # no page for who is in
    cookies = [wanted] if _goes_to_a_page(request) and not halfway else []
    return Redirect(SIGN_IN, status_code=303, cookies=cookies)


def show_entrance(request: Request[Any, Any, Any], _: ProSignInFirst) -> Response[Any]:
    """The same for professionals, whose entrance and cookies are others."""
    if is_htmx(request):
        return Response(b"", media_type="text/html", headers={"HX-Redirect": ENTRANCE})
    path = quote(request.url.path, safe="")
    wanted = make_cookie(request.app.state.settings, PRO_NEXT, path, max_age=NEXT_SECONDS)
    cookies = [wanted] if _goes_to_a_page(request) else []
    return Redirect(ENTRANCE, status_code=303, cookies=cookies)


def _goes_to_a_page(request: Request[Any, Any, Any]) -> bool:
    """Not to an image of one, nor to what a page asks by itself."""
    kind = request.headers.get("sec-fetch-dest", "document")
    unattended = request.route_handler.opt.get("unattended")
    return request.method == "GET" and kind == "document" and not unattended


def show_confirm(request: Request[Any, Any, Any], first: ConfirmFirst) -> Response[Any]:
    """To the page that asks for a fresh proof, and from there to where the person was going."""
    if is_htmx(request):
        return Response(b"", media_type="text/html", headers={"HX-Redirect": first.address})
    return Redirect(first.address, status_code=303)


def show_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Unknown path, bad form token, too many requests: the same look, the framework's status."""
    status = error.status_code
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        status = HTTPStatus.NOT_FOUND
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return show_bug(request, error)
    return _answer(request, status, Problem(SENTENCES.get(status)))


def show_neighbour_down(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The database does not answer."""
    log.error("database_unavailable", error=type(error).__name__)
    return _answer(request, 503, Unavailable())


def show_bug(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Anything else is our fault: a page without details, a line with the place."""
    log.error("unexpected", exc_info=error)
    return _answer(request, 500, Problem())


async def note_denied(error: Exception, scope: Scope) -> None:
    """An `after_exception` hook: what was denied is in the journal before the page is sent."""
    if isinstance(error, Denied):
        await record_refusal(
            scope["litestar_app"].state.sessions,
            scope["user"],
            error.action,
            record_id=error.record_id,
            thing_id=error.thing_id,
            reason=getattr(error, "reason", "rule"),
        )


HANDLERS: ExceptionHandlersMap = {
    SignInFirst: show_sign_in,
    ProSignInFirst: show_entrance,
    ConfirmFirst: show_confirm,
    Problem: show_problem,
    HTTPException: show_http_error,
    OperationalError: show_neighbour_down,
    PoolTimeout: show_neighbour_down,
    TimeoutError: show_neighbour_down,
    Exception: show_bug,
}


def _answer(request: Request[Any, Any, Any], status: int, problem: Problem) -> Response[Any]:
    """The page; or for machines a line of JSON. The same bytes whoever asks."""
    headers = {"Retry-After": str(RETRY_SECONDS)} if status in {429, 503} else {}
    if is_htmx(request):  # a page about what went wrong does not fit in a line
        headers |= {"HX-Retarget": "body", "HX-Reswap": "innerHTML"}
    if status == HTTPStatus.REQUEST_TIMEOUT:
        headers["Connection"] = "close"
    if status == HTTPStatus.SERVICE_UNAVAILABLE and (say := _opt(request).get("say_unavailable")):
        response: Response[Any] = say(request, problem)
        return response
    if _is_machine(request):
        if status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        return Response({"message": problem.message}, status_code=status, headers=headers)
    return Template(
        "errors/problem.html",
        context={"problem": problem, "status": status},
        status_code=status,
        headers=headers,
    )


def _is_machine(request: Request[Any, Any, Any]) -> bool:
    return bool(_opt(request).get("exclude_from_csrf"))


def _opt(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """What the handler said of itself; nothing for an unknown path."""
    handler = request.scope.get("route_handler")
    return handler.opt if handler else {}
