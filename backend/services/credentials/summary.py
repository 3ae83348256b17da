"""What the security page shows."""

from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import func, select

from backend.access.actors import Patient
from backend.services.accounts import contact, identifier_of
from backend.services.credentials.browsers import Seen, list_browsers
from backend.services.credentials.changes import is_cooling
from backend.services.sign_in.present import present
from backend.storage.accounts import Login, Passkey
from backend.storage.db import AsyncSession, utcnow

LOGINS = 5


class Means(Struct, frozen=True):
    """The means of one account."""

    identifier: str
    email: str
    phone: str
    by_app: bool
    """An authenticator application is set up."""
    passkeys: int
    browsers: tuple[Seen, ...]
    logins: tuple[datetime, ...]
    """The last ones, newest first."""
    cooling: bool


async def means_of(db: AsyncSession, actor: Patient, *, idle: timedelta) -> Means:
    """Everything at a glance."""
    _, space, account = await present(db, actor)
    email, phone = await contact(db, account)
    mine = Login.account_id == account.id
    logins = await db.scalars(select(Login.at).where(mine).order_by(Login.at.desc()).limit(LOGINS))
    keys = select(func.count()).select_from(Passkey).where(Passkey.account_id == account.id)
    return Means(
        identifier=identifier_of(db, space.record, account),
        email=email or "",
        phone=phone or "",
        by_app=account.sealed_totp is not None,
        passkeys=await db.scalar(keys) or 0,
        browsers=await list_browsers(db, actor, idle=idle),
        logins=tuple(logins),
        cooling=await is_cooling(db, account, utcnow()),
    )
