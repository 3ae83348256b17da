"""From what happens to the screen of a phone: a browser asks, is told, and is forgotten."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import pytest
from litestar import Litestar
from sqlalchemy import func, select

from backend.app import create_app
from backend.demo.people import LAURA
from backend.demo.reports import DemoDeposit, write_message
from backend.settings import Settings
from backend.storage.browsers import PushSubscription
from backend.storage.outbox import OutboxRow, OutboxState
from tests.fixtures.application import client_of, running
from tests.gateways.push_service import PushService, push_service
from tests.laboratory import Laboratory
from tests.pages import Browser
from tests.services.test_notifications import run

PAGE = "/compte/notifications"
Reports = Mapping[str, DemoDeposit]


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    async with push_service() as service:
        yield service


@pytest.fixture
async def app(settings: Settings, service: PushService) -> AsyncIterator[Litestar]:
    app = create_app(replace(settings, push_hosts=(service.origin,)))
    async with running(app):
        yield app


async def asked(app: Litestar, service: PushService) -> Browser:
    """Laura’s browser, once she pressed the button."""
    browser = Browser(app, client_of(app))
    await browser.sign_in(LAURA)
    answer = await browser.post(f"{PAGE}/appareil", abonnement=service.subscription())
    assert answer.headers["location"] == f"{PAGE}?fait=appareil"
    return browser


async def settled(app: Litestar, error: str = "") -> list[OutboxState]:
    """What became of the promises to browsers, once the worker tried them all."""
    query = select(OutboxRow).where(OutboxRow.dedupe_key.not_like("draw-pages/%"))
    for _ in range(200):
        async with app.state.sessions() as db:
            rows = list(await db.scalars(query))
        if all(row.state is not OutboxState.DUE or row.error == error != "" for row in rows):
            return [row.state for row in rows if row.dedupe_key.startswith("browser/")]
        await asyncio.sleep(0.1)
    raise AssertionError("it did not end")


async def browsers(app: Litestar) -> int:
    async with app.state.sessions() as db:
        return await db.scalar(select(func.count(PushSubscription.id))) or 0


async def test_a_new_document_is_told_to_the_browser_that_asked(
    app: Litestar, service: PushService, reports: Reports
) -> None:
    await asked(app, service)
    await asked(app, service)
    assert await browsers(app) == 1, "one browser has one line"
    laboratory = Laboratory(client_of(app), "sgl-estuaire")
    await laboratory.send(write_message(reports["laura-ionogramme-v1"]))
    await settled(app)
    assert service.received == [{"title": "Repères", "body": "Vous avez un nouveau document."}]


async def test_what_is_withheld_meanwhile_is_not_told(
    app: Litestar, service: PushService, reports: Reports
) -> None:
    await asked(app, service)
    service.status = 503
    laboratory = Laboratory(client_of(app), "sgl-estuaire")
    await laboratory.send(write_message(reports["laura-ionogramme-v1"]))
    await settled(app, "Unavailable")
    await run(app, "UPDATE document SET withheld = true")
    await run(app, "UPDATE outbox SET due_at = now() WHERE state = 'due'")
    service.status = 201
    assert await settled(app) == [OutboxState.CANCELLED]
    assert service.received == []


async def test_a_trial_is_sent_everywhere_and_not_too_often(
    app: Litestar, service: PushService
) -> None:
    browser = await asked(app, service)
    answers = [(await browser.post(f"{PAGE}/essai")).status_code for _ in range(4)]
    assert answers == [303, 303, 303, 429]
    await settled(app)
    messages = app.state.outside.inbox.messages()
    letters = [
        letter for letter in messages if letter.channel == "email" and "essai" in letter.text
    ]
    assert len(letters) == len(service.received) == 3


async def test_a_browser_that_is_gone_is_forgotten(app: Litestar, service: PushService) -> None:
    browser = await asked(app, service)
    service.status = 410
    await browser.post(f"{PAGE}/essai")
    await settled(app)
    assert await browsers(app) == 0


async def test_browsers_are_forgotten_on_request_and_when_all_are_signed_out(
    app: Litestar, service: PushService
) -> None:
    browser = await asked(app, service)
    await browser.post(f"{PAGE}/sans-appareil")
    assert await browsers(app) == 0


async def test_an_address_of_no_service_is_refused_in_place(
    app: Litestar, service: PushService
) -> None:
    browser = Browser(app, client_of(app))
    await browser.sign_in(LAURA)
    given = service.subscription().replace(service.origin, "http://127.0.0.1:5432")
    for text in (given, "{}", ""):
        answer = await browser.post(f"{PAGE}/appareil", abonnement=text)
        assert answer.status_code == 422
    assert await browsers(app) == 0
