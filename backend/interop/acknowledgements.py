"""`/api/hl7v2/acquittements`: ZAM^Z02 and ZAM^Z03, for the system that asked for them.

It takes the oldest message, then posts its ACK, whose MSA-2 is the MSH-10 of that message. Until
then the same message is given again: nothing is lost with a connection (interop.md §1.6).
"""

from typing import Any
from uuid import uuid4

from litestar import Request, Router, get, post
from litestar.response import Response

from backend.domain.formats.hl7v2 import MessageError, read_msa, read_msh, write_ack
from backend.interop import hl7v2
from backend.services import dispatches
from backend.storage.db import utcnow
from backend.web import Db, System

HL7 = "application/hl7-v2"
PATH = "/hl7v2/acquittements"
NOT_READ = frozenset({"AR", "CR"})
"""Later, says the system: the message waits."""
UNKNOWN = MessageError(
    "207", "Aucun acquittement de ce numéro n’attend : MSA-2 est le MSH-10 reçu.", ("MSA", 1, 2, 0)
)
WRONG_CODE = MessageError("103", "MSA-1 est AA, AE ou AR.", ("MSA", 1, 1, 0))
CODES = NOT_READ | {"AA", "CA", "AE", "CE"}


@get(PATH, name="interop.acknowledgements.give")
async def give(db: Db, actor: System) -> Response[bytes]:
    """The oldest one; 204 when there is none."""
    message = await dispatches.next_to_tell(db, actor)
    return Response(message or b"", status_code=200 if message else 204, media_type=HL7)


@post(PATH, name="interop.acknowledgements.take", status_code=200)
async def take(request: Request[Any, Any, Any], db: Db, actor: System) -> Response[bytes]:
    """The system has it, and cannot do better when it says AE; 204, or why its ACK is no answer."""
    body = await request.body()
    try:
        code, number = read_msa(body)
    except MessageError as error:
        return _refused(body, error, 400)
    if code not in CODES:
        return _refused(body, WRONG_CODE, 400)
    if code not in NOT_READ and not await dispatches.note_told(db, actor, number):
        return _refused(body, UNKNOWN, 404)
    return Response(b"", status_code=204, media_type=HL7)


def _refused(body: bytes, error: MessageError, status: int) -> Response[bytes]:
    content = write_ack(
        read_msh(body), "AE", control_id=uuid4().hex[:20], at=utcnow(), errors=[error]
    )
    return Response(content, status_code=status, media_type=HL7)


router = Router(
    "/",
    route_handlers=[give, take],
    exception_handlers=hl7v2.router.exception_handlers,
    opt=hl7v2.router.opt,
)
