"""`POST /fhir` (ITI-65, a transaction) and `POST /fhir/DocumentReference` (ITI-105).

What is answered is already true: 201 after the commit, 200 when it had been deposited before. The
id of what is created is the receipt.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import structlog
from litestar import Request, Router, post
from litestar.exceptions import HTTPException
from litestar.response import Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backend.access import Action, record_refusal
from backend.access.actors import Machine
from backend.access.doors import Unauthenticated
from backend.domain.errors import Problem, Unavailable
from backend.domain.formats.mhd import Provided, read_bundle, read_reference
from backend.domain.official import for_machines
from backend.interop.desk import Desk
from backend.interop.fhir.outcomes import (
    JSON,
    PLACES,
    outcome,
    refuse,
    respond,
    show_http_error,
    show_unauthenticated,
    show_unavailable,
    unavailable,
)
from backend.interop.fhir.reading import to_deposit
from backend.services.deposits import Given
from backend.storage.db import utcnow
from backend.web import System

log = structlog.get_logger()

Reader = Callable[[bytes], Provided]
Written = Callable[[Given, Provided], Response[Any]]
KINDS = {"", JSON, "application/json"}
CONTENT = PLACES["document"]
STATUS = {False: "201 Created", True: "200 OK"}


@post("/", name="interop.fhir.provide", status_code=201)
async def provide(request: Request[Any, Any, Any], actor: System) -> Response[Any]:
    """One lot with its document."""
    return await _receive(request, actor, read_bundle, _transaction)


@post("/DocumentReference", name="interop.fhir.publish", status_code=201)
async def publish(request: Request[Any, Any, Any], actor: System) -> Response[Any]:
    """One document, in its DocumentReference."""
    return await _receive(request, actor, read_reference, _created)


async def _receive(
    request: Request[Any, Any, Any], actor: Machine, read: Reader, write: Written
) -> Response[Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in KINDS:
        return respond(415, outcome("not-supported", f"{JSON} est attendu."))
    body, state = await request.body(), request.app.state
    try:
        provided, given = await _file(state.desk, actor, read, body)
    except (DBAPIError, PoolTimeout, TimeoutError, Unavailable, OSError) as trouble:
        log.warning("deposit_unavailable", error=type(trouble).__name__)
        return unavailable()
    except Problem as refusal:
        reason = getattr(refusal, "code", "") or "906"
        await record_refusal(state.sessions, actor, Action.DEPOSIT_REFUSED, reason=reason)
        return respond(*refuse(refusal))
    return write(given, provided)


async def _file(desk: Desk, actor: Machine, read: Reader, body: bytes) -> tuple[Provided, Given]:
    async with desk.lanes.enter():
        provided = read(body)
        message = f"fhir|{provided.unique_id}|{sha256(body).hexdigest()}"
        return provided, await desk.file(actor, to_deposit(provided), message=message)


def _created(given: Given, _provided: Provided) -> Response[Any]:
    return respond(
        200 if given.replayed else 201,
        _told(given),
        {"Location": f"/fhir/DocumentReference/{given.receipt}"},
    )


def _transaction(given: Given, provided: Provided) -> Response[Any]:
    """An entry for each that was sent, in the same order."""
    at = utcnow().isoformat(timespec="seconds")
    entries = []
    for kind in provided.parts:
        patched = kind == "Parameters"
        said: dict[str, Any] = {"status": STATUS[patched or given.replayed], "lastModified": at}
        if not patched:
            said["location"] = f"{kind}/{given.receipt}"
        if kind == "DocumentReference":
            said["outcome"] = _told(given)
        entries.append({"response": said})
    return respond(
        200, {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}
    )


def _told(given: Given) -> dict[str, Any]:
    """Its receipt; then, as warnings, what the official checks say."""
    told = outcome(
        "informational", f"Document déposé, reçu {given.receipt}.", severity="information"
    )
    for words in for_machines(given.verdict) if given.verdict else []:
        told["issue"] += outcome("business-rule", words, CONTENT, severity="warning")["issue"]
    return told


router = Router(
    "/",
    route_handlers=[provide, publish],
    exception_handlers={
        Unauthenticated: show_unauthenticated,
        HTTPException: show_http_error,
    },
    opt={"say_unavailable": show_unavailable},
)
