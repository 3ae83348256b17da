"""Who the médecin traitant of a record is, as its person says it: one physician at most.

It lets nobody in: the accord is asked as before. Where the operator follows article L.1111-16, one
who has the accord sees what is masked too; elsewhere it opens nothing.
"""

from uuid import UUID

from backend.access import Action, authorise
from backend.access.actors import Patient
from backend.access.scopes import Moment
from backend.access.scopes.care import links_for
from backend.domain.errors import NotFound
from backend.services.blocking import FRESH, hold, may_treat
from backend.services.professionals import Practitioner, named
from backend.storage.care import CareLink
from backend.storage.db import AsyncSession


async def declared(db: AsyncSession, actor: Patient, at: Moment) -> Practitioner | None:
    """The one whom the record on the screen names; None before."""
    link = await db.scalar(links_for(actor, at).where(CareLink.treating))
    if link is None:
        return None
    return (await named(db, [link.professional_id]))[link.professional_id]


async def find(db: AsyncSession, actor: Patient, at: Moment, professional_id: UUID) -> Practitioner:
    """One who may be declared; NotFound for who is no physician, unknown here, or blocked."""
    query = links_for(actor, at).where(CareLink.professional_id == professional_id)
    link = await db.scalar(query)
    who = (await named(db, [professional_id])).get(professional_id)
    if link is None or who is None or not may_treat(link, who.profession):
        raise NotFound
    return who


async def declare(db: AsyncSession, actor: Patient, at: Moment, professional_id: UUID) -> None:
    """They are the médecin traitant from the commit on, and whoever was before no longer is.

    The record is held, so that of two at once the later one stands alone.
    """
    await hold(db, actor, at)
    await find(db, actor, at, professional_id)
    links = links_for(actor, at).with_for_update(of=CareLink)
    for link in await db.scalars(links, execution_options=FRESH):
        chosen = link.professional_id == professional_id
        if link.treating is chosen:
            continue
        authorise(db, actor, Action.DECLARE_TREATING if chosen else Action.END_TREATING, link)
        link.treating = chosen


async def end(db: AsyncSession, actor: Patient, at: Moment, professional_id: UUID) -> None:
    """They are no longer; nothing when they were not. NotFound when the record does not know them.

    Somebody declared since goes on.
    """
    await hold(db, actor, at)
    query = links_for(actor, at).where(CareLink.professional_id == professional_id)
    link = await db.scalar(query.with_for_update(of=CareLink), execution_options=FRESH)
    if link is None:
        raise NotFound
    if link.treating:
        authorise(db, actor, Action.END_TREATING, link)
        link.treating = False
