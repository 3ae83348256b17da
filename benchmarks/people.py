"""Patients of the benchmarks: as many as wanted, with accounts and open sessions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from itertools import islice
from uuid import UUID, uuid4

from backend.access import Action, authorise
from backend.access.actors import Robot
from backend.demo.people import INS_TEST, key_of
from backend.domain.reports import Traits
from backend.services.accounts import hash_password, identifier_index
from backend.storage.accounts import Account, AccountState, BrowserSession
from backend.storage.db import AsyncSession, utcnow, vault_of
from backend.storage.records import IdentityStatus, RecordState, new_record
from backend.storage.records import key_of as key_of_record

ROBOT = Robot("demo")
PASSWORD = "tisane verveine 9 moulins"


@dataclass(frozen=True, slots=True)
class Patient:
    """One of them, signed in."""

    traits: Traits
    record_id: UUID
    account_id: UUID
    token: str
    """Of the session cookie."""


def identities(first: int = 0) -> Iterator[Traits]:
    """Fictional traits, all different, in the test range."""
    number = first
    while True:
        matricule = f"180{1 + number % 12:02d}99{number // 12 % 1000:03d}{number % 1000:03d}"
        yield Traits(
            matricule=matricule + key_of(matricule),
            oid=INS_TEST,
            birth_name=f"MESURE{_letters(number)}",
            first_given="CAMILLE",
            birth_date=date(1980, 1 + number % 12, 1 + number % 28),
            sex="M",
            birthplace="99999",
        )
        number += 1


async def add_patients(db: AsyncSession, number: int, *, first: int = 0) -> list[Patient]:
    """So many patients, who all chose the same password."""
    known = await hash_password(vault_of(db), PASSWORD)
    return [await _add(db, traits, known) for traits in islice(identities(first), number)]


async def _add(db: AsyncSession, traits: Traits, password_hash: str) -> Patient:
    """A record, an account that can be reached, an open session."""
    now = utcnow()
    record = new_record(db, traits, state=RecordState.ACTIVE, status=IdentityStatus.QUAL, now=now)
    account = Account(
        id=uuid4(),
        record_id=record.id,
        state=AccountState.ACTIVE,
        identifier_index=identifier_index(db, traits.birth_name),
        password_hash=password_hash,
        created_at=now,
        email_verified_at=now,
    )
    address = f"{traits.birth_name.lower()}@patients.example".encode()
    account.sealed_email = key_of_record(db, record).seal(address, account.id, "email")
    authorise(db, ROBOT, Action.CREATE_ACCOUNT, account)
    await db.flush()
    db.add(account)
    await db.flush()
    token = uuid4().hex + uuid4().hex[:11]
    db.add(
        BrowserSession(
            token_hash=sha256(token.encode()).digest(),
            account_id=account.id,
            complete=True,
            created_at=now,
            seen_at=now,
            ends_at=now + timedelta(hours=8),
        )
    )
    return Patient(traits, record.id, account.id, token)


def _letters(number: int) -> str:
    """A name may hold no digit."""
    return "".join(chr(ord("A") + int(digit)) for digit in f"{number:06d}")
