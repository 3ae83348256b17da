"""Where the person can be reached: chosen by them, then proved by a code sent there."""

from msgspec import Struct

from backend.domain.sign_in import seconds_before_resend
from backend.services.enrolment.ways import Way, keep
from backend.services.sign_in.challenges import (
    address_of,
    count_sending,
    last_of,
    new_code,
    redeem,
)
from backend.services.sign_in.refusals import DEAD_CODE, Rejected, too_often, too_soon
from backend.storage.accounts import Channel
from backend.storage.db import AsyncSession, utcnow


class Asked(Struct, frozen=True):
    """What the page of the code says."""

    channel: Channel
    to: str
    resend_in: int
    """Seconds."""


def next_channel(way: Way) -> Channel | None:
    """The channel that is still to be proved."""
    if way.typed.email and not way.typed.email_proved:
        return Channel.EMAIL
    if way.typed.phone and not way.typed.phone_proved:
        return Channel.SMS
    return None


def is_reachable(way: Way) -> bool:
    """On the way to open a space: one channel at least is proved, and none is left half-way."""
    proved = way.typed.email_proved or way.typed.phone_proved
    return way.opens and proved and next_channel(way) is None


async def choose(
    db: AsyncSession, way: Way, *, email: str, phone: str, address: str
) -> Way | Rejected:
    """Keep the channels and send a code to the first that is not proved yet."""
    typed = way.typed
    way = await keep(
        db,
        way,
        email=email,
        phone=phone,
        email_proved=typed.email_proved and email == typed.email,
        phone_proved=typed.phone_proved and phone == typed.phone,
    )
    return await _send(db, way, address) or way


async def asked(db: AsyncSession, way: Way) -> Asked | None:
    """Where the code that is waited for went."""
    channel, last = next_channel(way), await last_of(db, way.errand)
    if channel is None:
        return None
    wait = seconds_before_resend(last.created_at, utcnow()) if last else 0
    return Asked(channel, _address(way, channel), wait)


async def send_again(db: AsyncSession, way: Way, *, address: str) -> Rejected | None:
    """Another code to the same channel, thirty seconds after the last."""
    last = await last_of(db, way.errand)
    if last and (wait := seconds_before_resend(last.created_at, utcnow())):
        return too_soon(wait)
    return await _send(db, way, address)


async def verify(db: AsyncSession, way: Way, code: str, *, address: str) -> Way | Rejected:
    """The channel is theirs; the next code leaves when there is another channel.

    A code proves where it went: not an address typed since, whose own code could not leave.
    """
    channel = next_channel(way)
    if channel is None:
        return way
    if not await _went_there(db, way, channel):
        return DEAD_CODE
    if refused := await redeem(db, way.errand, code):
        return refused
    proved = "email_proved" if channel is Channel.EMAIL else "phone_proved"
    way = await keep(db, way, **{proved: True})
    return await _send(db, way, address) or way


async def _send(db: AsyncSession, way: Way, address: str) -> Rejected | None:
    channel = next_channel(way)
    if channel is None:
        return None
    assert way.record_id is not None
    if wait := await count_sending(db, way.record_id, address):
        return too_often(wait)
    await new_code(db, way.errand, channel, utcnow(), to=_address(way, channel))
    return None


async def _went_there(db: AsyncSession, way: Way, channel: Channel) -> bool:
    last = await last_of(db, way.errand)
    return (
        last is not None
        and last.channel is channel
        and address_of(db, last) == _address(way, channel)
    )


def _address(way: Way, channel: Channel) -> str:
    return way.typed.email if channel is Channel.EMAIL else way.typed.phone
