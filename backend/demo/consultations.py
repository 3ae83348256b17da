"""Professionals look into Laura’s record, through the door that their pages use."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from backend.access.actors import NOBODY, Patient
from backend.access.actors import Professional as Acting
from backend.access.scopes import Moment, Policy
from backend.demo.people import (
    DOMINIQUE,
    DURAND,
    FABRE,
    LAURA,
    MARTIN,
    MOREL,
    PETIT,
    ROUSSEAU,
)
from backend.domain.emergency import Purpose
from backend.services import consultation, emergency, treating
from backend.services.accounts import identifier_index
from backend.storage.accounts import Account
from backend.storage.db import AsyncSession, Sessions, utcnow
from backend.storage.structures import Practice, Professional

Visit = Callable[[AsyncSession, Acting, Moment, UUID], Awaitable[None]]
YEAR = timedelta(days=365)


async def consult(sessions: Sessions, policy: Policy) -> None:
    """Her doctor, her pharmacist, a biologist, the Samu; and one whom she never let in."""
    for person, visit in (
        (MARTIN.person, _her_doctor),
        (MOREL, _a_biologist),
        (PETIT.person, _her_pharmacist),
        (FABRE.person, _the_samu),
        (DURAND.person, _a_stranger),
    ):
        async with sessions.begin() as db:
            pro = await _acting(db, person.national_id)
            record_id = await consultation.find(db, pro, LAURA.traits.oid, LAURA.traits.matricule)
            assert record_id is not None
            await visit(db, pro, Moment.at(utcnow(), policy), record_id)
    async with sessions.begin() as db:
        await _a_malaise(db, policy)
    async with sessions.begin() as db:
        await _says_who_treats_her(db, policy)


async def _says_who_treats_her(db: AsyncSession, policy: Policy) -> None:
    """Laura, once her doctor was let in."""
    index = identifier_index(db, LAURA.identifier)
    account = (await db.scalars(select(Account).where(Account.identifier_index == index))).one()
    laura = Patient(account.id, account.record_id, account.record_id, NOBODY)
    doctor = await _acting(db, MARTIN.person.national_id)
    await treating.declare(db, laura, Moment.at(utcnow(), policy), doctor.id)


async def _a_malaise(db: AsyncSession, policy: Policy) -> None:
    """In a laboratory, while blood was taken: a colleague is to review it."""
    pro, at = await _acting(db, ROUSSEAU.national_id), Moment.at(utcnow(), policy)
    who = DOMINIQUE.traits
    record_id = await consultation.find(db, pro, who.oid, who.matricule)
    assert record_id is not None
    reason = "Malaise pendant le prélèvement, ne répond plus."
    await emergency.declare(db, pro, at, record_id, purpose=Purpose.ANY, reason=reason)
    await _open(db, pro, at, record_id, how_many=1)
    await emergency.end(db, pro, at, record_id)


async def _acting(db: AsyncSession, national_id: str) -> Acting:
    query = (
        select(Professional, Practice.structure_id)
        .join(Practice, Practice.professional_id == Professional.id)
        .where(Professional.national_id == national_id)
    )
    who, structure_id = (await db.execute(query)).one()
    return Acting(who.id, structure_id, who.profession)


async def _her_doctor(db: AsyncSession, pro: Acting, at: Moment, record_id: UUID) -> None:
    await consultation.attest(db, pro, at, record_id)
    await _open(db, pro, at, record_id, how_many=2)


async def _a_biologist(db: AsyncSession, pro: Acting, at: Moment, record_id: UUID) -> None:
    await _open(db, pro, at, record_id, how_many=1)


async def _her_pharmacist(db: AsyncSession, pro: Acting, at: Moment, record_id: UUID) -> None:
    await consultation.attest(db, pro, at, record_id, until=_in_a_year(at))
    await consultation.list_documents(db, pro, at, record_id)


async def _the_samu(db: AsyncSession, pro: Acting, at: Moment, record_id: UUID) -> None:
    await emergency.declare(
        db, pro, at, record_id, purpose=Purpose.SAMU, reason="Malaise, ne répond pas."
    )
    await _open(db, pro, at, record_id, how_many=1)


async def _a_stranger(db: AsyncSession, pro: Acting, at: Moment, record_id: UUID) -> None:
    await consultation.list_documents(db, pro, at, record_id)


async def _open(
    db: AsyncSession, pro: Acting, at: Moment, record_id: UUID, *, how_many: int
) -> None:
    """The latest reports that they see."""
    lines = await consultation.list_documents(db, pro, at, record_id) or []
    for line in lines[:how_many]:
        await consultation.open_report(db, pro, at, record_id, line.id)


def _in_a_year(at: Moment) -> date:
    return at.today + YEAR
