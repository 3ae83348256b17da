"""Who comes in numbers does not close the door on others: each kind has lanes of its own."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlencode

import pytest

from backend.app import create_app
from backend.demo.people import LAURA
from backend.services import accounts
from backend.settings import Settings
from backend.web import sessions, shedding
from backend.web.lanes import Lanes
from benchmarks.load import NextRequest, fetch, read_answer, write_request
from tests.fixtures.application import client_of, running
from tests.pages import Browser
from tests.proofs.conftest import Figure, Scale
from tests.proofs.faults.server import SECONDS, Server, serving

FORM = "application/x-www-form-urlencoded"
CROWD, MANY = 200, 240
PAUSE = 0.2
"""Seconds before somebody who was told to come back does."""


async def passwords(port: int) -> NextRequest:
    """First steps of signing in: each by a name and from an address of its own."""
    _status, headers, body = await fetch(port, write_request("GET", "/connexion"))
    (csrf,) = (
        cookie.split(";")[0] for cookie in headers["set-cookie"].split("\n") if "csrf" in cookie
    )
    token = body.decode().split('name="_csrf_token" value="')[1].split('"')[0]
    numbers = count()

    def make() -> bytes:
        number = next(numbers)
        form = {
            "_csrf_token": token,
            "identifiant": f"personne{number}",
            "mot_de_passe": "tisane verveine 9 moulins",
        }
        return write_request(
            "POST",
            "/connexion",
            urlencode(form).encode(),
            content_type=FORM,
            cookie=csrf,
            x_forwarded_for=f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}",
        )

    return make


async def crowd(port: int, make: NextRequest, seconds: float) -> Counter[int]:
    """What they are answered; who is told to come back does, after a moment."""
    said: Counter[int] = Counter()
    end = monotonic() + seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while monotonic() < end:
            writer.write(make())
            status, headers, _body = await read_answer(reader)
            said[status] += 1
            if status == 503:
                assert int(headers["retry-after"]) > 0
                await asyncio.sleep(PAUSE)
        writer.close()

    async with asyncio.timeout(seconds + SECONDS):
        await asyncio.gather(*(client() for _ in range(CROWD)))
    return said


async def read_on(server: Server, seconds: float) -> tuple[Counter[int], float]:
    """What Laura is answered meanwhile, page after page, and the slowest of them in seconds."""
    request = write_request("GET", "/documents", accept="text/html", cookie=server.cookie)
    end, slowest, said = monotonic() + seconds, 0.0, Counter[int]()
    while monotonic() < end:
        began = monotonic()
        said[(await fetch(server.port, request))[0]] += 1
        slowest = max(slowest, monotonic() - began)
        await asyncio.sleep(0.1)
    return said, slowest


async def test_a_crowd_of_passwords(inhabited: Settings, scale: Scale, figure: Figure) -> None:
    """The real service: strangers try passwords by the hundred, and Laura reads on."""
    seconds = scale.of(4.0, 60.0)
    async with serving(inhabited) as server:
        make = await passwords(server.port)
        said, (pages, slowest) = await asyncio.gather(
            crowd(server.port, make, seconds), read_on(server, seconds)
        )
    figure(f"{CROWD} strangers: passwords a second looked at", f"{said[422] / seconds:.0f}")
    figure(f"{CROWD} strangers: told to come back", said[503])
    figure("Laura’s pages a second meanwhile, one after the other", f"{pages[200] / seconds:.1f}")
    figure("the slowest of them, seconds", f"{slowest:.1f}")
    assert set(said) == {422, 503}
    assert set(pages) == {200}


@asynccontextmanager
async def reading(settings: Settings) -> AsyncIterator[Browser]:
    """Laura, signed in; and a service that believes what it is told of addresses."""
    app = create_app(replace(settings, trusted_proxies=1))
    async with running(app):
        laura = Browser(app, client_of(app))
        await laura.sign_in(LAURA)
        yield laura


async def laura_meanwhile(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> int:
    """The status of her page while passwords, each a second long, wait for their turn."""

    def slowly(*_: object) -> bool:
        sleep(1)
        return False

    async with reading(settings) as laura, client_of(laura.app) as stranger:
        monkeypatch.setattr(accounts, "_verify", slowly)
        form = Browser(laura.app, stranger)
        await form.get("/connexion")
        trying = [asyncio.create_task(try_password(form, number)) for number in range(MANY)]
        await asyncio.sleep(0.5)
        async with asyncio.timeout(SECONDS):
            status = (await laura.get("/documents")).status_code
            assert set(await asyncio.gather(*trying)) <= {422, 503}
    return status


async def try_password(form: Browser, number: int) -> int:
    token = next(c.value for c in form.client.cookies.jar if c.name.endswith("csrf"))
    fields = {"identifiant": f"personne{number}", "mot_de_passe": "tisane verveine 9 moulins"}
    answer = await form.client.post(
        "/connexion",
        data={"_csrf_token": token or "", **fields},
        headers={"x-forwarded-for": f"10.0.{number // 256}.{number % 256}"},
    )
    return answer.status_code


async def test_passwords_have_lanes_of_their_own(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await laura_meanwhile(settings, monkeypatch) == 200


async def test_in_the_lanes_of_pages_they_would_hold_readers(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: one kind of lanes for whatever browsers ask."""
    monkeypatch.setattr(shedding, "PASSWORDS", "none")
    assert await laura_meanwhile(settings, monkeypatch) == 503


async def most_at_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> tuple[int, set[int]]:
    """How many pages a process has in hand when ten times too many are asked; what was answered."""
    there = most = 0
    real = sessions.who_is

    async def who_is(connection: Any) -> Any:
        nonlocal there, most
        there += 1
        most = max(most, there)
        try:
            await asyncio.sleep(0.5)
            return await real(connection)
        finally:
            there -= 1

    async with reading(settings) as laura:
        monkeypatch.setattr(sessions, "who_is", who_is)
        async with asyncio.timeout(SECONDS):
            answers = await asyncio.gather(*(laura.client.get("/documents") for _ in range(MANY)))
    assert all(int(a.headers["retry-after"]) > 0 for a in answers if a.status_code == 503)
    return most, {answer.status_code for answer in answers}


async def test_a_few_at_once_and_the_others_are_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    most, said = await most_at_once(settings, monkeypatch)
    assert most <= 24
    assert said == {200, 503}


async def test_without_lanes_they_would_pile_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: whoever comes is let in."""

    @asynccontextmanager
    async def enter(_self: Lanes) -> AsyncIterator[None]:
        yield

    monkeypatch.setattr(Lanes, "enter", enter)
    most, _said = await most_at_once(settings, monkeypatch)
    assert most == MANY
