"""Accounts: made, hashed, and how their holder can be reached."""

import asyncio
import os
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from secrets import token_bytes
from threading import BoundedSemaphore
from typing import ParamSpec, TypeVar
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update

from backend.access import Action, Actor, authorise
from backend.domain.contact import read_email, read_mobile
from backend.domain.errors import Refused, Unavailable
from backend.domain.passwords import LONGEST, check_password, normal
from backend.domain.sign_in import read_identifier
from backend.gateways.breaches import Breaches
from backend.storage.accounts import Account, AccountState, Channel, CredentialChange
from backend.storage.db import AsyncSession, take_turns, utcnow, vault_of
from backend.storage.records import Record, RecordState, key_of
from backend.storage.vault import RecordKey, Vault

P = ParamSpec("P")
T = TypeVar("T")

# OWASP's equal-cost row for one pass; 16-byte salt, 32-byte tag.
HASHER = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
LANES = 2 * (os.cpu_count() or 1)
QUEUE = 32
USABLE_RECORDS = frozenset({RecordState.OPEN, RecordState.ACTIVE})


def _nobodys_hash() -> str:
    """Costs as much to check as a real one, and no password opens it."""
    salt, tag = (b64encode(token_bytes(size)).rstrip(b"=").decode() for size in (16, 32))
    return f"$argon2id$v=19$m={HASHER.memory_cost},t={HASHER.time_cost},p=1${salt}${tag}"


_NOBODY = _nobodys_hash()
_threads = ThreadPoolExecutor(LANES, "argon2")
_places = BoundedSemaphore(LANES + QUEUE)


def usable(account: AccountState, record: RecordState) -> bool:
    """May this account be used now? Asked at every step, not only the first (F4)."""
    return account is AccountState.ACTIVE and record in USABLE_RECORDS


async def hash_password(vault: Vault, password: str) -> str:
    """argon2id of the peppered password. Unavailable when too many wait their turn."""
    return await _slowly(HASHER.hash, _peppered(vault, password))


async def verify_password(vault: Vault, stored: str | None, password: str) -> bool:
    """Whether it is the one; for nobody (None) the same work, and no."""
    return await _slowly(_verify, stored or _NOBODY, _peppered(vault, password))


def needs_rehash(stored: str) -> bool:
    """The hash was made with parameters that are no longer ours."""
    return HASHER.check_needs_rehash(stored)


async def create_account(
    db: AsyncSession,
    actor: Actor,
    record: Record,
    *,
    identifier: str,
    password: str,
    email: str = "",
    phone: str = "",
) -> Account:
    """An account on this record. The caller has proved that the addresses are the person's.

    Refused when the identifier is taken or badly made, the password weak, or no address given.
    """
    name = read_identifier(identifier)
    check_password(password, words_of(name))
    await refuse_taken(db, name)
    account = new_account(record)
    hashed = await hash_password(vault_of(db), password)
    set_means(db, record, account, identifier=name, password_hash=hashed)
    set_channels(db, record, account, email=email, phone=phone)
    authorise(db, actor, Action.CREATE_ACCOUNT, account)
    db.add(account)
    await db.flush()
    return account


async def refuse_breached(breaches: Breaches, password: str) -> None:
    """Refused when it is on the operator's list of those that were stolen somewhere."""
    if await breaches.has(normal(password)):
        raise Refused(
            "Ce mot de passe a déjà été volé sur un autre site. "
            "Assemblez plusieurs mots sans rapport entre eux ni avec vous."
        )


def words_of(identifier: str) -> list[str]:
    """An identifier and its parts: a password that holds them is easy to guess."""
    return [identifier, *identifier.replace("_", ".").replace("-", ".").split(".")]


async def refuse_taken(db: AsyncSession, identifier: str, *, but: UUID | None = None) -> None:
    """Refused when somebody has this identifier, other than the holder of record `but`.

    Whoever else asks for it waits for this transaction: of two at once, one has it.
    """
    index = identifier_index(db, identifier)
    await take_turns(db, f"identifier/{index.hex()}")
    holder = await db.scalar(select(Account.record_id).where(Account.identifier_index == index))
    if holder not in {None, but}:
        raise Refused("Cet identifiant est déjà pris. Choisissez-en un autre.")


