"""Two results that wait to be announced: one is somebody’s, one has been nobody’s for nine days."""

from datetime import timedelta

from sqlalchemy import text

from backend.access.scopes.announcements import waiting_for, with_what_waits
from backend.demo.desk import biologist
from backend.demo.people import KARIM, LAURA
from backend.domain.calendar import civil_day
from backend.services import announcements
from backend.storage.db import AsyncSession, Sessions, utcnow
from backend.storage.documents import Document
from backend.storage.records import traits_of

DAYS = 9
PUT_BACK = (
    "UPDATE document SET withheld_on = withheld_on - :n WHERE id = :id",
    "UPDATE visibility_change SET at = at - :n * interval '1 day' WHERE document_id = :id",
    "UPDATE version SET received_at = received_at - :n * interval '1 day' WHERE document_id = :id",
    "UPDATE announcement SET opened_at = opened_at - :n * interval '1 day' WHERE document_id = :id",
)


async def wait(sessions: Sessions) -> None:
    """Once, after the deposits."""
    async with sessions.begin() as db:
        actor = await biologist(db)
        rows = (await db.execute(with_what_waits(waiting_for(actor)))).all()
        whose = {traits_of(db, record, who).matricule: of for _, of, _, record, who in rows}
        await announcements.plan(
            db,
            actor,
            whose[LAURA.traits.matricule],
            owner=actor.id,
            remind_on=civil_day(utcnow()) + timedelta(4),
            reason="Anticorps de diabète : le Dr Martin l’annonce à sa prochaine consultation.",
        )
        await _age(db, whose[KARIM.traits.matricule])


async def _age(db: AsyncSession, document: Document) -> None:
    """It came nine days ago: its days are put back, in its history too."""
    for statement in PUT_BACK:
        await db.execute(text(statement), {"n": DAYS, "id": document.id})
