"""A recovery under way: what it remembers, and whether anything stopped it since it began."""

from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select

from backend.domain.space import Event, State, allows
from backend.services.credentials.changes import changes_of
from backend.services.sign_in.challenges import Errand
from backend.services.sign_in.sessions import hash_token
from backend.services.space import Space, hold
from backend.storage.accounts import Account, Channel, Enrolment
from backend.storage.db import SKEW, AsyncSession, utcnow, vault_of

PURPOSE = "recovery"
PURPOSES = {Channel.EMAIL: PURPOSE, Channel.SMS: "recovery-sms"}
LIMITER = "recovery-verify"


class Draft(Struct, frozen=True):
    """What a recovery remembers, sealed: whose, and how the account was when it began."""

    account_id: UUID | None = None
    state: State | None = None
    password_hash: str = ""
    changes: tuple[int, int] = (0, 0)
    proved: bool = False
    by_app: bool = False
    """The authenticator application was one of the proofs: it is still the person’s."""


class Recovery(Struct, frozen=True):
    """One recovery, as its steps need it."""

    id: UUID
    draft: Draft
    space: Space | None
    """Held; None when nobody can be recovered by it, which is told only by failing."""

    @property
    def proved(self) -> bool:
        """Two proofs were given, and nothing happened to the account since."""
        return self.draft.proved and self.space is not None


async def find_recovery(db: AsyncSession, token: str) -> Recovery | None:
    """The recovery that this token goes on, or None when it is over."""
    now = utcnow()
    row = await db.scalar(
        select(Enrolment)
        .where(
            Enrolment.token_hash == hash_token(token),
            Enrolment.purpose == PURPOSE,
            Enrolment.ends_at > now,
            Enrolment.created_at < now + SKEW,
        )
        .with_for_update()
    )
    if row is None or row.sealed_draft is None:
        return None
    draft = msgspec.json.decode(vault_of(db).unseal(PURPOSE, row.sealed_draft, row.id), type=Draft)
    return Recovery(row.id, draft, await _space_of(db, draft))


async def _space_of(db: AsyncSession, draft: Draft) -> Space | None:
    """The space while nothing has happened to it since the recovery began."""
    account = await db.get(Account, draft.account_id) if draft.account_id else None
    if account is None:
        return None
    space = await hold(db, account.record_id)
    same = (
        space.state is draft.state
        and account.password_hash == draft.password_hash
        and await changes_of(db, account) == draft.changes
    )
    return space if same and allows(space.state, Event.RECOVER) else None


def errand_of(recovery_id: UUID, account_id: UUID, channel: Channel) -> Errand:
    return Errand(
        PURPOSES[channel],
        account_id,
        account_id=account_id,
        enrolment_id=recovery_id,
        limiter=LIMITER,
    )


def sealed(db: AsyncSession, recovery_id: UUID, draft: Draft) -> bytes:
    return vault_of(db).seal(PURPOSE, msgspec.json.encode(draft), recovery_id)
