"""What a message on a line is answered: whose certificate it is, then what the HTTP door says."""

import asyncio
from uuid import uuid4

import structlog
from msgspec import Struct
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backend.access import Action, record_refusal
from backend.access.actors import Visitor
from backend.domain.errors import Unavailable
from backend.domain.formats.hl7v2 import MessageError, read_msh, write_ack
from backend.interop.desk import Desk
from backend.interop.hl7v2 import LATER, answer
from backend.interop.mllp.tls import Peer
from backend.services.certificates import machine_of_certificate
from backend.storage.db import Sessions, utcnow

log = structlog.get_logger()

LONGEST = 20.0
"""Seconds after which a message is given up; sent again, it finds its receipt if it has one."""
DOWN = (DBAPIError, PoolTimeout, TimeoutError, OSError, Unavailable)
STRANGER = "Ce certificat n’est rattaché à aucun laboratoire, ou il a expiré."


class Reply(Struct, frozen=True):
    """An acknowledgement, and whether the line goes on after it."""

    content: bytes
    code: str
    stays: bool = True


class Answering:
    """One a process: every line asks it."""

    def __init__(self, sessions: Sessions, readers: Sessions, desk: Desk) -> None:
        self._sessions, self._readers, self._desk = sessions, readers, desk
        self._abandoned: set[asyncio.Task[Reply]] = set()

    async def reply(self, peer: Peer, message: bytes) -> Reply:
        """In time, and never without an answer: AR when something fails on our side.

        Cancelling a question to a database that does not answer takes long: it is not waited for.
        """
        work = asyncio.create_task(self._reply(peer, message))
        try:
            done, _ = await asyncio.wait({work}, timeout=LONGEST)
        finally:
            work.cancel()
        if done:
            return work.result()
        self._abandoned.add(work)
        work.add_done_callback(self._abandoned.discard)
        log.warning("deposit_unavailable", error="TimeoutError")
        return refusal(message, "AR", LATER)

    async def _reply(self, peer: Peer, message: bytes) -> Reply:
        try:
            async with self._readers() as db:
                machine = await machine_of_certificate(db, peer.fingerprint)
            if machine is None or peer.expires_at <= utcnow():
                await record_refusal(
                    self._sessions, Visitor(), Action.REFUSE_TOKEN, reason="certificate"
                )
                return refusal(message, "AE", STRANGER, stays=False)
            content = (await answer(self._sessions, self._desk, machine, message)).content
        except DOWN as trouble:
            log.warning("deposit_unavailable", error=type(trouble).__name__)
        except Exception:
            log.exception("deposit_failed")
        else:
            return Reply(content, content.partition(b"\rMSA|")[2][:2].decode("ascii", "replace"))
        return refusal(message, "AR", LATER)


def refusal(message: bytes, code: str, sentence: str, *, stays: bool = True) -> Reply:
    """An answer to what nobody read further than its header."""
    error = MessageError("207", sentence)
    msh = read_msh(message)
    ack = write_ack(msh, code, control_id=uuid4().hex[:20], at=utcnow(), errors=[error])
    return Reply(ack, code, stays)
