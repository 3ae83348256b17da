"""The clock jumps: nothing lasts forever, and nobody is locked out."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from litestar import Litestar

from backend.demo.people import LAURA
from backend.demo.reports import DemoDeposit, write_message
from backend.domain.jobs import DrawPages
from backend.jobs.worker import do_one
from backend.services import journal
from backend.settings import Settings
from backend.storage.db import AsyncSession, make_engine, make_sessions, utcnow
from backend.storage.outbox import enqueue
from backend.storage.vault import Vault
from tests.fixtures.application import client_of
from tests.laboratory import Laboratory
from tests.pages import Browser

Reports = Mapping[str, DemoDeposit]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Clock:
    """What every module of the service calls `utcnow`."""

    def __init__(self) -> None:
        self.jump = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.jump


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for name, module in list(sys.modules.items()):
        if name.startswith("backend.") and getattr(module, "utcnow", None) is utcnow:
            monkeypatch.setattr(module, "utcnow", clock)
    return clock


async def test_the_fixture_moves_every_clock(clock: Clock, app: Litestar) -> None:
    """The control: a module with a clock of its own would not notice a jump."""
    clock.jump = DAY
    still = [
        name
        for name, module in sys.modules.items()
        if name.startswith("backend.") and getattr(module, "utcnow", clock) is not clock
    ]
    assert still == []


@pytest.mark.parametrize("jump", [DAY, -DAY, -HOUR], ids=str)
async def test_a_session_ends_and_one_can_come_back(
    app: Litestar, clock: Clock, jump: timedelta
) -> None:
    """Forward, it is over. Back, it would last as long as the jump: it is over too."""
    browser = Browser(app, client_of(app))
    await browser.sign_in(LAURA)
    clock.jump = jump
    answer = await browser.get("/documents")
    assert (answer.status_code, answer.headers["location"]) == (303, "/connexion")
    again = Browser(app, client_of(app))
    app.state.outside.inbox._messages.clear()  # the code of the first time
    await again.sign_in(LAURA)
    assert (await again.get("/documents")).status_code == 200


async def test_a_few_minutes_between_two_machines_end_nothing(app: Litestar, clock: Clock) -> None:
    browser = Browser(app, client_of(app))
    clock.jump = timedelta(minutes=3)
    await browser.sign_in(LAURA)
    clock.jump = timedelta()
    assert (await browser.get("/documents")).status_code == 200


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=str)
async def test_a_code_is_not_valid_outside_its_ten_minutes(
    app: Litestar, clock: Clock, jump: timedelta
) -> None:
    browser = Browser(app, client_of(app))
    await browser.get("/connexion")
    await browser.post("/connexion", identifiant=LAURA.identifier, mot_de_passe=LAURA.password)
    code = await browser.code()
    clock.jump = jump
    await browser.post("/connexion/code", code=code)
    assert (await browser.get("/documents")).status_code == 303


@pytest.mark.parametrize("jump", [DAY, -DAY], ids=str)
async def test_a_token_of_a_machine_ends_too(
    app: Litestar, clock: Clock, reports: Reports, jump: timedelta
) -> None:
    laboratory = Laboratory(client_of(app), "sgl-estuaire")
    await laboratory.token()
    clock.jump = jump
    message = write_message(reports["laura-premier-bilan-v1"])
    assert "Jeton d’accès" in await laboratory.send(message)
    again = Laboratory(client_of(app), "sgl-estuaire")
    assert "MSA|AA" in await again.send(message)


async def test_what_was_promised_before_the_clock_went_back_does_not_wait_for_it(
    clock: Clock, settings: Settings
) -> None:
    """And its leases do not last as long as the jump."""
    done: list[str] = []

    async def note(_db: AsyncSession, _job: object, key: str) -> None:
        done.append(key)

    engine = make_engine(settings.database_url or "")
    sessions = make_sessions(engine, Vault(settings.root_key))
    clock.jump = DAY
    async with sessions.begin() as db:
        await enqueue(db, DrawPages(version_id=uuid4()), key="promised")
    clock.jump = timedelta()
    assert await do_one(sessions, {DrawPages: note})
    assert done == ["promised"]
    await engine.dispose()


async def test_wrong_tries_of_tomorrow_do_not_lock_today(app: Litestar, clock: Clock) -> None:
    clock.jump = DAY
    stranger = Browser(app, client_of(app))
    await stranger.get("/connexion")
    for _ in range(7):
        await stranger.post("/connexion", identifiant=LAURA.identifier, mot_de_passe="pas celui-là")
    clock.jump = timedelta()
    browser = Browser(app, client_of(app))
    await browser.sign_in(LAURA)


async def test_the_journal_stays_whole(app: Litestar, clock: Clock, reports: Reports) -> None:
    laboratory = Laboratory(client_of(app), "sgl-estuaire")
    for number, name in enumerate(("premier-bilan", "deuxieme-bilan", "ecbu")):
        clock.jump = HOUR * (-number)
        laboratory = Laboratory(client_of(app), "sgl-estuaire")
        assert "MSA|AA" in await laboratory.send(write_message(reports[f"laura-{name}-v1"]))
    async with app.state.sessions() as db:
        verdict = await journal.verify(db)
    assert verdict.faults == 0
