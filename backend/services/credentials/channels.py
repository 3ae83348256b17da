"""A new e-mail address or mobile: it counts once a code sent there has come back."""

from msgspec import Struct

from backend.access import Action
from backend.access.actors import Patient
from backend.domain.credentials import Cooling, Kind
from backend.domain.errors import Refused
from backend.domain.sign_in import seconds_before_resend
from backend.domain.space import Event
from backend.services.accounts import contact
from backend.services.credentials.changes import before_change, is_cooling, note_change
from backend.services.sign_in.challenges import (
    Errand,
    address_of,
    count_sending,
    last_of,
    new_code,
    redeem,
)
from backend.services.sign_in.present import present
from backend.services.sign_in.refusals import DEAD_CODE, Rejected, too_often, too_soon
from backend.services.space import advance
from backend.storage.accounts import Account, Channel
from backend.storage.db import AsyncSession, utcnow
from backend.storage.records import Record, key_of

PURPOSE = "contact"
KINDS = {Channel.EMAIL: Kind.EMAIL, Channel.SMS: Kind.PHONE}


class Pending(Struct, frozen=True):
    """An address whose code is waited for."""

    kind: Kind
    """EMAIL or PHONE."""
    to: str
    resend_in: int
    """Seconds."""


async def begin_channel(
    db: AsyncSession, actor: Patient, kind: Kind, to: str, *, address: str
) -> Rejected | None:
    """A code leaves for the new EMAIL or PHONE `to`, already in its one spelling.

    Cooling within a day of another change; Refused when it is the address of now.
    """
    _, _, account = await present(db, actor)
    if await is_cooling(db, account, utcnow()):
        raise Cooling
    email, phone = await contact(db, account)
    if to == (email if kind is Kind.EMAIL else phone):
        raise Refused("Nous vous joignons déjà ainsi. Donnez-en un autre, ou revenez en arrière.")
    return await _send(db, actor, kind, to, address)


async def pending_channel(db: AsyncSession, actor: Patient) -> Pending | None:
    """The address whose code is waited for; None when none could still be used."""
    await present(db, actor)
    last = await last_of(db, _errand(actor))
    if last is None or last.superseded_at or last.consumed_at:
        return None
    to = address_of(db, last) or ""
    return Pending(KINDS[last.channel], to, seconds_before_resend(last.created_at, utcnow()))


async def resend_channel(db: AsyncSession, actor: Patient, *, address: str) -> Rejected | None:
    """Another code to the same new address, thirty seconds after the last."""
    pending = await pending_channel(db, actor)
    if pending is None:
        return DEAD_CODE
    if pending.resend_in:
        return too_soon(pending.resend_in)
    return await _send(db, actor, pending.kind, pending.to, address)


async def finish_channel(db: AsyncSession, actor: Patient, code: str) -> Kind | Rejected:
    """The new address counts, and the one before is told; or one try less."""
    _, space, account = await present(db, actor)
    errand = _errand(actor)
    if refused := await redeem(db, errand, code):
        return refused
    challenge = await last_of(db, errand)
    assert challenge is not None
    if await is_cooling(db, account, utcnow()):
        raise Cooling
    before = await before_change(db, space)
    advance(db, actor, Action.CHANGE_CREDENTIAL, Event.CHANGE_CREDENTIAL, space)
    _set(db, space.record, account, challenge.channel, address_of(db, challenge) or "")
    kind = KINDS[challenge.channel]
    await note_change(db, space, kind, before)
    return kind


async def _send(
    db: AsyncSession, actor: Patient, kind: Kind, to: str, address: str
) -> Rejected | None:
    if wait := await count_sending(db, actor.id, address):
        return too_often(wait)
    channel = Channel.EMAIL if kind is Kind.EMAIL else Channel.SMS
    await new_code(db, _errand(actor), channel, utcnow(), to=to)
    return None


def _set(db: AsyncSession, record: Record, account: Account, channel: Channel, to: str) -> None:
    key, now = key_of(db, record), utcnow()
    if channel is Channel.EMAIL:
        account.sealed_email = key.seal(to.encode(), account.id, "email")
        account.email_verified_at = now
    else:
        account.sealed_phone = key.seal(to.encode(), account.id, "phone")
        account.phone_verified_at = now


def _errand(actor: Patient) -> Errand:
    return Errand(PURPOSE, actor.id, account_id=actor.id, session_id=actor.session_id)
