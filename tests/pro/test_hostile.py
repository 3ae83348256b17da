"""Everything that may be wrong with what Pro Santé Connect says: refused, traced, no session."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from litestar import Litestar
from sqlalchemy import func, select, text

from backend.demo.psc.emulator import Emulator
from backend.demo.psc.ways import DOCUMENTS, HONEST, WAYS, Way
from backend.gateways.psc import client as psc_client
from backend.gateways.psc.provider import Provider
from backend.storage.teams import ProEntry, ProSession
from backend.storage.traces import Trace
from tests.pro.psc import Desk, path_of


@pytest.fixture
async def desk(office: Litestar, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """A browser of somebody who is patient for a quarter of a second, and of no other."""
    monkeypatch.setattr(psc_client, "PATIENCE", 0.25)
    await _forget(office, HONEST)
    desk = Desk(office)
    await desk.comes("morel")  # keys and addresses are known: only what follows is timed
    await _forget_sessions(office)
    yield Desk(office)
    await _forget(office, HONEST)


def emulator_of(app: Litestar) -> Emulator:
    emulator: Emulator = app.state.psc_emulator
    return emulator


async def _forget(app: Litestar, way: Way) -> None:
    """What the provider publishes is asked for again, and is of this way."""
    emulator, client = emulator_of(app), app.state.psc
    emulator.way = way
    client._provider = Provider(client._given.url, client._way)


async def _forget_sessions(app: Litestar) -> None:
    async with app.state.sessions.begin() as db:
        for table in ("pro_session", "pro_entry", "rate_limit"):
            await db.execute(text(f"DELETE FROM {table}"))


async def refusals(app: Litestar) -> list[str]:
    """Reasons in the journal, the latest first."""
    query = select(Trace.reason).where(Trace.action == "professional:sign-in-refused")
    async with app.state.sessions() as db:
        return list(await db.scalars(query.order_by(Trace.at.desc())))


async def count(app: Litestar, table: type[ProSession | ProEntry]) -> int:
    async with app.state.sessions() as db:
        return await db.scalar(select(func.count()).select_from(table)) or 0


async def check_refused(desk: Desk, answer: object, reason: str, before: int) -> None:
    status = getattr(answer, "status_code")  # noqa: B009 - of either client
    assert status == (503 if reason == "psc-down" else 403), answer
    found = await refusals(desk.app)
    assert found[: len(found) - before] == [reason]
    assert await count(desk.app, ProSession) == 0
    assert "pro" not in desk.client.cookies
    assert (await desk.get("/pro/accueil")).status_code == 303


async def test_an_honest_answer_opens_a_session(desk: Desk) -> None:
    assert (await desk.works("morel")).status_code == 200
    assert await count(desk.app, ProSession) == 1
    assert await count(desk.app, ProEntry) == 0


@pytest.mark.parametrize("name", WAYS)
async def test_a_wrong_answer_opens_nothing(desk: Desk, name: str) -> None:
    before = len(await refusals(desk.app))
    answer = await desk.comes("morel", way=name)
    await check_refused(desk, answer, WAYS[name].refused, before)


@pytest.mark.parametrize("way", DOCUMENTS, ids=lambda way: way.name)
async def test_a_wrong_provider_opens_nothing(desk: Desk, way: Way) -> None:
    before = len(await refusals(desk.app))
    address = await desk.leaves()
    await _forget(desk.app, way)
    emulator = emulator_of(desk.app)
    back = await desk.is_named(address, "morel")
    for grant in emulator._codes.values():
        grant.way = way
    await check_refused(desk, await desk.get(path_of(back)), way.refused, before)


def test_there_are_many_ways() -> None:
    assert len(WAYS) + len(DOCUMENTS) >= 60
    assert all(way.refused for way in (*WAYS.values(), *DOCUMENTS))


async def test_a_return_serves_once_in_its_browser_and_for_a_while(desk: Desk) -> None:
    app, before = desk.app, len(await refusals(desk.app))
    back = path_of(await desk.is_named(await desk.leaves(), "martin"))
    stranger = Desk(app)
    await stranger.leaves()
    assert (await stranger.get(back)).status_code == 403
    answer = await desk.get(back)
    assert answer.status_code == 403, "what another browser brought back is used up"
    assert (await refusals(app))[: len(await refusals(app)) - before] == ["return-state"] * 2

    back = path_of(await desk.is_named(await desk.leaves(), "martin"))
    async with app.state.sessions.begin() as db:
        await db.execute(text("UPDATE pro_entry SET ends_at = now() - interval '1 s'"))
    assert (await desk.get(back)).status_code == 403

    back = path_of(await desk.is_named(await desk.leaves(), "martin"))
    assert (await desk.get(f"{back}&state=twice")).status_code == 403
    assert (await desk.get("/pro/retour")).status_code == 403
    assert await count(app, ProSession) == 0


async def test_a_code_that_was_used_or_meant_for_another_question_opens_nothing(
    desk: Desk,
) -> None:
    other, app = Desk(desk.app), desk.app
    mine = path_of(await desk.is_named(await desk.leaves(), "morel"))
    theirs = path_of(await other.is_named(await other.leaves(), "martin"))
    code, stolen = (
        dict(p.split("=") for p in path.split("?")[1].split("&")) for path in (mine, theirs)
    )
    answer = await desk.get(mine.replace(code["code"], stolen["code"]))
    await check_refused(desk, answer, "answer-tokens", len(await refusals(app)) - 1)
    assert (await other.get(theirs)).status_code == 403, (
        "PKCE: the code died with the wrong verifier"
    )


async def test_keys_turn_and_a_stranger_cannot_make_us_ask_for_them_again_and_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    get = Provider._get

    async def noted(self: Provider, address: str) -> object:
        asked.append(address)
        return await get(self, address)

    monkeypatch.setattr(Provider, "_get", noted)
    for _ in range(3):
        assert (await desk.comes("morel", way="kid unknown")).status_code == 403
    assert len(asked) == 0, "they were read less than a minute ago"
    read_at, keys = desk.app.state.psc._provider._keys
    desk.app.state.psc._provider._keys = (read_at - timedelta(minutes=2), keys)
    emulator_of(desk.app).turned = 1
    try:
        assert (await desk.comes("morel")).headers["location"] == "/pro"
        assert len(asked) == 1
        for _ in range(3):
            assert (await desk.comes("martin", way="kid unknown")).status_code == 403
        assert len(asked) == 1
    finally:
        emulator_of(desk.app).turned = 0


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/connexion", "/pro.evil"],
)
async def test_nobody_is_led_elsewhere_after_signing_in(desk: Desk, wanted: str) -> None:
    address = await desk.leaves()
    desk.client.cookies.set("pro-suite", wanted.replace("\\", "%5C"), domain="127.0.0.1")
    answer = await desk.get(path_of(await desk.is_named(address, "morel")))
    assert answer.headers["location"] == "/pro"


async def test_of_many_returns_at_once_one_opens_a_session(desk: Desk) -> None:
    back = path_of(await desk.is_named(await desk.leaves(), "martin"))
    answers = await asyncio.gather(*(desk.client.get(back) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [303, *[403] * 7]
    assert await count(desk.app, ProSession) == 1
