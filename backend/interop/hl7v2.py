"""`POST /api/hl7v2`: one ER7 message in, one ACK out.

The HTTP status speaks of the transport (401, 413, 503); the verdict on the message is the ACK:
AA only after the commit, AE when sending the same bytes again is useless, AR when it is our fault
(volet « Transmission d’un document CDA-R2 en HL7v2 », interop.md §1.6).
"""

import asyncio
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

import structlog
from litestar import Request, Router, post
from litestar.exceptions import HTTPException
from litestar.response import Response
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from backend.access import Action, record_refusal
from backend.access.actors import Machine
from backend.domain.deposits import Deposit, DepositAction, DepositRefused, Flags, Recipient
from backend.domain.errors import Problem, Refused, Unavailable
from backend.domain.formats.cda import read_cda
from backend.domain.formats.hl7v2 import (
    Message,
    MessageError,
    Msh,
    read_message,
    read_msh,
    write_ack,
)
from backend.gateways.outside import Outside
from backend.services.deposits import Given, Tools, receive
from backend.storage.db import Sessions, utcnow
from backend.web import Me, Neighbours

log = structlog.get_logger()
LANES = asyncio.Semaphore(16)
QUEUE = 64
PLACES = {
    "patient": ("PID", 1, 3),
    "author": ("PRT", 1, 8),
    "document": ("OBX", 1, 5),
    "type": ("OBX", 1, 3),
    "flags": ("OBX", 2, 5),
}


@post("/hl7v2", name="interop.hl7v2.deposit", status_code=200)
async def deposit(
    request: Request[Any, Any, Any], actor: Me, outside: Neighbours
) -> Response[bytes]:
    """The body is the message, as MSH-18 encodes it; the answer is its ACK."""
    body = await request.body()
    return await answer(request.app.state.sessions, outside, actor, body)


async def answer(
    sessions: Sessions, outside: Outside, actor: Machine, body: bytes
) -> Response[bytes]:
    """The same for every transport."""
    msh = read_msh(body)
    try:
        given = await _file(sessions, outside, actor, body)
    except (OperationalError, TimeoutError, Unavailable, OSError) as error:
        log.warning("deposit_unavailable", error=type(error).__name__)
        return _ack(msh, "AR", [_unavailable()], status=503)
    except (MessageError, Refused) as refusal:
        error = _located(refusal)
        await record_refusal(
            sessions, actor, Action.DEPOSIT_REFUSED, reason=error.app_code or error.code
        )
        return _ack(msh, "AE", [error])
    return _ack(msh, "AA", [], receipt=given.receipt)
