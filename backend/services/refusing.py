"""Opposition to a space (R.1111-28): by its person, or by the ouvrant droit for a child.

Nothing more is filed. What was filed before is kept for ten years, or its key is destroyed in a
month; until then the space may be opened after all.
"""

from datetime import date
from uuid import UUID

from msgspec import Struct

from backend.access import Action
from backend.access.actors import Newcomer, Patient
from backend.access.scopes import Moment
from backend.access.scopes.families import children_to_attach
from backend.domain.calendar import civil_day
from backend.domain.errors import NotFound
from backend.domain.space import Event, allows
from backend.services.credentials import refuse_if_cooling
from backend.services.sign_in.present import present
from backend.services.space import Space, advance, hold
from backend.storage.db import AsyncSession
from backend.storage.records import Identity, Record, RecordState, traits_of


class Certificate(Struct, frozen=True):
    """What the proof of a refusal says."""

    name: str
    birth_date: date | None
    refused_on: date
    erase_on: date


def oppose(db: AsyncSession, actor: Newcomer | Patient, space: Space, *, erase: bool) -> None:
    """The space is refused; Impossible when it is open to its person, or refused already."""
    advance(db, actor, Action.REFUSE, Event.REFUSE, space)
    if erase:
        advance(db, actor, Action.REFUSE, Event.ASK_ERASURE, space)


def certificate_of(db: AsyncSession, record: Record, identity: Identity) -> Certificate | None:
    """The facts of the proof; None when the space is not refused."""
    if record.state is not RecordState.OPPOSED or not (record.ended_at and record.erase_on):
        return None
    traits = traits_of(db, record, identity)
    name = f"{traits.first_given} {traits.birth_name}".title()
    return Certificate(name, traits.birth_date, civil_day(record.ended_at), record.erase_on)


async def refusable(db: AsyncSession, actor: Patient, at: Moment, record_id: UUID) -> str:
    """The name of a child whose profile this person may refuse; NotFound when they may not."""
    query = children_to_attach(actor, at).where(Record.id == record_id)
    found = (await db.execute(query)).first()
    space = await hold(db, record_id) if found else None
    if found is None or space is None or not allows(space.state, Event.REFUSE):
        raise NotFound
    return traits_of(db, *found).first_given.title()


async def refuse_child(
    db: AsyncSession, actor: Patient, at: Moment, record_id: UUID, *, erase: bool
) -> None:
    """The ouvrant droit refuses the profile of a child; NotFound when it is not theirs to refuse.

    Cooling within a day of a change of their means to sign in.
    """
    await present(db, actor)
    await refuse_if_cooling(db, actor)
    await refusable(db, actor, at, record_id)
    oppose(db, actor, await hold(db, record_id), erase=erase)


async def child_certificate(
    db: AsyncSession, actor: Patient, at: Moment, record_id: UUID
) -> Certificate:
    """The facts of the proof, as long as the profile is refused; NotFound otherwise."""
    query = children_to_attach(actor, at).where(Record.id == record_id)
    found = (await db.execute(query)).first()
    facts = certificate_of(db, *found) if found else None
    if facts is None:
        raise NotFound
    return facts
