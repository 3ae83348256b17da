"""What Laura measured in six months, and how Léa grew: through the door that their pages use."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select

from backend.access.actors import Patient
from backend.access.scopes import Moment, Policy, records_by_ins
from backend.demo.people import KARIM, LAURA, LEA, Someone
from backend.domain.calendar import PARIS
from backend.domain.measures import MYSELF, Measured
from backend.services import measures
from backend.storage.accounts import Account
from backend.storage.db import AsyncSession, Sessions, utcnow, vault_of
from backend.storage.records import ins_index

NO_SESSION = UUID(int=0)
WEIGHTS = ("74,6", "74,1", "73,8", "73,0", "72,9", "72,2", "71,8")
TENSIONS = (
    *(("138", "88"), ("135", "86"), ("136", "84"), ("131", "83")),
    *(("133", "82"), ("128", "81"), ("127", "79")),
)
GROWTH = (("20,1", "1,14"), ("20,9", "1,16"), ("21,6", "1,18"))
"""Each month for Laura, every two for Léa, the last one this week."""


async def measure(sessions: Sessions, policy: Policy) -> None:
    """Laura for herself, Karim for his daughter."""
    at = Moment.at(utcnow(), policy)
    for who, whose, values in ((LAURA, LAURA, _lauras(at)), (KARIM, LEA, _leas(at))):
        async with sessions.begin() as db:
            actor = await _acting(db, who, whose)
            for value, when in values:
                await measures.add(db, actor, at, value, when)


async def _acting(db: AsyncSession, who: Someone, whose: Someone) -> Patient:
    own, shown = await _record(db, who), await _record(db, whose)
    account = (await db.scalars(select(Account.id).where(Account.record_id == own))).one()
    return Patient(account, own, shown, NO_SESSION)


async def _record(db: AsyncSession, someone: Someone) -> UUID:
    index = ins_index(vault_of(db), someone.traits.oid, someone.traits.matricule)
    record, _identity = (await db.execute(records_by_ins([index]))).one()
    found: UUID = record.id
    return found


def _lauras(at: Moment) -> Iterator[tuple[Measured, datetime]]:
    yield _one("taille", "1,68", when=_ago(at, 180))
    for month, (weight, tension) in enumerate(zip(WEIGHTS, TENSIONS, strict=True)):
        days = 30 * (len(WEIGHTS) - month) - 28
        yield _one("poids", weight, when=_ago(at, days))
        yield _one("tension", *tension, when=_ago(at, days, 8), origin="appareil")
    yield _one("glycemie", "98", when=_ago(at, 9), context="a-jeun", origin="appareil")
    yield _one("hba1c", "6,1", when=_ago(at, 40), comment="mesurée avec le lecteur du cabinet")


def _leas(at: Moment) -> Iterator[tuple[Measured, datetime]]:
    for rank, (weight, height) in enumerate(reversed(GROWTH)):
        yield _one("poids", weight, when=_ago(at, 60 * rank + 4))
        yield _one("taille", height, when=_ago(at, 60 * rank + 4))


def _one(
    key: str,
    *numbers: str,
    when: datetime,
    context: str = "",
    comment: str = "",
    origin: str = MYSELF,
) -> tuple[Measured, datetime]:
    typed = tuple(number.replace(",", ".") for number in numbers)
    return Measured(key, typed, context, comment, origin), when


def _ago(at: Moment, days: int, hour: int = 7) -> datetime:
    return datetime.combine(at.today - timedelta(days=days), time(hour, 40), PARIS)
