"""The versions of one report as one story: when each came and what it was, never what it said.

A version that is replaced is not to be read again (rule D3): its dates and its state are all that
remains. One that the reader could not see when it was there is not in the story: versions name
the one that they correct only when it was visible.
"""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import Row

from backend.access.actors import Guest, Patient, Professional
from backend.access.scopes import Moment, history_for
from backend.storage.db import AsyncSession
from backend.storage.documents import Version


class Stage(Struct, frozen=True):
    """One version: `partial`, `final` or `corrected`."""

    state: str
    received_at: datetime


async def thread_of(
    db: AsyncSession, actor: Patient | Guest | Professional, at: Moment, version: Version
) -> tuple[Stage, ...]:
    """From the version on the screen back to the first; nothing when it is the only one."""
    if version.corrects_received_at is None:
        return ()
    rows = await db.execute(
        history_for(actor, at)
        .where(Version.document_id == version.document_id, Version.number <= version.number)
        .order_by(Version.number.desc())
    )
    chain: list[Row[datetime, bool, datetime | None]] = []
    wanted = version.received_at
    for row in rows:
        received_at, _partial, corrects = row
        if received_at == wanted:
            chain.append(row)
            if corrects is None:
                break
            wanted = corrects
    states, whole = [], False
    for received_at, partial, _ in reversed(chain):
        state = "partial" if partial else "corrected" if whole else "final"
        states.append(Stage(state, received_at))
        whole = whole or not partial
    return tuple(reversed(states))
