from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select, update

from backend.access.actions import Action
from backend.access.actors import Patient, Visitor
from backend.access.scopes import Policy
from backend.services import sign_in
from backend.services.sign_in import Complete, Reason
from backend.storage.accounts import (
    BrowserSession,
    Challenge,
    Login,
)
from backend.storage.traces import Trace
from tests.services.laura import EIGHT_HOURS, IDLE, Laura


async def test_the_token_of_the_first_step_is_nothing_after_the_second(laura: Laura) -> None:
    started = await laura.starts()
    done = await laura.enters(started.session_id, (await laura.receives()).code)
    assert isinstance(done, Complete)
    assert done.token != started.token
    assert await laura.is_seen_as(started.token) == Visitor()


async def test_the_login_before_this_one_is_remembered(laura: Laura) -> None:
    await laura.signs_in()
    assert await laura.one(select(BrowserSession.previous_login_at)) is None
    first = await laura.one(select(Login.at))
    await laura.signs_in()
    newest = select(BrowserSession.previous_login_at).order_by(BrowserSession.created_at.desc())
    assert await laura.one(newest) == first


async def test_a_sixth_browser_ends_the_oldest(laura: Laura) -> None:
    tokens = []
    for _ in range(6):
        tokens.append((await laura.signs_in()).token)
        await laura.waits(3600)
    seen = [await laura.is_seen_as(token) for token in tokens]
    assert [isinstance(actor, Patient) for actor in seen] == [False] + [True] * 5


@asynccontextmanager
async def session_moved(laura: Laura, column: Any, by: timedelta) -> AsyncIterator[None]:
    async with laura.sessions.begin() as db:
        await db.execute(update(BrowserSession).values({column: column + by}))
    yield


async def test_fifteen_minutes_without_a_click_end_the_session(laura: Laura) -> None:
    token = (await laura.signs_in()).token
    async with session_moved(laura, BrowserSession.seen_at, timedelta(minutes=-14)):
        assert isinstance(await laura.is_seen_as(token), Patient)  # and counts as a click
    async with session_moved(laura, BrowserSession.seen_at, timedelta(minutes=-14)):
        assert isinstance(await laura.is_seen_as(token), Patient)
    async with session_moved(laura, BrowserSession.seen_at, timedelta(minutes=-15)):
        assert await laura.is_seen_as(token) == Visitor()


async def test_eight_hours_end_the_session_whatever_is_clicked(laura: Laura) -> None:
    token = (await laura.signs_in()).token
    async with session_moved(laura, BrowserSession.ends_at, -EIGHT_HOURS):
        assert await laura.is_seen_as(token) == Visitor()


async def test_a_session_is_written_at_most_once_a_minute(laura: Laura) -> None:
    token = (await laura.signs_in()).token
    before = await laura.one(select(BrowserSession.seen_at))
    await laura.is_seen_as(token)
    assert await laura.one(select(BrowserSession.seen_at)) == before


async def test_leaving_ends_the_session_at_once(laura: Laura) -> None:
    token = (await laura.signs_in()).token
    async with laura.sessions.begin() as db:
        await sign_in.leave(db, await sign_in.actor_of(db, token, idle=IDLE, policy=Policy()))
    assert await laura.is_seen_as(token) == Visitor()
    assert await laura.one(select(Trace.allowed).where(Trace.action == Action.SIGN_OUT))


async def test_somebody_half_way_may_leave_too(laura: Laura) -> None:
    started = await laura.starts()
    async with laura.sessions.begin() as db:
        await sign_in.leave(db, Visitor(half=started.session_id))
        await sign_in.leave(db, Visitor())
    assert await laura.count(BrowserSession) == 0
    assert await laura.count(Challenge) == 0


async def test_an_unknown_token_is_nobody(laura: Laura) -> None:
    assert await laura.is_seen_as("whatever") == Visitor()
    assert (await laura.enters(uuid4(), "123456")).reason is Reason.UNUSABLE


async def test_sessions_that_ended_are_forgotten(laura: Laura) -> None:
    await laura.starts()
    async with session_moved(laura, BrowserSession.ends_at, -EIGHT_HOURS):
        await laura.waits(60)
        await laura.signs_in()
    assert await laura.count(BrowserSession) == 1
