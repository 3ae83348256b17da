"""Analyses that a person keeps on the home page: theirs alone, in one record."""

from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import insert

from backend.access import Action, authorise
from backend.access.actors import Patient
from backend.access.scopes import Moment, pins_for
from backend.domain.errors import Refused
from backend.services.analyses import find_analysis, list_pinned
from backend.storage.db import AsyncSession
from backend.storage.pins import Pin

MOST = 6
"""On a phone, more would push the documents out of sight."""


async def pin(
    db: AsyncSession, actor: Patient, at: Moment, analysis_id: UUID, *, pinned: bool
) -> None:
    """Put an analysis on the home page, or take it off. Nothing when it is so already."""
    known, _key = await find_analysis(db, actor, at, analysis_id)
    if known.pinned is pinned:
        return
    if not pinned:
        held = pins_for(actor).where(Pin.analysis == analysis_id).with_for_update()
        if there := await db.scalar(held):  # two clicks may come at once
            authorise(db, actor, Action.UNPIN_ANALYSIS, there)
            await db.delete(there)
        return
    if len(await list_pinned(db, actor, at)) >= MOST:
        raise Refused(f"Vous avez déjà {MOST} analyses à l’accueil. Retirez-en une d’abord.")
    row = Pin(record_id=actor.record_id, account_id=actor.id, analysis=analysis_id, at=at.now)
    authorise(db, actor, Action.PIN_ANALYSIS, row)
    values = {"id": uuid4(), "analysis": analysis_id, "at": at.now}
    owner = {"record_id": actor.record_id, "account_id": actor.id}
    await db.execute(insert(Pin).values(**values, **owner).on_conflict_do_nothing())
