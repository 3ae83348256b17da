"""What somebody was told and wants, for what is sampled on this visit."""

from uuid import UUID, uuid4

from backend.access import Action, authorise
from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.desk import visits_for
from backend.domain.calendar import civil_day
from backend.domain.reception import Choices, check_choices
from backend.services.identification.files import hold
from backend.storage.db import AsyncSession
from backend.storage.desk import DeskVisit, choices_of, key_of, traits_of


async def receive(
    db: AsyncSession, actor: Professional, at: Moment, file_id: UUID, choices: Choices
) -> DeskVisit:
    """Write what the person was told and wants, this time."""
    file = await hold(db, actor, file_id)
    check_choices(choices, traits_of(db, file), at.today)
    authorise(db, actor, Action.RECEIVE_PATIENT, file)
    visit_id = uuid4()
    visit = DeskVisit(
        id=visit_id,
        file_id=file.id,
        received_by=actor.id,
        at=at.now,
        sealed_choices=key_of(db, file).seal_value(choices, visit_id, "choices"),
    )
    db.add(visit)
    await db.flush()
    return visit


async def choices_today(
    db: AsyncSession, actor: Professional, at: Moment, file_id: UUID
) -> Choices | None:
    """Of today’s last visit; None when nobody came: a choice is for one visit."""
    file = await hold(db, actor, file_id)
    query = visits_for(actor).where(DeskVisit.file_id == file_id)
    visit = await db.scalar(query.order_by(DeskVisit.at.desc(), DeskVisit.id).limit(1))
    if visit is None or civil_day(visit.at) != at.today:
        return None
    return choices_of(db, file, visit)
