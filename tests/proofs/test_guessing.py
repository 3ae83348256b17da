"""Who asks without being anybody learns nothing; who tries everything opens nothing."""

import re
from asyncio import gather, sleep
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from importlib import import_module
from statistics import median
from time import perf_counter
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response
from msgspec.structs import replace

from backend.demo.people import JULIE, LAURA
from backend.domain.activation import Purpose
from backend.services import enrolment, even, limits
from tests.canaries import STRANGER
from tests.fixtures.alarm import ALARM, watched
from tests.fixtures.database import Databases
from tests.fixtures.twins import settled
from tests.pages import Browser
from tests.proofs.conftest import Figure, Scale
from tests.proofs.crowds import Doors, open_doors
from tests.twins import World

BATCH = 2
AT_ONCE = 10
"""Stolen pairs: fewer than wait for a turn to be hashed, so that each is answered."""
KNOWN, UNKNOWN = "known", "unknown"
NUMBERS = {KNOWN: JULIE.traits.matricule, UNKNOWN: STRANGER.traits.matricule}
NAMES = {KNOWN: LAURA.identifier, UNKNOWN: "laure.bertrand"[: len(LAURA.identifier)]}
OTHER_CODE, OTHER_CARD = "2345ABCD6789", "40218800000"
WRONG_PASSWORD = "ce-n-est-pas-celui-la"
DRAWN = re.compile(rb'(_csrf_token" value=")[0-9a-f]+')
HALF_HIDDEN = re.compile(r"\d \d\d \d\d(?= ••)".encode())
"""The number that was typed, as the page repeats it."""
proving: Any = import_module("backend.services.enrolment.proving")
passwords: Any = import_module("backend.services.sign_in.passwords")
sessions: Any = import_module("backend.services.sign_in.sessions")
"""Modules whose names are replaced by careless ones."""


@pytest.fixture(scope="module")
async def doors(
    databases: Databases, world_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Doors]:
    url = databases.copy(world_template)
    async with open_doors(url, tmp_path_factory.mktemp("guessing")) as doors:
        yield doors
    databases.drop(url)


@dataclass(frozen=True)
class Answer:
    """What somebody outside sees of an answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float

    @property
    def seen(self) -> tuple[object, ...]:
        return self.status, self.headers, len(self.body), self.body


def told(answer: Response, typed: str, seconds: float) -> Answer:
    """Without what is drawn at random, and without what was typed."""
    kept = [
        (name, re.sub(r"=[^;]*", "=", value, count=1) if name == "set-cookie" else value)
        for name, value in answer.headers.multi_items()
        if name != "x-request-id"
    ]
    body = DRAWN.sub(rb"\1", answer.content).replace(typed.encode(), b"")
    body = HALF_HIDDEN.sub(b"", body)
    return Answer(answer.status_code, tuple(kept), body, seconds)


def browser_at(doors: Doors, address: str) -> Browser:
    app: Any = watched(doors.apps[0])
    transport = ASGITransport(app=app, client=(address, 1))
    return Browser(
        doors.apps[0], AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")
    )


async def sign_in(doors: Doors, who: str, address: str) -> Answer:
    browser, name = browser_at(doors, address), NAMES[who]
    await browser.get("/connexion")
    began = perf_counter()
    answer = await browser.post("/connexion", identifiant=name, mot_de_passe=WRONG_PASSWORD)
    return told(answer, name, perf_counter() - began)


async def activate(doors: Doors, who: str, address: str) -> Answer:
    browser, nir = browser_at(doors, address), NUMBERS[who]
    async with doors.state.sessions.begin() as db:
        token = await enrolment.begin(db, Purpose.ACTIVATION)
    async with doors.state.sessions.begin() as db:
        way = await enrolment.find(db, token)
        assert way
        await enrolment.keep(db, way, code=OTHER_CODE, nir=nir, serial=OTHER_CARD)
    browser.client.cookies.set("parcours", token, domain="127.0.0.1")
    await browser.get("/activer/verifier")
    began = perf_counter()
    answer = await browser.post("/activer/verifier")
    return told(answer, nir, perf_counter() - began)


async def ask_for_a_code(doors: Doors, who: str, address: str) -> Answer:
    browser, nir = browser_at(doors, address), NUMBERS[who]
    await browser.get("/activer/nouveau-code")
    card = JULIE.vitale if who == KNOWN else STRANGER.vitale or OTHER_CARD
    began = perf_counter()
    answer = await browser.post("/activer/nouveau-code", numero=nir, carte=card, canal="email")
    return told(answer, nir, perf_counter() - began)


async def recover(doors: Doors, who: str, address: str) -> Answer:
    browser, name = browser_at(doors, address), NAMES[who]
    await browser.get("/retrouver/mot-de-passe")
    began = perf_counter()
    answer = await browser.post("/retrouver/mot-de-passe", identifiant=name)
    return told(answer, name, perf_counter() - began)


async def ask_for_an_identifier(doors: Doors, who: str, address: str) -> Answer:
    someone = LAURA if who == KNOWN else STRANGER
    nir, born = someone.traits.matricule, someone.traits.birth_date
    browser = browser_at(doors, address)
    await browser.get("/retrouver/identifiant")
    began = perf_counter()
    answer = await browser.post("/retrouver/identifiant", numero=nir, naissance=f"{born:%d/%m/%Y}")
    return told(answer, nir, perf_counter() - began)


QUESTIONS: dict[str, Callable[[Doors, str, str], Any]] = {
    "a password": sign_in,
    "a provisional code": activate,
    "another code": ask_for_a_code,
    "a recovery": recover,
    "an identifier": ask_for_an_identifier,
}
SENT = {"an identifier": {"letter"}}
"""Where the alarm may ring: it goes to its holder, and nowhere else."""
SHARE, TICK, ROUNDS = even.FLOOR / 2, 0.01, 3
"""Seconds between two medians, and of a clock’s grain; times that a difference must be seen."""
AFTER_THE_FLOOR = [*QUESTIONS][1:]
"""Answered by `even`; a password is hashed in every branch instead, and measured only."""


async def ask_pairs(doors: Doors, question: str, pairs: int) -> dict[str, list[Answer]]:
    """The same question about somebody and about nobody, together, each from a new address."""
    found: dict[str, list[Answer]] = {KNOWN: [], UNKNOWN: []}
    for number in range(pairs):
        if number % BATCH == 0:
            await doors.forget_limits()
            await doors.ask("UPDATE provisional_code SET tries = 0 RETURNING 1")
        both = (KNOWN, UNKNOWN)[:: 1 if number % 2 else -1]
        addresses = {KNOWN: f"192.0.{number % 200}.1", UNKNOWN: f"192.0.{number % 200}.2"}
        asked = [QUESTIONS[question](doors, who, addresses[who]) for who in both]
        for who, answer in zip(both, await gather(*asked), strict=True):
            found[who].append(answer)
    return found


def apart(found: dict[str, list[Answer]]) -> float:
    """Seconds between the medians: how long somebody and nobody wait for an answer."""
    known, unknown = (median(answer.seconds for answer in found[who]) for who in (KNOWN, UNKNOWN))
    return abs(known - unknown)


@pytest.mark.parametrize("question", QUESTIONS)
async def test_somebody_and_nobody_are_answered_alike(
    doors: Doors, question: str, scale: Scale, figure: Figure
) -> None:
    """A busy machine may part two medians once; what tells them apart would each time."""
    pairs, rounds = scale.of(8, 400), 0
    while True:
        with ALARM.on_purpose() as rung:
            found = await ask_pairs(doors, question, pairs)
            await settled(World(doors.apps[0]))
        assert {channel for channel, _ in rung} == SENT.get(question, set())
        rounds += 1
        seen = {who: {answer.seen for answer in found[who]} for who in found}
        assert seen[KNOWN] == seen[UNKNOWN]
        assert len({answer.status for answer in found[KNOWN]}) == 1
        if question in AFTER_THE_FLOOR:
            first = min(answer.seconds for who in found for answer in found[who])
            assert first >= even.FLOOR - TICK, "nobody is answered sooner than others"
        if apart(found) < SHARE:
            break
        assert rounds < ROUNDS, "how long it takes tells who exists"
    figure(f"{question}: pairs answered alike", pairs * rounds)
    figure(f"{question}: between the medians, ms", f"{1000 * apart(found):.1f}")


async def test_a_verdict_that_tells_a_little_is_noticed(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a blank more, and by longer work than the floor hides."""
    careful = proving._wrong

    async def careless(db: Any, way: Any, code: Any) -> Any:
        said = await careful(db, way, code)
        if code is None:
            return replace(said, message=said.message + " ")
        await sleep(2 * even.FLOOR)
        return said

    monkeypatch.setattr(proving, "_wrong", careless)
    found = await ask_pairs(doors, "a provisional code", 2)
    assert {answer.seen for answer in found[KNOWN]} != {answer.seen for answer in found[UNKNOWN]}
    assert apart(found) > SHARE


