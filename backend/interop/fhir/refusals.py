"""What a system that reads is told instead: an OperationOutcome each time, never a page.

Nobody’s record, a record that is not open and one that is closed to them have the same bytes; so
have a hidden document and none.
"""

from typing import Any

import structlog
from litestar import Request
from litestar.exceptions import HTTPException
from litestar.response import Response
from litestar.types import ExceptionHandlersMap
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backend.access.doors import MachineAlone, Unauthenticated
from backend.domain.errors import Forbidden, NotFound, Problem, Unavailable
from backend.domain.formats.mhd import FhirError
from backend.interop.fhir.outcomes import STATUSES, outcome, respond, show_unauthenticated
from backend.services.pace import TooMany
from backend.services.sign_in import Rejected

log = structlog.get_logger()

AnyRequest = Request[Any, Any, Any]
OPEN_FIRST = (
    "Ce dossier ne vous est pas ouvert. Le professionnel l’ouvre d’abord dans Repères, "
    "avec l’accord du patient."
)
NOTHING = "Ce document n’existe pas ou n’est pas pour vous."
LATER = "Service indisponible pour le moment : réessayez plus tard."


class NoScope(Forbidden):
    """The token was not asked for this."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"Ce jeton n’a pas la portée {scope}.")
        self.scope = scope


def closed() -> Response[Any]:
    """Whatever the reason."""
    return respond(403, outcome("forbidden", OPEN_FIRST))


def too_often(rejected: Rejected) -> Response[Any]:
    """Faster than a desk works."""
    headers = {"Retry-After": str(max(rejected.retry_after, 1))}
    return respond(429, outcome("throttled", rejected.message), headers)


def show_unavailable(_request: AnyRequest, _error: Exception) -> Response[Any]:
    return respond(503, outcome("transient", LATER), {"Retry-After": "30"})


def show_wrong(_request: AnyRequest, error: FhirError) -> Response[Any]:
    return respond(400, outcome(error.code, error.message, error.where))


def show_too_many(_request: AnyRequest, error: TooMany) -> Response[Any]:
    return respond(429, outcome("throttled", error.message), {"Retry-After": "600"})


def show_no_scope(_request: AnyRequest, error: NoScope) -> Response[Any]:
    challenge = f'Bearer realm="reperes", error="insufficient_scope", scope="{error.scope}"'
    return respond(403, outcome("forbidden", error.message), {"WWW-Authenticate": challenge})


def show_problem(request: AnyRequest, problem: Problem) -> Response[Any]:
    """Anything else that was foreseen."""
    match problem:
        case MachineAlone():
            return respond(403, outcome("forbidden", problem.message))
        case Forbidden():
            return respond(403, outcome("forbidden", "Votre rôle n’ouvre pas de dossier."))
        case Unavailable():
            return show_unavailable(request, problem)
        case _:
            return respond(404, outcome("not-found", NOTHING))


def show_http_error(request: AnyRequest, error: HTTPException) -> Response[Any]:
    """What the framework refuses before us."""
    if error.status_code >= 500:  # noqa: PLR2004 - from here on it is our fault
        return show_bug(request, error)
    code = STATUSES.get(error.status_code, "processing")
    return respond(error.status_code, outcome(code, "Demande refusée : trop longue ou illisible."))


def show_bug(_request: AnyRequest, error: Exception) -> Response[Any]:
    """Without details; the log has the place."""
    log.error("unexpected", exc_info=error)
    return respond(500, outcome("exception", Problem.message))


HANDLERS: ExceptionHandlersMap = {
    Unauthenticated: show_unauthenticated,
    FhirError: show_wrong,
    TooMany: show_too_many,
    NoScope: show_no_scope,
    NotFound: show_problem,
    Problem: show_problem,
    HTTPException: show_http_error,
    OperationalError: show_unavailable,
    PoolTimeout: show_unavailable,
    TimeoutError: show_unavailable,
    Exception: show_bug,
}
