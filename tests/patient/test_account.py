"""« Compte »: the hub, notifications that are obeyed, « Lecture simple » everywhere."""

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import text

from backend.demo.people import KARIM, LAURA
from backend.demo.reports import DemoDeposit, write_message
from backend.domain.preferences import Preferences, quiet_until, write_preferences
from backend.services import notifications
from tests.laboratory import Laboratory
from tests.pages import Browser, text_of
from tests.patient.changing import run
from tests.patient.test_activation import place

PAGE = "/compte/notifications"
CHOSEN = {"new": "sms", "emergency-access": "email"}
Reports = Mapping[str, DemoDeposit]


async def test_the_hub_leads_everywhere(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    page = await reader.get("/compte")
    for path in ("/compte/securite", PAGE, "/profils", "/compte/fermer"):
        assert f'href="{path}"' in page.text
        assert (await reader.get(path)).status_code == 200, path


async def test_what_is_chosen_is_kept_and_shown(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    assert place(await reader.post(PAGE, **CHOSEN, nuit="oui", de="21", a="8")) == f"{PAGE}?fait=1"
    page = await reader.get(f"{PAGE}?fait=1")
    assert "C’est enregistré." in text_of(page)
    ticked = {name for name in ("nuit", "resume", "discret") if is_ticked(page.text, name)}
    assert ticked == {"nuit"}
    assert re.findall(r'name="([\w-]+)" value="(\w+)" checked', page.text)[:2] == list(
        CHOSEN.items()
    )


def is_ticked(page: str, name: str) -> bool:
    return "checked" in page.split(f'name="{name}"')[1].split(">", maxsplit=1)[0]


async def test_a_channel_that_one_has_not_is_refused(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await run(app, "UPDATE account SET sealed_phone = NULL, phone_verified_at = NULL")
    assert "ajoutez un mobile" in text_of(await reader.get(PAGE))
    answer = await reader.post(PAGE, **CHOSEN)
    assert answer.status_code == 422
    assert "numéro de mobile" in text_of(answer)


async def choose(app: Litestar, chosen: Preferences) -> None:
    await run(app, "UPDATE account SET preferences = :p", p=write_preferences(chosen))


async def told(app: Litestar, laboratory: Laboratory, reports: Reports) -> list[Any]:
    """What leaves for Laura when a document comes."""
    inbox = app.state.outside.inbox
    inbox._messages.clear()
    assert "MSA|AA" in await laboratory.send(write_message(reports["laura-bilan-sanguin-v1"]))
    query = text("SELECT state FROM outbox WHERE dedupe_key LIKE 'tell/%'")
    for _ in range(100):
        async with app.state.engine.connect() as connection:
            if await connection.scalar(query) != "due":
                break
        await asyncio.sleep(0.05)
    return list(inbox.messages())


@pytest.mark.parametrize("channels", [(), ("email",), ("sms",), ("email", "sms")])
@pytest.mark.parametrize("discreet", [False, True])
async def test_a_new_document_is_told_as_chosen(
    app: Litestar,
    laboratory: Laboratory,
    reports: Reports,
    channels: tuple[str, ...],
    discreet: bool,  # noqa: FBT001
) -> None:
    await choose(app, Preferences(channels={"new": channels}, discreet=discreet))
    messages = await told(app, laboratory, reports)
    to = {"email": LAURA.email, "sms": LAURA.phone}
    assert {message.to for message in messages} == {to[channel] for channel in channels}
    for message in messages:
        shown = message.text if message.channel == "sms" else message.subject
        assert ("Repères" in shown or "document" in shown) is not discreet


async def promise(app: Litestar) -> tuple[datetime, str]:
    """When the notice is due, and what the worker last said of it."""
    query = text("SELECT due_at, error FROM outbox WHERE dedupe_key LIKE 'tell/%'")
    async with app.state.engine.connect() as connection:
        due, error = (await connection.execute(query)).one()
        return due.astimezone(UTC), error


@pytest.mark.parametrize(("hour", "days"), [(22, 1), (2, 0)])
async def test_at_night_it_waits_for_the_morning(
    app: Litestar,
    laboratory: Laboratory,
    reports: Reports,
    monkeypatch: pytest.MonkeyPatch,
    hour: int,
    days: int,
) -> None:
    night = datetime(2026, 11, 23, hour, tzinfo=UTC)
    monkeypatch.setattr(notifications, "quiet_until", lambda c, e, _: quiet_until(c, e, night))
    await choose(app, Preferences(quiet=(21, 8)))
    app.state.outside.inbox._messages.clear()
    await laboratory.send(write_message(reports["laura-bilan-sanguin-v1"]))
    for _ in range(100):
        due, error = await promise(app)
        if error == "Later":
            assert due == night.replace(hour=7) + timedelta(days=days)
            assert not app.state.outside.inbox.messages()
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not wait")


# --- « Lecture simple »


async def test_it_is_one_tap_away_and_kept(app: Litestar, reader: Browser) -> None:
    page = await reader.get("/connexion")
    assert "Lecture simple" in text_of(page)
    assert '<html lang="fr">' in page.text
    assert place(await reader.post("/lecture", lecture="simple", page="/connexion")) == "/connexion"
    page = await reader.get("/connexion")
    assert '<html lang="fr" class="simple">' in page.text
    assert "Lecture normale" in text_of(page)
    await reader.sign_in(KARIM)
    await reader.post("/lecture", lecture="simple", page="/compte")
    async with app.state.engine.connect() as connection:
        stored = await connection.scalar(
            text("SELECT preferences FROM account WHERE preferences IS NOT NULL")
        )
    assert b'"simple":true' in bytes(stored)
    await reader.post("/lecture", lecture="normale", page="/")
    assert '<html lang="fr">' in (await reader.get("/")).text


@pytest.mark.parametrize("then", ["https://example.org/", "//example.org", ""])
async def test_it_leads_nowhere_else(reader: Browser, then: str) -> None:
    await reader.get("/connexion")
    assert place(await reader.post("/lecture", lecture="simple", page=then)) == "/"


async def test_who_chose_it_finds_it_in_another_browser(app: Litestar, reader: Browser) -> None:
    await choose(app, Preferences(simple=True))
    await reader.sign_in(LAURA)
    assert 'class="simple"' in (await reader.get("/")).text
