"""What changed of the dispatches of a laboratory, for a page that its reader keeps open."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from backend.access import Action, Denied, authorise, may
from backend.access.actors import Professional
from backend.access.scopes.dispatches import dispatches_for, with_what_it_carries
from backend.services.dispatches.overseeing import Board, counts_of, line_of
from backend.storage.db import AsyncSession
from backend.storage.dispatches import Dispatch

MARGIN = timedelta(minutes=2)
"""A change is dated before its commit, by another clock: it is looked for so long after."""
AT_ONCE = 50
"""Beyond it, the page is better read again."""

Known = Mapping[UUID, datetime]
"""When each of those that were told of had last changed."""


def begin(db: AsyncSession, actor: Professional) -> None:
    """The journal’s line: from now on they are told of what changes."""
    authorise(db, actor, Action.LIST_DISPATCHES, None, reason="live")


async def changes(
    db: AsyncSession, actor: Professional, since: datetime, known: Known | None = None
) -> Board | None:
    """Those that changed and are not known, the oldest first; None when there are none.

    Denied once their roles no longer let them.
    """
    if not may(actor, Action.LIST_DISPATCHES, None):
        raise Denied(Action.LIST_DISPATCHES, None, None)
    told, mine = known or {}, dispatches_for(actor)
    query = mine.where(Dispatch.changed_at > since - MARGIN)
    dated = query.with_only_columns(Dispatch.id, Dispatch.changed_at)
    rows = await db.execute(dated.order_by(Dispatch.changed_at.desc()).limit(AT_ONCE * 4))
    fresh = [id_ for id_, at in rows if told.get(id_) != at]
    if not fresh:
        return None
    found = with_what_it_carries(mine.where(Dispatch.id.in_(fresh[:AT_ONCE])))
    lines = (line_of(db, *row) for row in await db.execute(found.order_by(Dispatch.changed_at)))
    return Board(tuple(lines), await counts_of(db, actor), more=len(fresh) > AT_ONCE)


def still_needed(known: Known, told: Board, now: datetime) -> Known:
    """What was told of, without what is too old to be found again."""
    recent = {id_: at for id_, at in known.items() if at > now - 2 * MARGIN}
    return recent | {line.id: line.changed_at for line in told.lines}
