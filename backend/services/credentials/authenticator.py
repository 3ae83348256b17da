"""An authenticator application: shown once, confirmed by one of its codes."""

from base64 import b32encode

from msgspec import Struct
from pyotp import TOTP
from sqlalchemy import func, select

from backend.access import Action
from backend.access.actors import Patient
from backend.domain.credentials import Kind
from backend.domain.space import Event
from backend.services.credentials.changes import before_change, note_change
from backend.services.sign_in.present import present
from backend.services.sign_in.refusals import Rejected
from backend.services.sign_in.totp import seal_totp, use_code
from backend.services.space import Space, advance
from backend.storage.accounts import CredentialChange
from backend.storage.db import AsyncSession, vault_of

SECRET_BYTES = 20
ISSUER, NAME = "Repères", "Mon espace"
"""What the application shows: nothing that says whose it is."""


class Offer(Struct, frozen=True):
    """What the application is given."""

    secret: str
    """32 letters and digits (RFC 4648 base 32)."""
    uri: str
    """`otpauth://…`, for the square to photograph."""


async def offer_app(db: AsyncSession, actor: Patient) -> Offer | None:
    """The secret of an application to set up in this session; None when there is one already."""
    _, space, account = await present(db, actor)
    if account.sealed_totp:
        return None
    secret = await _secret(db, actor, space)
    return Offer(secret, TOTP(secret).provisioning_uri(name=NAME, issuer_name=ISSUER))


async def add_app(db: AsyncSession, actor: Patient, code: str) -> Rejected | None:
    """None when the application gave the right code: from now on it is asked at sign-in."""
    _, space, account = await present(db, actor)
    if account.sealed_totp:
        return None
    secret = await _secret(db, actor, space)
    if refused := await use_code(db, account, secret, code):
        return refused
    before = await before_change(db, space)
    advance(db, actor, Action.CHANGE_CREDENTIAL, Event.CHANGE_CREDENTIAL, space)
    account.sealed_totp = seal_totp(db, account, secret)
    await note_change(db, space, Kind.TOTP_ADDED, before)
    return None


async def remove_app(db: AsyncSession, actor: Patient) -> None:
    """Codes come by e-mail or SMS again."""
    _, space, account = await present(db, actor)
    if account.sealed_totp is None:
        return
    before = await before_change(db, space)
    advance(db, actor, Action.CHANGE_CREDENTIAL, Event.CHANGE_CREDENTIAL, space)
    account.sealed_totp = None
    await note_change(db, space, Kind.TOTP_REMOVED, before)


async def _secret(db: AsyncSession, actor: Patient, space: Space) -> str:
    """Made from this session and the changes so far: nothing to store before it is confirmed.

    A change of any means in between makes another one, and stops this setting up.
    """
    assert space.account is not None
    mine = CredentialChange.account_id == space.account.id
    count = await db.scalar(select(func.count()).select_from(CredentialChange).where(mine))
    seed = f"{space.account.id}|{actor.session_id}|{count}|{space.account.password_hash}"
    return b32encode(vault_of(db).mac("totp-offer", seed.encode())[:SECRET_BYTES]).decode()
