"""An address or a method that no door has: a program is told in its terms, never with a page."""

from typing import Any

from litestar import Request
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException
from litestar.response import Response
from litestar.types import ExceptionHandlersMap

from backend.domain.errors import NotFound
from backend.interop.fhir.outcomes import outcome, respond
from backend.web.errors import show_http_error

NO_DOOR = "Rien à cette adresse, ou pas de cette façon : voir /fhir/metadata."


def show_unknown(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """A person gets the page."""
    path = request.url.path
    if path.startswith("/fhir/"):
        return respond(404, outcome("not-found", NO_DOOR))
    if path.startswith("/api/"):
        return Response({"message": NotFound.message}, status_code=404)
    return show_http_error(request, error)


HANDLERS: ExceptionHandlersMap = {
    NotFoundException: show_unknown,
    MethodNotAllowedException: show_unknown,
}
