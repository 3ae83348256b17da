"""How often a thing may be tried: one line a limiter, counted in the database, GCRA.

GCRA keeps one instant per key: the arrival time of the next try at the steady pace. A try is
allowed while that instant is less than `burst` tries ahead, so one upsert decides and counts,
and parallel tries cannot slip through together (security.md §3.4).
"""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

import structlog
from msgspec import Struct
from sqlalchemy import case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from backend.domain.errors import Unavailable
from backend.storage.accounts import Limit
from backend.storage.db import SKEW, AsyncSession, utcnow, vault_of

SWEPT_AT_ONCE = 200

log = structlog.get_logger()


class Limiter(Struct, frozen=True):
    """`burst` tries at once, then one more each time `every` has passed."""

    burst: int
    every: timedelta
    fail_open: bool = False
    """When the count cannot be kept: let people in, or nobody."""
    prefix: int | None = None
    """The subject is an address: IPv6 ones count together up to this prefix length."""


LIMITERS: dict[str, Limiter] = {
    "login-account": Limiter(5, timedelta(minutes=3)),
    "login-device": Limiter(10, timedelta(seconds=90)),
    "login-ip": Limiter(20, timedelta(seconds=3), fail_open=True, prefix=64),
    "login-network": Limiter(300, timedelta(seconds=1), fail_open=True, prefix=48),
    "step-up": Limiter(5, timedelta(minutes=3)),
    "trial": Limiter(3, timedelta(minutes=5)),
    "otp-verify": Limiter(10, timedelta(days=1)),
    "otp-send": Limiter(3, timedelta(minutes=5)),
    "otp-send-day": Limiter(10, timedelta(hours=2, minutes=24)),
    "otp-send-ip": Limiter(25, timedelta(seconds=12), prefix=64),
    "activation-nir": Limiter(5, timedelta(hours=4, minutes=48)),
    "activation-ip": Limiter(10, timedelta(minutes=6), prefix=64),
    "activation-all": Limiter(600, timedelta(milliseconds=200), fail_open=True),
    "identifier-space": Limiter(10, timedelta(minutes=12)),
    "identifier-ip": Limiter(30, timedelta(minutes=2), prefix=64),
    "code-again": Limiter(2, timedelta(hours=12)),
    "misfiling": Limiter(10, timedelta(hours=1)),
    "message": Limiter(20, timedelta(minutes=3)),
    "message-pro": Limiter(60, timedelta(minutes=1)),
    "message-mail": Limiter(60, timedelta(minutes=1)),
    "deposit-file": Limiter(120, timedelta(seconds=30)),
    "bounce": Limiter(5, timedelta(days=1)),
    "own-document": Limiter(30, timedelta(minutes=10)),
    "measure": Limiter(60, timedelta(minutes=1)),
    "export": Limiter(3, timedelta(hours=8)),
    "share": Limiter(5, timedelta(hours=4)),
    "showing": Limiter(10, timedelta(minutes=6)),
    "showing-ip": Limiter(10, timedelta(minutes=1), prefix=64),
    "showing-all": Limiter(600, timedelta(milliseconds=200), fail_open=True),
    "recovery-verify": Limiter(20, timedelta(hours=2)),
    "recovery-try": Limiter(5, timedelta(minutes=12)),
    "recovery-ip": Limiter(10, timedelta(minutes=6), prefix=64),
    "pro-entry-ip": Limiter(20, timedelta(seconds=6), prefix=64),
    "pro-return-ip": Limiter(20, timedelta(seconds=6), prefix=64),
    "pro-attach": Limiter(30, timedelta(minutes=2)),
    "insi-ask": Limiter(60, timedelta(minutes=1)),
    "insi-ask-day": Limiter(300, timedelta(minutes=4, seconds=48)),
    "annuaire-search": Limiter(40, timedelta(minutes=1)),
    "desk-search": Limiter(60, timedelta(minutes=1)),
    "desk-search-day": Limiter(300, timedelta(minutes=4, seconds=48)),
    "record-find": Limiter(40, timedelta(minutes=1, seconds=30)),
    "record-find-day": Limiter(200, timedelta(minutes=7, seconds=12)),
    "token-ip": Limiter(120, timedelta(milliseconds=500), fail_open=True, prefix=64),
}


async def hit(db: AsyncSession, name: str, subject: str) -> int:
    """Count one try of `subject`: 0 when it is allowed, else the seconds to wait.

    Unavailable when the count cannot be kept and the limiter does not fail open.
    """
    limiter = LIMITERS[name]
    try:
        async with db.begin_nested():
            return await _count(db, limiter, _key(db, name, subject), utcnow())
    except SQLAlchemyError as error:
        if limiter.fail_open:
            log.warning("limiter_down", kind=name, error=type(error).__name__)
            return 0
        raise Unavailable from error


async def left(db: AsyncSession, name: str, subject: str) -> int:
    """How many more tries would be allowed now."""
    limiter, now = LIMITERS[name], utcnow()
    arrival = await db.scalar(select(Limit.arrival).where(Limit.key == _key(db, name, subject)))
    ahead = (arrival - now) / limiter.every if arrival else 0
    return min(limiter.burst, max(0, limiter.burst - ceil(ahead)))


async def give_back(db: AsyncSession, name: str, subject: str) -> None:
    """Uncount one try that turned out to be right."""
    key = _key(db, name, subject)
    await db.execute(
        update(Limit)
        .where(Limit.key == key)
        .values(arrival=Limit.arrival - LIMITERS[name].every)
        .execution_options(synchronize_session=False)
    )


async def forget(db: AsyncSession, name: str, subject: str) -> None:
    """Everything is allowed again."""
    await db.execute(
        delete(Limit)
        .where(Limit.key == _key(db, name, subject))
        .execution_options(synchronize_session=False)
    )


async def sweep(db: AsyncSession) -> None:
    """Forget some keys whose time has passed: they allow everything again anyway."""
    past = (
        select(Limit.key)
        .where(Limit.arrival < utcnow())
        .limit(SWEPT_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    await db.execute(
        delete(Limit)
        .where(Limit.key.in_(past.scalar_subquery()))
        .execution_options(synchronize_session=False)
    )


async def _count(db: AsyncSession, limiter: Limiter, key: bytes, now: datetime) -> int:
    ahead = now + limiter.every * (limiter.burst - 1)
    put_back = ahead + limiter.every + SKEW  # no try could lead so far: the clock went back
    arrival = case((Limit.arrival > put_back, now), else_=Limit.arrival)
    counted = await db.scalar(
        insert(Limit)
        .values(key=key, arrival=now + limiter.every)
        .on_conflict_do_update(
            index_elements=[Limit.key],
            set_={"arrival": func.greatest(arrival, now) + limiter.every},
            where=arrival <= ahead,
        )
        .returning(Limit.key)
    )
    if counted:
        return 0
    stored = await db.scalar(select(Limit.arrival).where(Limit.key == key))
    return max(1, ceil((stored - ahead).total_seconds())) if stored else 1


def _key(db: AsyncSession, name: str, subject: str) -> bytes:
    prefix = LIMITERS[name].prefix
    counted = subject if prefix is None else network_of(subject, prefix)
    return vault_of(db).mac("limit", f"{name}|{counted}".encode())


def network_of(address: str, prefix: int) -> str:
    """Who is behind an address: one IPv4, or the IPv6 network that one line or house has."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ip_network((int(found), prefix), strict=False))
