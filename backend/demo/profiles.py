"""Laura has begun her « Profil médical »; Karim told of Léa’s allergy."""

from typing import NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import select

from backend.access.actors import NOBODY, Patient
from backend.access.scopes import Moment, Policy, records_by_ins
from backend.demo.people import KARIM, LAURA, LEA, Someone
from backend.domain.medical_profile import Declare, Operation, Put, State
from backend.services import medical_profile
from backend.storage.accounts import Account
from backend.storage.db import AsyncSession, Sessions, utcnow, vault_of
from backend.storage.records import ins_index


class Told(NamedTuple):
    """An answer: who gives it, about whom."""

    by: Someone
    about: Someone
    section: str
    values: dict[str, str] | State


TOLD = (
    Told(
        LAURA,
        LAURA,
        "maladies",
        {"nom": "Diabète de type 2", "debut": "2024-11", "en-cours": "oui"},
    ),
    Told(
        LAURA,
        LAURA,
        "traitements",
        {
            "nom": "Metformine 500 mg",
            "posologie": "Un comprimé matin et soir, au repas",
            "maladies": f"{uuid5(NOBODY, f'{LAURA.key}/maladies')}",
        },
    ),
    Told(LAURA, LAURA, "allergies", State.NOTHING),
    Told(LAURA, LAURA, "antecedents-familiaux", {"lien": "pere", "maladie": "Diabète de type 2"}),
    Told(LAURA, LAURA, "groupe-sanguin", State.UNKNOWN),
    Told(
        LAURA,
        LAURA,
        "personnes-a-prevenir",
        {"nom": "Hugo Bernard", "telephone": "+33639980136", "lien": "mon frère"},
    ),
    Told(
        KARIM,
        LEA,
        "allergies",
        {"nom": "Arachide", "commentaire": "Plaques rouges à 2 ans. Un stylo est à l’école."},
    ),
)


async def tell(sessions: Sessions, policy: Policy) -> None:
    """Through the door that their pages use; what is there already is left alone."""
    for told in TOLD:
        async with sessions.begin() as db:
            own, child = await _record(db, told.by), await _record(db, told.about)
            account = await db.scalar(select(Account.id).where(Account.record_id == own))
            assert account is not None
            actor = Patient(account, own, child, NOBODY)
            at = Moment.at(utcnow(), policy)
            await medical_profile.change(db, actor, at, told.section, _operation(told), version=0)


async def _record(db: AsyncSession, someone: Someone) -> UUID:
    index = ins_index(vault_of(db), someone.traits.oid, someone.traits.matricule)
    record, _identity = (await db.execute(records_by_ins([index]))).one()
    return record.id


def _operation(told: Told) -> Operation:
    if isinstance(told.values, State):
        return Declare(told.values)
    return Put(uuid5(NOBODY, f"{told.about.key}/{told.section}"), told.values)
