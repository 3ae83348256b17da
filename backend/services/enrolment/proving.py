"""Code, NIR and carte Vitale, checked together: one verdict, whatever is wrong and whoever it is.

What is counted is counted for the number typed, so that the tries left say nothing of whether
somebody has it. Every branch does the same hashing, and nobody is answered sooner than others.
"""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select

from backend.access import Action, authorise, refuse
from backend.access.actors import Robot, Visitor
from backend.access.scopes import spaces_by_ins
from backend.access.scopes.newcomers import live_code
from backend.domain.calendar import civil_day
from backend.domain.space import State, allows
from backend.services import limits
from backend.services.accounts import verify_password
from backend.services.enrolment.ways import ENDINGS, Way, find, prove_it
from backend.services.even import even
from backend.services.sign_in.refusals import Reason, Rejected, too_often
from backend.services.space import hold
from backend.storage.accounts import ProvisionalCode
from backend.storage.db import AsyncSession, Sessions, utcnow, vault_of
from backend.storage.records import Record, VitaleCard, indexes_of

ROBOT = Robot("try-code")
DESK = "desk"
"""How a code travels that the help desk sends to whoever has no other proof left."""


class Proved(Struct, frozen=True):
    """The three go together: the way's new token."""

    token: str


class Elsewhere(Struct, frozen=True):
    """They go together, and this is not the way: `minor`, `active` or `stopped`."""

    why: str


class _Found(Struct, frozen=True):
    """What the database knew of the three."""

    code: ProvisionalCode | None
    serial_is_right: bool
    stored: str | None


@even
async def prove(
    sessions: Sessions, token: str, *, address: str
) -> Proved | Elsewhere | Rejected | None:
    """Whether the three answers of this way go together; None when the way has ended.

    Two short transactions with the hashing between them, as for passwords.
    """
    async with sessions.begin() as db:
        way = await find(db, token)
        if way is None or way.record_id is not None:
            return None
        if wait := await _count(db, way.typed.nir, address):
            return too_often(wait)
        vault = vault_of(db)
        found = await _look(db, way, utcnow())
    right = await verify_password(vault, found.stored, way.typed.code)
    async with sessions.begin() as db:
        if found.code is None or not (right and found.serial_is_right):
            return await _wrong(db, way, found.code)
        await limits.give_back(db, "activation-nir", way.typed.nir)
        return await _lead(db, way, found.code)


async def _count(db: AsyncSession, nir: str, address: str) -> int:
    return (
        await limits.hit(db, "activation-ip", address)
        or await limits.hit(db, "activation-all", "")
        or await limits.hit(db, "activation-nir", nir)
    )


async def _look(db: AsyncSession, way: Way, now: datetime) -> _Found:
    """The live code of whoever has this NIR, with one more try counted."""
    vault = vault_of(db)
    serial = vault.index("vitale", way.typed.serial)
    row = (await db.execute(spaces_by_ins(indexes_of(vault, way.typed.nir)))).first()
    record_id = row[0].id if row else UUID(int=0)
    code = await db.scalar(live_code(record_id, now))
    card = await db.scalar(
        select(VitaleCard.id).where(
            VitaleCard.record_id == record_id, VitaleCard.serial_index == serial
        )
    )
    if code is None:
        return _Found(None, serial_is_right=False, stored=None)
    authorise(db, ROBOT, Action.TRY_CODE, code)
    code.tries += 1
    fits = not way.returns or code.sent_by == DESK
    return _Found(code, serial_is_right=card is not None and fits, stored=code.code_hash)


async def _wrong(db: AsyncSession, way: Way, code: ProvisionalCode | None) -> Rejected:
    refuse(
        db,
        Visitor(),
        Action.ENROLMENT_REFUSED,
        record_id=code.record_id if code else None,
        thing_id=code.id if code else None,
        reason=Reason.PASSWORD,
    )
    left = await limits.left(db, "activation-nir", way.typed.nir)
    tries = "un essai" if left == 1 else f"{left} essais"
    more = f"Il vous reste {tries}." if left else "Réessayez demain, ou appelez le 3422."
    return Rejected(
        Reason.PASSWORD,
        f"Ces informations ne vont pas ensemble. Vérifiez-les une par une. {more}",
    )


async def _lead(db: AsyncSession, way: Way, known: ProvisionalCode) -> Proved | Elsewhere | None:
    """To the next page, or to where this person should go instead."""
    space = await hold(db, known.record_id)
    code = await db.get_one(ProvisionalCode, known.id, populate_existing=True)
    if code.used_at or code.replaced_at:
        return None
    if is_minor(space.record, civil_day(utcnow())):
        return Elsewhere("minor")
    if not any(allows(space.state, event) for event in ENDINGS[way.purpose]):
        return Elsewhere("active" if space.state is State.ACTIVE else "stopped")
    authorise(db, ROBOT, Action.TRY_CODE, code)
    code.tries -= 1  # it was right
    return Proved(await prove_it(db, way, code))


def is_minor(record: Record, today: date) -> bool:
    """Until the day of the 18th birthday."""
    return record.minor_until is not None and record.minor_until > today
