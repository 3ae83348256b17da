"""One-time codes: made, sent on one channel, asked for again. A code is never stored.

Each challenge has a fresh 160-bit secret, sealed to its row; the code is HOTP(secret) at 0
(RFC 4226), so that it opens this challenge and no other (security.md §3.3).
"""

from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct
from pyotp import HOTP, random_base32
from sqlalchemy import select, update

from backend.domain.jobs import SendCode
from backend.domain.sign_in import CODE_DIGITS, CODE_LIFE, seconds_before_resend
from backend.services import limits
from backend.services.accounts import contact, usable
from backend.services.sign_in.refusals import UNUSABLE, Rejected, too_often, too_soon
from backend.services.sign_in.sessions import halfway
from backend.storage.accounts import Account, Challenge, Channel
from backend.storage.db import AsyncSession, utcnow, vault_of
from backend.storage.outbox import enqueue
from backend.storage.records import Record

PURPOSE = "login"


class Code(Struct, frozen=True):
    """What is sent, where."""

    channel: Channel
    to: str
    code: str


class Waiting(Struct, frozen=True):
    """What the page of the code says."""

    channel: Channel
    other: Channel | None
    """The other channel, when the person proved one."""
    resend_in: int
    """Seconds."""


async def count_sending(db: AsyncSession, account: Account, address: str) -> int:
    """0 when one more code may leave for this account, else the seconds to wait."""
    return (
        await limits.hit(db, "otp-send-ip", address)
        or await limits.hit(db, "otp-send", str(account.id))
        or await limits.hit(db, "otp-send-day", str(account.id))
    )


async def new_code(
    db: AsyncSession, account: Account, session_id: UUID, channel: Channel, now: datetime
) -> None:
    """Promise a fresh code to this half session; the codes before it no longer open anything."""
    await db.execute(
        update(Challenge)
        .where(Challenge.session_id == session_id, Challenge.superseded_at.is_(None))
        .values(superseded_at=now)
    )
    challenge_id = uuid4()
    secret = random_base32(32).encode()
    db.add(
        Challenge(
            id=challenge_id,
            account_id=account.id,
            session_id=session_id,
            purpose=PURPOSE,
            channel=channel,
            sealed_secret=vault_of(db).seal("otp", secret, challenge_id, PURPOSE, account.id),
            created_at=now,
            expires_at=now + CODE_LIFE,
        )
    )
    await db.flush()
    await enqueue(db, SendCode(challenge_id=challenge_id), key=f"send-code/{challenge_id}")


async def send_code(db: AsyncSession, challenge_id: UUID) -> Code | None:
    """What the worker sends, or None when this code could no longer be used."""
    challenge = await db.get(Challenge, challenge_id)
    if challenge is None or challenge.superseded_at or challenge.consumed_at:
        return None
    account = await db.get_one(Account, challenge.account_id)
    record = await db.get_one(Record, account.record_id)
    if challenge.expires_at <= utcnow() or not usable(account.state, record.state):
        return None
    email, phone = await contact(db, account)
    to = email if challenge.channel is Channel.EMAIL else phone
    return Code(challenge.channel, to, code_of(db, challenge)) if to else None


async def waiting(db: AsyncSession, half: UUID) -> Waiting | None:
    """What the page of the code says; None when this half session is over."""
    found = await halfway(db, half)
    if found is None:
        return None
    last = await _last(db, half)
    return Waiting(
        channel=last.channel,
        other=await _other(db, found[1], last.channel),
        resend_in=seconds_before_resend(last.created_at, utcnow()),
    )


async def resend(
    db: AsyncSession, half: UUID, *, address: str, other_channel: bool = False
) -> Waiting | Rejected:
    """Another code, on the same channel or the other one, thirty seconds after the last."""
    found = await halfway(db, half)
    if found is None:
        return UNUSABLE
    (session, account), last, now = found, await _last(db, half), utcnow()
    other = await _other(db, account, last.channel)
    if wait := seconds_before_resend(last.created_at, now):
        return too_soon(wait)
    if wait := await count_sending(db, account, address):
        return too_often(wait)
    channel = other if other_channel and other else last.channel
    await new_code(db, account, half, channel, now)
    session.seen_at = now
    return Waiting(
        channel=channel,
        other=await _other(db, account, channel),
        resend_in=seconds_before_resend(now, now),
    )


def code_of(db: AsyncSession, challenge: Challenge) -> str:
    """The six digits of a challenge, made again from its secret."""
    secret = vault_of(db).unseal(
        "otp", challenge.sealed_secret, challenge.id, challenge.purpose, challenge.account_id
    )
    return HOTP(secret.decode(), digits=CODE_DIGITS).at(0)


async def _last(db: AsyncSession, half: UUID) -> Challenge:
    query = select(Challenge).where(Challenge.session_id == half, Challenge.purpose == PURPOSE)
    return (await db.scalars(query.order_by(Challenge.created_at.desc()).limit(1))).one()


async def _other(db: AsyncSession, account: Account, channel: Channel) -> Channel | None:
    email, phone = await contact(db, account)
    if channel is Channel.EMAIL:
        return Channel.SMS if phone else None
    return Channel.EMAIL if email else None
