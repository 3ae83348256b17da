"""The desk of the first laboratory, as the demonstration finds it: files, contracts, an anomaly."""

from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import select

from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.demo.insi import OFFICIAL
from backend.demo.people import ESTUAIRE, JULIE, KARIM, LAURA, LEA, MOREL
from backend.domain.anomalies import AnomalyKind
from backend.domain.calendar import PARIS, civil_day, in_years
from backend.domain.laboratory import Role
from backend.domain.reception import Choices
from backend.domain.reports import Traits
from backend.domain.trust_contracts import Terms
from backend.gateways.insi import Found, InsiDown
from backend.services.identification import (
    anomalies,
    asking,
    checking,
    contracts,
    day,
    files,
    receiving,
)
from backend.services.identification.checking import Seen
from backend.storage.db import AsyncSession, utcnow
from backend.storage.structures import Professional as Person
from backend.storage.structures import Structure

ROLES = frozenset({Role.BIOLOGIST, Role.ADMINISTRATOR})
ZOE, OLA = OFFICIAL[2].traits, OFFICIAL[3].traits


async def load(db: AsyncSession) -> None:
    """Once, after the people and the laboratories."""
    actor, now = await biologist(db), utcnow()
    today = civil_day(now)
    visited = Moment.at(datetime(_last_may(today), 5, 4, 9, 12, tzinfo=PARIS))
    laura = await _file(db, actor, visited, LAURA.on_paper, known=True)
    await checking.see_document(db, actor, visited, laura, Seen("cni", same_traits=True))
    await receiving.receive(db, actor, visited, laura, Choices(informed=True))
    at = Moment.at(now)
    karim = await _file(db, actor, at, KARIM.on_paper, known=True)
    lea = await _file(db, actor, at, LEA.on_paper)
    julie = await _file(db, actor, at, JULIE.on_paper)
    await asking.take(
        db, actor, at, await asking.prepare(db, actor, julie), InsiDown("siram_40/insi_102")
    )
    for file_id, hour in ((julie, "9:15"), (karim, "10:30"), (lea, "10:30")):
        await day.expect(db, actor, at, file_id, hour)
    partner = await _contracts(db, actor, at)
    await _file(db, actor, at, ZOE, known=True, contract_id=partner)
    typed = replace(OLA, first_given="OLA", given_names="OLA CATARINA BELLA")
    await anomalies.open_anomaly(
        db,
        actor,
        at,
        await _file(db, actor, at, typed),
        kind=AnomalyKind.DIFFERS,
        detail="Le premier prénom n’est pas celui d’INSi. La pièce d’identité est demandée.",
    )


async def biologist(db: AsyncSession) -> Professional:
    """Claire Morel, at work."""
    where = Structure.finess == ESTUAIRE.structure.finess
    structure_id = (await db.scalars(select(Structure.id).where(where))).one()
    who = Person.national_id == MOREL.national_id
    person = (await db.scalars(select(Person).where(who))).one()
    return Professional(person.id, structure_id, person.profession, roles=ROLES)


async def _file(
    db: AsyncSession,
    actor: Professional,
    at: Moment,
    traits: Traits,
    *,
    known: bool = False,
    contract_id: UUID | None = None,
) -> UUID:
    file = await files.create(db, actor, at, traits, contract_id=contract_id)
    if known:
        question = await asking.prepare(db, actor, file.id)
        await asking.take(db, actor, at, question, Found(traits))
    return file.id


async def _contracts(db: AsyncSession, actor: Professional, at: Moment) -> UUID:
    """One in force, one that is over."""
    terms = Terms(
        partner="Clinique des Ormes",
        finess="440099810",
        clause="article 7, identitovigilance",
        our_referent="Solène Riou",
        their_referent="Jeanne Le Bris",
        signed_on=at.today - timedelta(days=200),
        until=in_years(at.today, 1),
    )
    signed = await contracts.sign(db, actor, terms)
    await contracts.audit(
        db,
        actor,
        at,
        signed.id,
        day=at.today - timedelta(days=30),
        good=True,
        findings="Vingt dossiers relus ensemble : aucun écart.",
    )
    over = replace(
        terms,
        partner="Soins infirmiers Bellevue",
        finess="440099803",
        signed_on=at.today - timedelta(days=500),
        until=at.today - timedelta(days=20),
    )
    await contracts.sign(db, actor, over)
    return signed.id


def _last_may(today: date) -> int:
    """The year of the last 4th of May."""
    return today.year if today > date(today.year, 5, 4) else today.year - 1
