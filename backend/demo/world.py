"""Putting the fictional people in the database: once, and only in a demonstration."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from backend.access import Action, authorise
from backend.access.actors import Robot
from backend.demo.people import LABORATORIES, PRACTITIONERS, Someone, everyone
from backend.services.accounts import create_account
from backend.services.machines import secret_mac
from backend.storage.db import AsyncSession, utcnow
from backend.storage.records import Guardianship, Record, new_record
from backend.storage.structures import MachineClient, Professional, Structure

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
    return True


async def _load_structures(db: AsyncSession) -> None:
    for laboratory in LABORATORIES:
        structure = Structure(
            finess=laboratory.structure.finess,
            name=laboratory.structure.name,
            city=laboratory.structure.city,
        )
        db.add(structure)
        await db.flush()
        db.add(
            MachineClient(
                client_id=laboratory.client_id,
                structure_id=structure.id,
                secret_mac=secret_mac(db, laboratory.client_secret),
            )
        )
    for practitioner in PRACTITIONERS:
        person = practitioner.person
        db.add(
            Professional(
                national_id=person.national_id,
                family=person.family,
                given=person.given,
                profession=practitioner.profession,
            )
        )


async def _load_record(db: AsyncSession, someone: Someone) -> Record:
    record = new_record(
        db,
        someone.traits,
        state=someone.state,
        status=someone.status,
        now=utcnow(),
        minor_until=someone.minor_until,
    )
    authorise(db, ROBOT, Action.CREATE_RECORD, record)
    await db.flush()
    return record


def _attach(db: AsyncSession, record: Record, account_id: UUID, child: Someone) -> None:
    born: date = child.traits.birth_date or utcnow().date()
    db.add(
        Guardianship(
            record_id=record.id,
            account_id=account_id,
            valid_from=born,
            valid_until=child.minor_until,
        )
    )
