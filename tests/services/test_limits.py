import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text, update

from backend.access.actors import Professional
from backend.domain.errors import Unavailable
from backend.services import limits
from backend.services.identification.pacing import INSI, SEARCH, pace
from backend.storage.accounts import Limit
from backend.storage.db import AsyncSession, Sessions

HOUSE = "2001:db8:1:2::"


async def wait(db: AsyncSession, seconds: float) -> None:
    """As if that time had passed."""
    await db.execute(update(Limit).values(arrival=Limit.arrival - timedelta(seconds=seconds)))


async def test_a_burst_is_allowed_then_one_at_a_time(db: AsyncSession) -> None:
    assert [await limits.hit(db, "login-account", "laura") for _ in range(5)] == [0] * 5
    assert 175 <= await limits.hit(db, "login-account", "laura") <= 180
    await wait(db, 180)
    assert await limits.hit(db, "login-account", "laura") == 0
    assert await limits.hit(db, "login-account", "laura") > 0


async def test_a_refused_try_costs_nothing_more(db: AsyncSession) -> None:
    answers = [await limits.hit(db, "login-account", "laura") for _ in range(30)]
    assert max(answers) <= 180


async def test_time_that_passed_does_not_pile_up(db: AsyncSession) -> None:
    await limits.hit(db, "login-account", "laura")
    await wait(db, 24 * 3600)
    answers = [await limits.hit(db, "login-account", "laura") for _ in range(6)]
    assert [bool(answer) for answer in answers] == [False] * 5 + [True]


async def test_everybody_has_their_own_count(db: AsyncSession) -> None:
    for _ in range(6):
        await limits.hit(db, "login-account", "laura")
    assert await limits.hit(db, "login-account", "karim") == 0
    assert await limits.hit(db, "login-device", "laura") == 0


async def test_looks_at_the_desk_are_three_hundred_a_day(db: AsyncSession) -> None:
    somebody = Professional(uuid4(), uuid4(), "10")
    for what in (SEARCH, INSI):
        answers = []
        for _hour in range(10):
            answers += [await pace(db, somebody, what) for _ in range(60)]
            await wait(db, 3600)
        assert 300 <= answers.count(None) <= 425, "of 600"
        assert await pace(db, Professional(uuid4(), uuid4(), "10"), what) is None


async def test_a_try_given_back_may_be_used_again(db: AsyncSession) -> None:
    for _ in range(5):
        await limits.hit(db, "login-account", "laura")
    await limits.give_back(db, "login-account", "laura")
    assert await limits.hit(db, "login-account", "laura") == 0
    assert await limits.hit(db, "login-account", "laura") > 0


async def test_no_more_than_ten_wrong_codes_in_a_day(db: AsyncSession) -> None:
    answers = []
    for _hour in range(24):
        answers.append(await limits.hit(db, "otp-verify", "laura"))
        await wait(db, 3590)
    assert answers.count(0) == 10


async def test_parallel_tries_cannot_slip_through_together(sessions: Sessions) -> None:
    async def once() -> int:
        async with sessions.begin() as db:
            return await limits.hit(db, "login-account", "laura")

    answers = await asyncio.gather(*(once() for _ in range(40)))
    assert answers.count(0) == 5


async def test_the_addresses_of_one_house_count_as_one(db: AsyncSession) -> None:
    for host in range(20):
        assert await limits.hit(db, "login-ip", f"{HOUSE}{host:x}") == 0
    assert await limits.hit(db, "login-ip", f"{HOUSE}ffff") > 0
    assert await limits.hit(db, "login-ip", "2001:db8:1:3::1") == 0
    assert await limits.hit(db, "login-ip", "192.0.2.1") == 0


def test_a_whole_line_of_ipv6_is_one_network() -> None:
    assert limits.network_of("2001:db8:1:ffff::1", 48) == limits.network_of("2001:db8:1::", 48)
    assert limits.network_of("2001:db8:2::1", 48) != limits.network_of("2001:db8:1::1", 48)
    assert limits.network_of("::ffff:192.0.2.7", 64) == "192.0.2.7"
    assert limits.network_of("unix", 64) == "unix"


async def test_no_address_is_kept_in_clear(db: AsyncSession) -> None:
    await limits.hit(db, "login-ip", "192.0.2.1")
    keys = (await db.scalars(select(Limit.key))).all()
    assert [len(key) for key in keys] == [32]
    assert b"192" not in keys[0]


async def test_when_the_count_is_lost_each_limiter_does_as_it_declares(sessions: Sessions) -> None:
    async with sessions.begin() as db:
        await db.execute(text("ALTER TABLE rate_limit RENAME TO elsewhere"))
        assert await limits.hit(db, "login-ip", "192.0.2.1") == 0
        with pytest.raises(Unavailable):
            await limits.hit(db, "otp-verify", "laura")
        assert await db.scalar(text("SELECT 1")) == 1  # the transaction goes on
        await db.rollback()


async def test_keys_whose_time_has_passed_are_forgotten(db: AsyncSession) -> None:
    await limits.hit(db, "login-account", "laura")
    await wait(db, 3600)
    await limits.hit(db, "login-account", "karim")
    await limits.sweep(db)
    assert await db.scalar(select(func.count()).select_from(Limit)) == 1
