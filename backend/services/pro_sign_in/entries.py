"""From our door to Pro Santé Connect and back: what must be the same on the return, used once."""

import hmac
from datetime import datetime, timedelta
from secrets import token_urlsafe
from uuid import UUID, uuid4

import msgspec
from msgspec import Struct
from sqlalchemy import delete

from backend.services.sign_in.sessions import hash_token
from backend.storage.db import AsyncSession, utcnow, vault_of
from backend.storage.teams import ProEntry

LIFE = timedelta(minutes=10)


class Proofs(Struct, frozen=True):
    """What binds an answer to a question."""

    nonce: str
    verifier: str
    """PKCE: 64 characters that only we know until the code is redeemed."""
    again: UUID | None = None
    """The session whose professional proves once more who they are; None for who comes in."""
    about: UUID | None = None
    """The record for whose emergency they prove it."""
    left_at: datetime | None = None
    """When they left for it: an older proof is none."""


class Begun(Struct, frozen=True):
    """Where to send a browser, and the mark that it must bring back."""

    address: str
    browser: str


class Leaving(Struct, frozen=True):
    """The secrets of one way out."""

    state: str
    browser: str
    proofs: Proofs


def begin(db: AsyncSession, *, again: UUID | None = None, about: UUID | None = None) -> Leaving:
    """Secrets made for this way out, and kept until the return."""
    left_at = utcnow() if again else None
    proofs = Proofs(token_urlsafe(32), token_urlsafe(48), again, about, left_at)
    leaving = Leaving(token_urlsafe(32), token_urlsafe(32), proofs)
    id_ = uuid4()
    db.add(
        ProEntry(
            id=id_,
            state_hash=hash_token(leaving.state),
            browser_hash=hash_token(leaving.browser),
            sealed_proofs=vault_of(db).seal("psc", msgspec.json.encode(leaving.proofs), id_),
            ends_at=utcnow() + LIFE,
        )
    )
    return leaving


async def redeem(db: AsyncSession, state: str, browser: str) -> Proofs | None:
    """What was kept under this state, which is used up; None for another browser, or too late."""
    now = utcnow()
    await db.execute(
        delete(ProEntry).where(ProEntry.ends_at < now).execution_options(synchronize_session=False)
    )
    used = delete(ProEntry).where(ProEntry.state_hash == hash_token(state))
    row = (
        await db.execute(used.returning(ProEntry.id, ProEntry.browser_hash, ProEntry.sealed_proofs))
    ).one_or_none()
    if row is None or not hmac.compare_digest(row.browser_hash, hash_token(browser)):
        return None
    kept = vault_of(db).unseal("psc", row.sealed_proofs, row.id)
    return msgspec.json.decode(kept, type=Proofs)
