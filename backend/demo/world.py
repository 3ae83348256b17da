"""Putting the fictional people in the database: once, and only in a demonstration."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from backend.access import Action, authorise
from backend.access.actors import Robot
from backend.demo import desk
from backend.demo.people import (
    ESTUAIRE,
    LABORATORIES,
    PHARMACIST,
    PRACTITIONERS,
    SAMU,
    Laboratory,
    Someone,
    everyone,
)
from backend.demo.psc.people import PROS, SITES
from backend.domain.activation import ARCHIVE_YEARS, FIRST_CODE_LIFE
from backend.domain.calendar import civil_day, in_years
from backend.domain.reports import Organisation, Person
from backend.services.accounts import create_account, hash_password
from backend.services.machines import secret_mac
from backend.services.teams import Newcomer, begin_site
from backend.storage.accounts import ProvisionalCode
from backend.storage.db import AsyncSession, utcnow, vault_of
from backend.storage.records import Guardianship, Record, RecordState, new_record, vitale_card
from backend.storage.structures import MachineClient, Practice, Professional, Structure

ROBOT = Robot("demo")


async def load(db: AsyncSession) -> bool:
    """Everybody of the demonstration; False when they are there already."""
    if await db.scalar(select(select(Structure).exists())):
        return False
    await _load_structures(db)
    accounts: dict[str, UUID] = {}
    for someone in everyone():
        record = await _load_record(db, someone)
        if someone.identifier:
            account = await create_account(
                db,
                ROBOT,
                record,
                identifier=someone.identifier,
                password=someone.password,
                email=someone.email,
                phone=someone.phone,
            )
            accounts[someone.key] = account.id
        for parent in someone.parents:
            _attach(db, record, accounts[parent], someone)
    await desk.load(db)
    return True


async def _load_structures(db: AsyncSession) -> None:
    for laboratory in LABORATORIES:
        structure = await _structure(db, laboratory.structure)
        db.add(
            MachineClient(
                client_id=laboratory.client_id,
                structure_id=structure.id,
                secret_mac=secret_mac(db, laboratory.client_secret),
            )
        )
        structure.laboratory = True
        for biologist in laboratory.biologists:
            profession = "21/G" if biologist.profession == PHARMACIST else "10/SM03"
            await _professional(db, biologist, profession, structure)
        await _team(db, laboratory, structure.id)
    for practitioner in PRACTITIONERS:
        structure = await _structure(db, practitioner.structure)
        await _professional(db, practitioner.person, practitioner.profession, structure)


async def _team(db: AsyncSession, laboratory: Laboratory, structure_id: UUID) -> None:
    """Those whom it has attached; its other biologists come in by themselves."""
    theirs = [one for one in PROS if SITES.get(one.key, ESTUAIRE) is laboratory]
    newcomers = [
        Newcomer(one.national_id, one.family, one.given, role)
        for one in theirs
        for role in one.roles
    ]
    await begin_site(db, ROBOT, structure_id, newcomers)


async def _structure(db: AsyncSession, place: Organisation) -> Structure:
    structure = Structure(
        finess=place.finess, name=place.name, city=place.city, samu=place.finess in SAMU
    )
    db.add(structure)
    await db.flush()
    return structure


async def _professional(
    db: AsyncSession, person: Person, profession: str, structure: Structure
) -> None:
    professional = Professional(
        national_id=person.national_id,
        family=person.family,
        given=person.given,
        profession=profession,
    )
    db.add(professional)
    await db.flush()
    db.add(Practice(professional_id=professional.id, structure_id=structure.id))


async def _load_record(db: AsyncSession, someone: Someone) -> Record:
    record = new_record(
        db,
        someone.traits,
        state=someone.state,
        status=someone.status,
        now=utcnow(),
        minor_until=someone.minor_until,
        contacts=someone.contacts,
    )
    if someone.state is RecordState.OPPOSED:
        record.ended_at = utcnow()
        record.erase_on = in_years(civil_day(record.ended_at), ARCHIVE_YEARS)
    authorise(db, ROBOT, Action.CREATE_RECORD, record)
    await db.flush()
    if someone.vitale:
        db.add(vitale_card(db, record, someone.vitale))
    if someone.code:
        db.add(await _code(db, record, someone.code))
    return record


async def _code(db: AsyncSession, record: Record, code: str) -> ProvisionalCode:
    now = utcnow()
    return ProvisionalCode(
        record_id=record.id,
        code_hash=await hash_password(vault_of(db), code),
        sent_by="letter",
        created_at=now,
        expires_at=now + FIRST_CODE_LIFE,
    )


def _attach(db: AsyncSession, record: Record, account_id: UUID, child: Someone) -> None:
    born: date = child.traits.birth_date or civil_day(utcnow())
    db.add(
        Guardianship(
            record_id=record.id,
            account_id=account_id,
            principal=True,
            valid_from=born,
            valid_until=child.minor_until,
        )
    )
