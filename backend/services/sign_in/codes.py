"""The code of the sign-in page: sent on one channel, asked for again."""

from uuid import UUID

from msgspec import Struct

from backend.domain.sign_in import seconds_before_resend
from backend.services.accounts import contact, usable
from backend.services.sign_in.challenges import (
    Errand,
    address_of,
    code_of,
    count_sending,
    last_of,
    new_code,
)
from backend.services.sign_in.refusals import UNUSABLE, Rejected, too_often, too_soon
from backend.services.sign_in.sessions import halfway
from backend.storage.accounts import Account, Challenge, Channel, Enrolment
from backend.storage.db import AsyncSession, utcnow
from backend.storage.records import Record

LOGIN = "login"


class Code(Struct, frozen=True):
    """What is sent, where."""

    channel: Channel
    to: str
    code: str
    purpose: str


class Waiting(Struct, frozen=True):
    """What the page of the code says."""

    channel: Channel
    other: Channel | None
    """The other channel, when the person proved one."""
    resend_in: int
    """Seconds."""


def login_errand(account: Account, session_id: UUID) -> Errand:
    """A code that completes this half session."""
    return Errand(LOGIN, account.id, account_id=account.id, session_id=session_id)


async def send_code(db: AsyncSession, challenge_id: UUID) -> Code | None:
    """What the worker sends, or None when this code could no longer be used."""
    challenge = await db.get(Challenge, challenge_id)
    if challenge is None or challenge.superseded_at or challenge.consumed_at:
        return None
    if challenge.expires_at <= utcnow():
        return None
    to = await _address(db, challenge)
    if to is None:
        return None
    return Code(challenge.channel, to, code_of(db, challenge), challenge.purpose)


async def _address(db: AsyncSession, challenge: Challenge) -> str | None:
    if challenge.enrolment_id is not None:
        enrolment = await db.get(Enrolment, challenge.enrolment_id)
        going_on = enrolment is not None and enrolment.ends_at > utcnow()
        return address_of(db, challenge) if going_on else None
    account = await db.get_one(Account, challenge.account_id)
    record = await db.get_one(Record, account.record_id)
    if not usable(account.state, record.state):
        return None
    email, phone = await contact(db, account)
    return address_of(db, challenge) or (email if challenge.channel is Channel.EMAIL else phone)


async def waiting(db: AsyncSession, half: UUID) -> Waiting | None:
    """What the page of the code says; None when this half session is over."""
    found = await halfway(db, half)
    return await waiting_for(db, found[1], login_errand(found[1], half)) if found else None


async def waiting_for(db: AsyncSession, account: Account, errand: Errand) -> Waiting | None:
    """Where the last code of this errand went; None when none could still be used."""
    last = await last_of(db, errand)
    if last is None or last.superseded_at or last.consumed_at:
        return None
    return Waiting(
        channel=last.channel,
        other=await _other(db, account, last.channel),
        resend_in=seconds_before_resend(last.created_at, utcnow()),
    )


async def resend(
    db: AsyncSession, half: UUID, *, address: str, other_channel: bool = False
) -> Waiting | Rejected:
    """Another code, on the same channel or the other one, thirty seconds after the last."""
    found = await halfway(db, half)
    if found is None:
        return UNUSABLE
    session, account = found
    errand = login_errand(account, half)
    sent = await send_another(db, account, errand, address=address, other_channel=other_channel)
    if isinstance(sent, Waiting):
        session.seen_at = utcnow()
    return sent


async def send_another(
    db: AsyncSession, account: Account, errand: Errand, *, address: str, other_channel: bool
) -> Waiting | Rejected:
    """Another code of this errand to one of the account's own addresses."""
    last, now = await last_of(db, errand), utcnow()
    before = last.channel if last else account.preferred
    other = await _other(db, account, before)
    if last and (wait := seconds_before_resend(last.created_at, now)):
        return too_soon(wait)
    if wait := await count_sending(db, account.id, address):
        return too_often(wait)
    channel = other if other_channel and other else before
    await new_code(db, errand, channel, now)
    return Waiting(
        channel=channel,
        other=await _other(db, account, channel),
        resend_in=seconds_before_resend(now, now),
    )


async def _other(db: AsyncSession, account: Account, channel: Channel) -> Channel | None:
    email, phone = await contact(db, account)
    if channel is Channel.EMAIL:
        return Channel.SMS if phone else None
    return Channel.EMAIL if email else None