# --- lists of stolen passwords


async def stuff(doors: Doors, pairs: int, addresses: int) -> dict[int, int]:
    """Stolen pairs, half of them Laura's name, by turns from many addresses: answers by status."""
    browsers = [browser_at(doors, f"198.18.{n // 250}.{n % 250}") for n in range(addresses)]
    for browser in browsers:
        await browser.get("/connexion")

    async def try_(number: int) -> int:
        name = LAURA.identifier if number % 2 else f"inconnue.numero{number}"
        answer = await browsers[number % addresses].post(
            "/connexion", identifiant=name, mot_de_passe=f"vole-ailleurs-{number}"
        )
        return answer.status_code

    statuses: Counter[int] = Counter()
    for first in range(0, pairs, AT_ONCE):
        batch = range(first, min(first + AT_ONCE, pairs))
        statuses.update(await gather(*map(try_, batch)))
    return statuses


async def come_in(doors: Doors, owner: Browser) -> None:
    """With an empty letter box: a full one loses a letter for each that comes."""
    doors.state.outside.inbox.clear()
    await owner.sign_in(LAURA)


async def test_stolen_lists_open_nothing_and_do_not_shut_the_owner_out(
    doors: Doors, scale: Scale, figure: Figure
) -> None:
    await doors.forget_limits()
    owner = browser_at(doors, "203.0.113.5")
    await come_in(doors, owner)
    await owner.post("/deconnexion")
    pairs, addresses = scale.of((240, 40), (50_000, 500))
    statuses = await stuff(doors, pairs, addresses)
    assert statuses.keys() <= {422, 429}, "nobody got further"
    assert await doors.ask("SELECT count(*) FROM browser_session") == 0
    stranger = browser_at(doors, "203.0.113.6")
    await stranger.get("/connexion")
    answer = await stranger.post(
        "/connexion", identifiant=LAURA.identifier, mot_de_passe=LAURA.password
    )
    assert answer.status_code == 429, "the control: on an unknown device, even she waits"
    await come_in(doors, owner)
    figure(f"stolen pairs from {addresses} addresses", pairs)
    figure("of which compared with a password", statuses.get(422, 0))


async def test_without_a_count_each_stolen_password_is_tried(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("login-account", "login-ip"):
        limiter = limits.LIMITERS[name]
        monkeypatch.setitem(limits.LIMITERS, name, replace(limiter, burst=10_000))
    await doors.forget_limits()
    assert await stuff(doors, 20, 2) == {422: 20}
