"""Somebody on the way in: what they typed so far, sealed, and whose space they proved.

The browser holds a token of 256 bits, whose hash alone is known here. It changes when the three
secrets are proved. At every step the space and the code are looked at again: what locked, closed
or replaced them meanwhile stops the way.
"""

from datetime import datetime
from secrets import token_urlsafe
from uuid import UUID, uuid4

import msgspec
from msgspec import Struct
from sqlalchemy import delete, select

from backend.access.actors import Newcomer
from backend.domain.activation import ENROLMENT_LIFE, Purpose
from backend.domain.errors import NotFound
from backend.domain.space import Event, State, allows
from backend.services.credentials.changes import changes_of
from backend.services.sign_in.challenges import Errand
from backend.services.sign_in.sessions import hash_token
from backend.services.space import ENDED, hold
from backend.storage.accounts import Enrolment, ProvisionalCode
from backend.storage.db import SKEW, AsyncSession, utcnow, vault_of

SWEPT_AT_ONCE = 200
ENDINGS = {
    Purpose.ACTIVATION: (Event.ACTIVATE, Event.REOPEN),
    Purpose.REFUSAL: (Event.REFUSE,),
    Purpose.RETURN: (Event.ENROL_AGAIN,),
}


class Typed(Struct, frozen=True):
    """The draft: one field a question."""

    code: str = ""
    nir: str = ""
    serial: str = ""
    email: str = ""
    phone: str = ""
    email_proved: bool = False
    phone_proved: bool = False
    masked: bool = False
    """First choice of visibility: every document hidden from professionals."""
    before: str = ""
    """Of one who comes back: how the account was, so that what changes it stops the way."""
    done: bool = False
    """Refused: what is left is the proof to take away."""


class Way(Struct, frozen=True):
    """One enrolment, as its pages need it."""

    id: UUID
    purpose: Purpose
    typed: Typed
    record_id: UUID | None
    """None until the three secrets are proved."""
    state: State | None
    """Of the space, now."""

    @property
    def comes_back(self) -> bool:
        """To a space that was closed: its choices of before hold. Whoever refused made none."""
        return self.state in ENDED and not self.refused

    @property
    def refused(self) -> bool:
        """To a space that was refused: nothing was chosen yet, and documents may be there."""
        return self.state is State.OPPOSED

    @property
    def opens(self) -> bool:
        """Proved by somebody who came to open the space: a refusal opens nothing, even done."""
        came = self.purpose is not Purpose.REFUSAL and not self.typed.done
        return came and self.record_id is not None

    @property
    def returns(self) -> bool:
        """To an account in use, of which every means is lost."""
        return self.purpose is Purpose.RETURN

    @property
    def newcomer(self) -> Newcomer:
        """The actor, once proved."""
        assert self.record_id is not None
        return Newcomer(self.id, self.record_id)

    @property
    def errand(self) -> Errand:
        """What the one-time codes of this way are for."""
        assert self.record_id is not None
        purpose = "recovery" if self.returns else "activation"
        return Errand(purpose, self.record_id, enrolment_id=self.id)


async def begin(db: AsyncSession, purpose: Purpose) -> str:
    """A new way; its token."""
    token, now = token_urlsafe(32), utcnow()
    db.add(
        Enrolment(
            id=uuid4(),
            token_hash=hash_token(token),
            purpose=purpose,
            created_at=now,
            ends_at=now + ENROLMENT_LIFE,
        )
    )
    await _sweep(db, now)
    return token


async def find(db: AsyncSession, token: str) -> Way | None:
    """The way that this token goes on, or None when it has ended or can lead nowhere."""
    now = utcnow()
    row = await db.scalar(
        select(Enrolment).where(
            Enrolment.token_hash == hash_token(token),
            Enrolment.purpose.in_(list(Purpose)),
            Enrolment.ends_at > now,
            Enrolment.created_at < now + SKEW,
        )
    )
    if row is None:
        return None
    typed = _opened(db, row)
    if row.record_id is None:
        return Way(row.id, Purpose(row.purpose), typed, None, None)
    space = await hold(db, row.record_id)
    way = Way(row.id, Purpose(row.purpose), typed, row.record_id, space.state)
    return way if typed.done or await _leads_somewhere(db, way, row) else None


async def keep(db: AsyncSession, way: Way, **answers: str | bool) -> Way:
    """The way with more answers."""
    row = await db.get_one(Enrolment, way.id)
    typed = msgspec.structs.replace(way.typed, **answers)
    seal(db, row, typed)
    return msgspec.structs.replace(way, typed=typed)


async def prove_it(db: AsyncSession, way: Way, code: ProvisionalCode) -> str:
    """The way is this record's from now on; its new token."""
    token = token_urlsafe(32)
    row = await db.get_one(Enrolment, way.id)
    row.record_id, row.code_id = code.record_id, code.id
    row.token_hash = hash_token(token)
    before = await account_as_it_is(db, code.record_id) if way.returns else ""
    seal(db, row, msgspec.structs.replace(way.typed, code="", serial="", before=before))
    return token


async def account_as_it_is(db: AsyncSession, record_id: UUID) -> str:
    """Changes with whatever happens to the account: its state, its password, its other means."""
    space = await hold(db, record_id)
    if space.account is None:
        return ""
    changes = await changes_of(db, space.account)
    return f"{space.state} {changes} {space.account.password_hash}"


async def end(db: AsyncSession, way: Way) -> None:
    """It led where it should."""
    await db.execute(delete(Enrolment).where(Enrolment.id == way.id))


async def code_in_use(db: AsyncSession, way: Way) -> ProvisionalCode:
    """The provisional code that proved it; NotFound when it has served: it serves once."""
    row = await db.get_one(Enrolment, way.id)
    code = await db.get_one(ProvisionalCode, row.code_id)
    if code.used_at or code.replaced_at:
        raise NotFound
    return code


def seal(db: AsyncSession, row: Enrolment, typed: Typed) -> None:
    """Store the draft, bound to its row."""
    row.sealed_draft = vault_of(db).seal("enrolment", msgspec.json.encode(typed), row.id)


def _opened(db: AsyncSession, row: Enrolment) -> Typed:
    if row.sealed_draft is None:
        return Typed()
    draft = vault_of(db).unseal("enrolment", row.sealed_draft, row.id)
    return msgspec.json.decode(draft, type=Typed)


async def _leads_somewhere(db: AsyncSession, way: Way, row: Enrolment) -> bool:
    code = await db.get(ProvisionalCode, row.code_id, populate_existing=True)
    live = code is not None and code.used_at is None and code.replaced_at is None
    assert way.state is not None
    if way.returns and way.typed.before != await account_as_it_is(db, row.record_id or way.id):
        return False
    return live and any(allows(way.state, event) for event in ENDINGS[way.purpose])


async def _sweep(db: AsyncSession, now: datetime) -> None:
    past = (
        select(Enrolment.id)
        .where(Enrolment.ends_at < now)
        .limit(SWEPT_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    await db.execute(
        delete(Enrolment)
        .where(Enrolment.id.in_(past.scalar_subquery()))
        .execution_options(synchronize_session=False)
    )
