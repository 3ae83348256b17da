"""The means to sign in at one moment: sealed values as they are stored, never opened here."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import delete, select

from backend.storage.accounts import Account, Channel, Passkey
from backend.storage.db import AsyncSession
from backend.storage.vault import RecordKey


class Key(Struct, frozen=True):
    """A passkey."""

    id: UUID
    credential_id: bytes
    public_key: bytes
    sign_count: int
    name: str
    created_at: datetime
    used_at: datetime | None


class Picture(Struct, frozen=True):
    """Everything by which the person signs in and is reached."""

    password_hash: str
    email: bytes | None
    email_verified_at: datetime | None
    phone: bytes | None
    phone_verified_at: datetime | None
    preferred: Channel
    totp: bytes | None
    passkeys: tuple[Key, ...]

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Where the person could be reached then."""
        email = (Channel.EMAIL,) if self.email and self.email_verified_at else ()
        phone = (Channel.SMS,) if self.phone and self.phone_verified_at else ()
        return (*email, *phone)

    def address(self, key: RecordKey, account: Account, channel: Channel) -> str | None:
        """Of one channel, then."""
        if channel not in self.channels:
            return None
        field, sealed = ("email", self.email) if channel is Channel.EMAIL else ("phone", self.phone)
        assert sealed is not None
        return key.open(sealed, account.id, field).decode()


async def picture_of(db: AsyncSession, account: Account) -> Picture:
    """The account's means, as they are."""
    keys = await db.scalars(select(Passkey).where(Passkey.account_id == account.id))
    return Picture(
        password_hash=account.password_hash,
        email=account.sealed_email,
        email_verified_at=account.email_verified_at,
        phone=account.sealed_phone,
        phone_verified_at=account.phone_verified_at,
        preferred=account.preferred,
        totp=account.sealed_totp,
        passkeys=tuple(
            Key(k.id, k.credential_id, k.public_key, k.sign_count, k.name, k.created_at, k.used_at)
            for k in keys
        ),
    )


async def put_back(db: AsyncSession, account: Account, before: Picture) -> None:
    """The account's means as they were; a passkey that stayed keeps its counter."""
    account.password_hash = before.password_hash
    account.sealed_email, account.email_verified_at = before.email, before.email_verified_at
    account.sealed_phone, account.phone_verified_at = before.phone, before.phone_verified_at
    account.preferred, account.sealed_totp = before.preferred, before.totp
    theirs = Passkey.account_id == account.id
    kept = set(await db.scalars(select(Passkey.id).where(theirs)))
    known = [key.id for key in before.passkeys]
    await db.execute(
        delete(Passkey)
        .where(theirs, Passkey.id.not_in(known))
        .execution_options(synchronize_session=False)
    )
    for key in before.passkeys:
        if key.id not in kept:
            db.add(
                Passkey(
                    id=key.id,
                    account_id=account.id,
                    credential_id=key.credential_id,
                    public_key=key.public_key,
                    sign_count=key.sign_count,
                    name=key.name,
                    created_at=key.created_at,
                    used_at=key.used_at,
                )
            )
    await db.flush()
