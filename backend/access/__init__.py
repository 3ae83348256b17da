"""The one place where access is decided, and where deciding it leaves a trace."""

from uuid import UUID

from backend.access.actions import Action
from backend.access.actors import Actor
from backend.access.rules import may
from backend.domain.errors import Forbidden
from backend.storage.db import AsyncSession, Placed, Sessions, Traced
from backend.storage.traces import record_trace

__all__ = ["Action", "Actor", "Denied", "authorise", "may", "note", "record_refusal", "refuse"]


class Denied(Forbidden):
    """Forbidden, and what was asked: for the line that `record_refusal` writes."""

    def __init__(self, action: Action, record_id: UUID | None, thing_id: UUID | None) -> None:
        super().__init__()
        self.action = action
        self.record_id = record_id
        self.thing_id = thing_id


def authorise(
    db: AsyncSession, actor: Actor, action: Action, thing: Traced | None, *, reason: str = ""
) -> None:
    """Write the trace of `action` on `thing`, or raise Denied. Call it before the change.

    From then on this transaction may change the thing’s record, or the team of its structure.
    """
    record_id = thing.record_key if thing and not isinstance(thing, Placed) else None
    thing_id = thing.id if thing else None
    if not may(actor, action, thing):
        raise Denied(action, record_id, thing_id)
    _write(db, actor, action, record_id, thing_id, allowed=True, reason=reason)
    if thing:
        db.info.setdefault("traced", set()).add(thing.record_key)


def note(
    db: AsyncSession, actor: Actor, action: Action, record_id: UUID, *, reason: str = ""
) -> None:
    """Write the one trace of a list read in a record, or raise Denied. Allows no change."""
    if not may(actor, action, None):
        raise Denied(action, record_id, None)
    _write(db, actor, action, record_id, None, allowed=True, reason=reason)


def refuse(
    db: AsyncSession,
    actor: Actor,
    action: Action,
    *,
    record_id: UUID | None = None,
    thing_id: UUID | None = None,
    reason: str = "",
) -> None:
    """Write that `action` was refused, in this transaction: the refusal is returned, not raised.

    `reason` is a code, never a person’s words.
    """
    _write(db, actor, action, record_id, thing_id, allowed=False, reason=reason)


async def record_refusal(
    sessions: Sessions,
    actor: Actor,
    action: Action,
    *,
    record_id: UUID | None = None,
    thing_id: UUID | None = None,
    reason: str = "",
) -> None:
    """Write that `action` was refused, in a transaction of its own: raising rolled the other back.

    `reason` is a code, never a person’s words.
    """
    async with sessions.begin() as db:
        _write(db, actor, action, record_id, thing_id, allowed=False, reason=reason)


def _write(
    db: AsyncSession,
    actor: Actor,
    action: Action,
    record_id: UUID | None,
    thing_id: UUID | None,
    *,
    allowed: bool,
    reason: str,
) -> None:
    record_trace(
        db,
        actor_kind=type(actor).__name__,
        actor_id=actor.id,
        action=action.value,
        allowed=allowed,
        record_id=record_id,
        thing_id=thing_id,
        reason=str(reason),  # a StrEnum is stored as the word it stands for
    )
