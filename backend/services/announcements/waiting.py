"""A wait begins with what is withheld, whatever door it came through, and ends with it."""

from datetime import datetime
from uuid import uuid4

from backend.access import Actor
from backend.access.actors import Machine
from backend.access.scopes.announcements import open_of
from backend.domain.deposits import Deposit, Flags
from backend.domain.dispatches import Role, Sending, destinations
from backend.services.dispatches import promise_held
from backend.storage.announcements import Announcement, held_of, seal_held
from backend.storage.db import AsyncSession, Base, utcnow
from backend.storage.documents import Document
from backend.storage.vault import RecordKey

FRESH = {"populate_existing": True}
"""What was read before the lock was held may have changed since."""


def begin(actor: Actor, deposit: Deposit, document: Document, key: RecordKey) -> list[Base]:
    """The wait of what was just filed: nobody’s yet. Nothing for what shows.

    The caller authorised the deposit.
    """
    if not document.withheld or document.structure_id is None:
        return []
    wait = _wait(document, utcnow())
    _hold_back(wait, actor, deposit, document, key)
    return [wait]


async def follow(
    db: AsyncSession, actor: Actor, deposit: Deposit, document: Document, key: RecordKey
) -> list[Base]:
    """After a new version: the wait goes on with its owner, begins, or is over.

    What was held back of a document that changes only in being visible leaves now.
    """
    if not document.withheld:
        over = await end(db, document, utcnow())
        held = held_of(key, over) if over and deposit.flags.visibility_only else None
        if over is None or held is None:
            return []
        return promise_held(db, actor, document, key, held, client_id=over.client_id)
    wait = await db.scalar(open_of(document), execution_options=FRESH)
    if wait is None:
        return begin(actor, deposit, document, key)
    if not deposit.flags.visibility_only:
        _hold_back(wait, actor, deposit, document, key)
    return []


async def end(db: AsyncSession, document: Document, now: datetime) -> Announcement | None:
    """It shows or is gone: nothing waits any more. The caller authorised why."""
    wait = await db.scalar(open_of(document), execution_options=FRESH)
    if wait is not None:
        wait.done_at = now
    return wait


def _wait(document: Document, now: datetime) -> Announcement:
    assert document.structure_id is not None
    return Announcement(
        id=uuid4(),
        record_id=document.record_id,
        document_id=document.id,
        structure_id=document.structure_id,
        opened_at=now,
    )


def _hold_back(
    wait: Announcement, actor: Actor, deposit: Deposit, document: Document, key: RecordKey
) -> None:
    """The copy that the message asks for its patient leaves when it shows, not before."""
    shown = Flags(hidden_from_guardians=document.hidden_from_guardians)
    to = [one for one in destinations(deposit, shown) if one.role is Role.PATIENT]
    held = Sending(to[0], deposit.order) if to else None
    wait.client_id = actor.id if held and isinstance(actor, Machine) else None
    wait.sealed_held = seal_held(key, wait.id, held)
