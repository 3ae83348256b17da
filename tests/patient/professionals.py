"""Professionals of the demonstration at work: what their pages will do, through the service."""

from datetime import date
from uuid import UUID

from litestar import Litestar
from sqlalchemy import select

from backend.access.actors import Professional as Acting
from backend.access.scopes import Moment
from backend.demo.people import LAURA, MARTIN, Someone
from backend.domain.documents import DocumentLine
from backend.domain.emergency import Purpose
from backend.domain.reports import Person
from backend.services import consultation, emergency
from backend.services.documents import Opened
from backend.storage.db import utcnow
from backend.storage.structures import Practice, Professional

DOCTOR = MARTIN.person


class Office:
    """One professional, before one person’s record."""

    def __init__(self, app: Litestar, pro: Acting, patient: Someone) -> None:
        self.app, self.pro, self.patient = app, pro, patient

    @property
    def at(self) -> Moment:
        return Moment.at(utcnow(), self.app.state.policy)

    async def record_id(self) -> UUID:
        traits = self.patient.traits
        async with self.app.state.sessions.begin() as db:
            found = await consultation.find(db, self.pro, traits.oid, traits.matricule)
        assert found is not None
        return found

    async def is_let_in(self, *, until: date | None = None) -> bool:
        record_id = await self.record_id()
        async with self.app.state.sessions.begin() as db:
            return await consultation.attest(db, self.pro, self.at, record_id, until=until)

    async def declares(
        self, purpose: Purpose = Purpose.ANY, reason: str = "Malaise, ne répond pas."
    ) -> bool:
        record_id = await self.record_id()
        async with self.app.state.sessions.begin() as db:
            return await emergency.declare(
                db, self.pro, self.at, record_id, purpose=purpose, reason=reason
            )

    async def lists(self) -> list[DocumentLine] | None:
        record_id = await self.record_id()
        async with self.app.state.sessions.begin() as db:
            return await consultation.list_documents(db, self.pro, self.at, record_id)

    async def opens(self, document_id: UUID) -> Opened | None:
        record_id = await self.record_id()
        async with self.app.state.sessions.begin() as db:
            return await consultation.open_report(db, self.pro, self.at, record_id, document_id)


async def office(app: Litestar, person: Person = DOCTOR, patient: Someone = LAURA) -> Office:
    """This professional, where the directory says that they work."""
    query = (
        select(Professional, Practice.structure_id)
        .join(Practice, Practice.professional_id == Professional.id)
        .where(Professional.national_id == person.national_id)
    )
    async with app.state.sessions() as db:
        who, structure_id = (await db.execute(query)).one()
    return Office(app, Acting(who.id, structure_id, who.profession), patient)