def new_account(record: Record) -> Account:
    """An account without means to sign in yet."""
    return Account(id=uuid4(), record_id=record.id, state=AccountState.ACTIVE, created_at=utcnow())


async def forget_changes(db: AsyncSession, account_id: UUID) -> None:
    """The links that undo changes of before open nothing any more: all means are new."""
    await db.execute(
        update(CredentialChange)
        .where(CredentialChange.account_id == account_id, CredentialChange.cancelled_at.is_(None))
        .values(cancelled_at=utcnow(), sealed_token=None, sealed_before=None)
        .execution_options(synchronize_session=False)
    )


def set_means(
    db: AsyncSession, record: Record, account: Account, *, identifier: str, password_hash: str
) -> None:
    """What the person types at sign-in; an authenticator of before is forgotten."""
    assert account.record_id == record.id
    account.identifier_index = identifier_index(db, identifier)
    account.sealed_identifier = key_of(db, record).seal(
        identifier.encode(), account.id, "identifier"
    )
    account.password_hash = password_hash
    account.sealed_totp, account.totp_used = None, 0


def set_channels(
    db: AsyncSession, record: Record, account: Account, *, email: str, phone: str
) -> None:
    """Addresses that the person proved; Refused when there is none."""
    if not (email or phone):
        raise Refused("Donnez une adresse e-mail ou un numéro de mobile.")
    key, now = key_of(db, record), utcnow()
    account.sealed_email = account.sealed_phone = None
    account.email_verified_at = account.phone_verified_at = None
    if email:
        account.sealed_email = key.seal(read_email(email).encode(), account.id, "email")
        account.email_verified_at = now
    if phone:
        account.sealed_phone = key.seal(read_mobile(phone).encode(), account.id, "phone")
        account.phone_verified_at = now
    account.preferred = Channel.EMAIL if email else Channel.SMS


async def own_key(db: AsyncSession, account: Account) -> RecordKey:
    """The key of the account’s own record: its addresses are sealed under it."""
    return key_of(db, await db.get_one(Record, account.record_id))


async def contact(db: AsyncSession, account: Account) -> tuple[str | None, str | None]:
    """(e-mail, mobile), each only when the person proved that it is theirs."""
    key = await own_key(db, account)
    email = account.email_verified_at and account.sealed_email
    phone = account.phone_verified_at and account.sealed_phone
    return (
        key.open(email, account.id, "email").decode() if email else None,
        key.open(phone, account.id, "phone").decode() if phone else None,
    )


async def address_of(db: AsyncSession, account: Account) -> tuple[Channel, str] | None:
    """Where to tell them something once: by e-mail, or by SMS to who gave only a mobile."""
    email, phone = await contact(db, account)
    if email:
        return Channel.EMAIL, email
    return (Channel.SMS, phone) if phone else None


def identifier_of(db: AsyncSession, record: Record, account: Account) -> str:
    """The identifier as chosen, or nothing for an account that is older than its keeping."""
    sealed = account.sealed_identifier
    return key_of(db, record).open(sealed, account.id, "identifier").decode() if sealed else ""


def identifier_index(db: AsyncSession, identifier: str) -> bytes:
    """Where an identifier is found."""
    return vault_of(db).index("identifier", identifier.lower())


def _peppered(vault: Vault, password: str) -> bytes:
    """32 bytes under a key that is not in the database: stolen hashes cannot be guessed at."""
    typed = normal(password[: 8 * LONGEST])[: LONGEST + 1]
    return vault.mac("password", typed.encode())


def _verify(stored: str, peppered: bytes) -> bool:
    try:
        return HASHER.verify(stored, peppered)
    except (VerificationError, InvalidHashError):
        return False


async def _slowly(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Off the event loop, a few at once; a flood is told to come back, and memory stays bounded."""
    if not _places.acquire(blocking=False):
        raise Unavailable
    future = _threads.submit(work, *args, **kwargs)
    future.add_done_callback(lambda _: _places.release())
    return await asyncio.wrap_future(future)
