"""How many different records a professional comes into: counted, told of, stopped."""

from uuid import uuid4

from sqlalchemy import select

from backend.access import Action, Denied, authorise
from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.care import opened_since
from backend.domain.pace import LENGTHS, Span, stopped, worth_telling
from backend.services.documents import Visit
from backend.storage.care import AccessAlert
from backend.storage.db import AsyncSession, take_turns

WORDS = {Span.HOUR: "une heure", Span.DAY: "un jour"}


class TooMany(Denied):
    """One more different record would be too many: refused, and its person reads it."""

    title = "Trop de dossiers ouverts"

    def __init__(self, visit: Visit, span: Span, most: int) -> None:
        super().__init__(Action.CONSULT, visit.record_id, None)
        self.reason = f"pace-{span}"
        self.message = (
            f"Vous avez ouvert {most} dossiers différents en {WORDS[span]} : c’est le plus que ce "
            "service permet. Attendez, ou demandez à l’administrateur de votre structure. Si une "
            "vie est en danger, l’accès en urgence reste ouvert."
        )


async def check(db: AsyncSession, pro: Professional, at: Moment, visit: Visit) -> None:
    """Before a visit begins: TooMany, or an alert when it is time; an emergency never waits."""
    await take_turns(db, f"pace/{pro.id}")
    paces = at.policy.paces
    opened = {
        span: await db.scalar(opened_since(pro, at.now - LENGTHS[span], but=visit.record_id)) or 0
        for span in Span
    }
    span = stopped(opened, paces)
    if span and visit.purpose is None:
        raise TooMany(visit, span, paces[span].most)
    for span in worth_telling(opened, paces):
        await _tell(db, pro, at, span, opened[span] + 1)


async def _tell(db: AsyncSession, pro: Professional, at: Moment, span: Span, opened: int) -> None:
    """Once over this span."""
    told = select(AccessAlert).where(
        AccessAlert.professional_id == pro.id,
        AccessAlert.structure_id == pro.structure_id,
        AccessAlert.span == span,
        AccessAlert.at > at.now - LENGTHS[span],
    )
    if pro.structure_id is None or await db.scalar(select(told.exists())):
        return
    alert = AccessAlert(
        id=uuid4(),
        structure_id=pro.structure_id,
        professional_id=pro.id,
        span=span,
        opened=opened,
        at=at.now,
    )
    authorise(db, pro, Action.RAISE_ALERT, alert)
    db.add(alert)
