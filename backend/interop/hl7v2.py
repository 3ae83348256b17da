"""`POST /api/hl7v2`: one ER7 message in, one ACK out.

The HTTP status speaks of the transport (401, 413, 503); the verdict on the message is the ACK:
AA only after the commit, AE when sending the same bytes again is useless, AR when it is our fault
(volet « Transmission d’un document CDA-R2 en HL7v2 », acquittements).
"""

from typing import Any
from uuid import uuid4

import structlog
from litestar import Request, Router, post
from litestar.exceptions import HTTPException
from litestar.response import Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backend.access import Action, record_refusal
from backend.access.actors import Machine
from backend.access.doors import Unauthenticated
from backend.domain.deposits import DepositRefused
from backend.domain.errors import Refused, Unavailable
from backend.domain.formats.hl7v2 import MessageError, Msh, read_msh, write_ack
from backend.domain.official import for_machines
from backend.interop.desk import Desk
from backend.interop.reading import message_key, read_deposit
from backend.services.deposits import Given
from backend.storage.db import Sessions, utcnow
from backend.web import System

log = structlog.get_logger()

PLACES = {
    "patient": ("PID", 1, 3, 0),
    "author": ("PRT", 1, 8, 0),
    "document": ("OBX", 1, 5, 0),
    "type": ("OBX", 1, 3, 0),
    "flags": ("OBX", 2, 5, 0),
    "recipients": ("PRT", 2, 15, 0),
}
LATER = "Service indisponible pour le moment : renvoyez ce message plus tard."


@post("/hl7v2", name="interop.hl7v2.deposit", status_code=200)
async def deposit(request: Request[Any, Any, Any], actor: System) -> Response[bytes]:
    """The body is the message, in the characters that MSH-18 names; the answer is its ACK."""
    body, state = await request.body(), request.app.state
    return await answer(state.sessions, state.desk, actor, body)


async def answer(sessions: Sessions, desk: Desk, actor: Machine, body: bytes) -> Response[bytes]:
    """The same for every transport: what the ACK says is already true."""
    msh = read_msh(body)
    try:
        async with desk.lanes.enter():
            message, deposit = read_deposit(body)
            given = await desk.file(actor, deposit, message=message_key(message, body))
    except (MessageError, Refused) as refusal:
        error = _located(refusal)
        await record_refusal(
            sessions, actor, Action.DEPOSIT_REFUSED, reason=error.app_code or error.code
        )
        return _ack(msh, "AE", error)
    except (DBAPIError, PoolTimeout, TimeoutError, Unavailable, OSError) as trouble:
        log.warning("deposit_unavailable", error=type(trouble).__name__)
        return _ack(msh, "AR", MessageError("207", LATER), status=503)
    return _ack(msh, "AA", *_remarks(given), receipt=given.receipt)


def _remarks(given: Given) -> list[MessageError]:
    """What the official checks say of a document that is deposited all the same."""
    said = for_machines(given.verdict) if given.verdict else []
    return [MessageError("0", words, PLACES["document"], severity="W") for words in said]


def _located(refusal: MessageError | Refused) -> MessageError:
    """Any refusal, in the terms of HL7."""
    if isinstance(refusal, MessageError):
        return refusal
    if isinstance(refusal, DepositRefused):
        place = PLACES[refusal.place or "document"]
        return MessageError("207", refusal.message, place, app_code=refusal.code)
    return MessageError("207", refusal.message, PLACES["document"], app_code="906")


def _ack(
    msh: Msh | None,
    code: str,
    *errors: MessageError,
    receipt: str = "",
    status: int = 200,
) -> Response[bytes]:
    content = write_ack(
        msh,
        code,
        control_id=uuid4().hex[:20],
        at=utcnow(),
        errors=errors,
        receipt=receipt,
    )
    headers = {"Retry-After": "30"} if code == "AR" else {}
    return Response(content, status_code=status, media_type="application/hl7-v2", headers=headers)


def show_unauthenticated(_request: Request[Any, Any, Any], _error: Exception) -> Response[bytes]:
    """No token, or a dead one: the message was not read."""
    answer = _ack(None, "AE", MessageError("207", "Jeton d’accès absent, inconnu ou expiré."))
    answer.status_code = 401
    answer.headers["WWW-Authenticate"] = 'Bearer realm="reperes", error="invalid_token"'
    return answer


def show_unavailable(_request: Request[Any, Any, Any], _error: Exception) -> Response[bytes]:
    """Too many at once, or the database is down: nothing was read."""
    return _ack(None, "AR", MessageError("207", LATER), status=503)


def show_http_error(_request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the framework refuses before us: a body too large, above all."""
    answer = _ack(None, "AE", MessageError("207", "Message refusé : trop volumineux ou illisible."))
    answer.status_code = error.status_code
    return answer


router = Router(
    "/",
    route_handlers=[deposit],
    exception_handlers={
        Unauthenticated: show_unauthenticated,
        HTTPException: show_http_error,
    },
    opt={"say_unavailable": show_unavailable},
)
