"""Refusals in the terms of FHIR: an OperationOutcome with a code, a sentence and a place."""

import re
from collections.abc import Mapping
from typing import Any

from litestar import Request
from litestar.exceptions import HTTPException
from litestar.response import Response

from backend.domain.deposits import DepositRefused
from backend.domain.errors import Forbidden, NotFound, Problem
from backend.domain.formats.mhd import FhirError

JSON = "application/fhir+json"
LATER = "Service indisponible pour le moment : renvoyez ce document plus tard."
CODES = {
    "900": ("conflict", 409),
    "901": ("forbidden", 403),
    "902": ("not-found", 422),
    "903": ("required", 422),
    "904": ("conflict", 422),
    "905": ("required", 422),
    "906": ("business-rule", 422),
}
"""The application codes of the ANS volet, in the value set issue-type and in HTTP."""
PLACES = {
    "patient": "DocumentReference.subject",
    "author": "DocumentReference.author",
    "document": "DocumentReference.content.attachment",
    "type": "DocumentReference.type",
    "flags": "DocumentReference.securityLabel",
    "recipients": "List.extension",
}
HL7_WORDS = re.compile(r" \((PRT SB|PID-3|RO)\)")
"""The other door’s words for it."""
STATUSES = {400: "invalid", 401: "login", 413: "too-long", 415: "not-supported", 408: "timeout"}


def outcome(
    code: str, sentence: str, where: str = "", *, app_code: str = "", severity: str = "error"
) -> dict[str, Any]:
    """One issue."""
    details: dict[str, Any] = {"text": HL7_WORDS.sub("", sentence)}
    if app_code:
        details["coding"] = [{"code": app_code}]
    issue: dict[str, Any] = {"severity": severity, "code": code, "details": details}
    if where:
        issue["expression"] = [where]
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def refuse(problem: Problem) -> tuple[int, dict[str, Any]]:
    """(HTTP status, OperationOutcome) of any refusal."""
    match problem:
        case FhirError():
            status = 422 if problem.code in {"business-rule", "value", "conflict"} else 400
            return status, outcome(problem.code, problem.message, problem.where)
        case DepositRefused():
            code, status = CODES[problem.code]
            place = PLACES[problem.place or "document"]
            return status, outcome(code, problem.message, place, app_code=problem.code)
        case Forbidden() | NotFound():
            return 403, outcome("forbidden", "La portée de ce jeton ne permet pas ce dépôt.")
        case _:
            return 422, outcome("business-rule", problem.message, PLACES["document"])


def respond(
    status: int, resource: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Response[Any]:
    """JSON as FHIR wants it."""
    return Response(resource, status_code=status, media_type=JSON, headers=dict(headers or {}))


def unavailable() -> Response[Any]:
    """Our fault: the same may be sent again."""
    return respond(503, outcome("transient", LATER), {"Retry-After": "30"})


def show_unauthenticated(_request: Request[Any, Any, Any], _error: Exception) -> Response[Any]:
    """No token, or a dead one: nothing was read."""
    challenge = 'Bearer realm="reperes", error="invalid_token"'
    return respond(
        401,
        outcome("login", "Jeton d’accès absent, inconnu ou expiré."),
        {"WWW-Authenticate": challenge},
    )


def show_unavailable(_request: Request[Any, Any, Any], _error: Exception) -> Response[Any]:
    """Too many at once, or the database is down: nothing was read."""
    return unavailable()


def show_http_error(_request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What the framework refuses before us: a body too large, above all."""
    code = STATUSES.get(error.status_code, "processing")
    return respond(error.status_code, outcome(code, "Envoi refusé : trop volumineux ou illisible."))
