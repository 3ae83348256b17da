"""« Confirmez que c’est vous »: ten minutes, in this browser, after the password and a code."""

from datetime import timedelta

import pytest
from httpx import Response
from litestar import Litestar
from sqlalchemy import select, update

from backend.access.actions import Action
from backend.access.actors import Patient
from backend.access.scopes import Policy
from backend.demo.people import LAURA
from backend.services import sign_in
from backend.storage.accounts import BrowserSession, Challenge, Limit
from backend.storage.db import utcnow
from backend.storage.traces import Trace
from backend.web.cookies import safe_path
from backend.web.fresh import ConfirmFirst, step_up_first
from tests.fixtures import twins as promised
from tests.fixtures.application import client_of
from tests.pages import Browser, text_of
from tests.twins import World

PAGE = "/confirmer?suite=/documents"


async def later(reader: Browser, **by: float) -> None:
    """Time passes for proofs, codes and limits, not for the session."""
    past = timedelta(**by)
    async with reader.app.state.sessions.begin() as db:
        proved = BrowserSession.stepped_up_at - past
        await db.execute(update(BrowserSession).values(stepped_up_at=proved))
        await db.execute(update(Challenge).values(created_at=Challenge.created_at - past))
        await db.execute(update(Limit).values(arrival=Limit.arrival - past))


async def actor_of(reader: Browser) -> Patient:
    async with reader.app.state.sessions.begin() as db:
        token = reader.client.cookies["reperes"]
        found = await sign_in.actor_of(db, token, idle=timedelta(minutes=15), policy=Policy())
    assert isinstance(found, Patient)
    return found


async def fresh(reader: Browser) -> bool:
    async with reader.app.state.sessions.begin() as db:
        return await sign_in.is_fresh(db, await actor_of(reader))


async def newest_code(reader: Browser) -> str:
    """The last code that was promised, once it was sent."""
    await promised.settled(World(reader.app))
    return await reader.code()


async def password(reader: Browser, typed: str = LAURA.password) -> Response:
    await reader.get(PAGE)
    reader.app.state.outside.inbox._messages.clear()  # the code of before opens nothing any more
    return await reader.post("/confirmer", mot_de_passe=typed, suite="/documents")


async def test_signing_in_is_a_proof_for_ten_minutes(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    assert await fresh(reader)
    assert (await reader.get(PAGE)).headers["location"] == "/documents"
    await later(reader, minutes=9, seconds=50)
    assert await fresh(reader)
    await later(reader, seconds=11)
    assert not await fresh(reader)


async def test_the_password_and_a_code_lead_back(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await later(reader, minutes=20)
    answer = await password(reader)
    assert answer.headers["location"] == "/confirmer/code?suite=/documents"
    before = reader.client.cookies["reperes"]
    page = await reader.get("/confirmer/code?suite=/documents")
    assert "par e-mail" in text_of(page)
    answer = await reader.post(
        "/confirmer/code", code=await newest_code(reader), suite="/documents"
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/documents")
    assert reader.client.cookies["reperes"] != before, "a new token"
    assert await fresh(reader)
    async with reader.app.state.sessions.begin() as db:
        assert await db.scalar(select(Trace.allowed).where(Trace.action == Action.STEP_UP))


async def test_a_wrong_password_sends_nothing_and_is_counted(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await later(reader, minutes=20)
    for _ in range(5):
        answer = await password(reader, "la-loire-au-petit-matin-84")
        assert answer.status_code == 422
        assert "n’est pas le bon" in text_of(answer)
    assert (await password(reader)).status_code == 429
    answer = await reader.get("/confirmer/code?suite=/documents")
    assert answer.headers["location"] == "/confirmer?suite=/documents"
    assert not await fresh(reader)


async def test_a_wrong_code_costs_a_try_and_no_password_is_a_sentence(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await later(reader, minutes=20)
    assert "Écrivez votre mot de passe" in text_of(await password(reader, ""))
    await password(reader)
    code = await newest_code(reader)
    wrong = "000000" if code != "000000" else "000001"
    answer = await reader.post("/confirmer/code", code=wrong, suite="/documents")
    assert "Il vous reste 4 essais" in text_of(answer)
    answer = await reader.post("/confirmer/code", code="1", suite="/documents")
    assert "6 chiffres" in text_of(answer)
    assert not await fresh(reader)


async def test_another_code_may_come_by_sms(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await later(reader, minutes=20)
    await password(reader)
    answer = await reader.post("/confirmer/renvoyer", suite="/documents")
    assert answer.status_code == 429
    await later(reader, seconds=31)
    answer = await reader.post("/confirmer/renvoyer", canal="autre", suite="/documents")
    assert "parti par SMS" in text_of(answer)
    assert 'value="/documents"' in answer.text


async def test_no_code_is_sent_before_the_password(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await later(reader, minutes=20)
    await reader.get(PAGE)
    answer = await reader.post("/confirmer/renvoyer", suite="/documents")
    assert answer.headers["location"] == "/confirmer?suite=/documents"
    answer = await reader.post("/confirmer/code", code="123456", suite="/documents")
    assert answer.headers["location"] == "/confirmer?suite=/documents"


async def test_a_code_to_sign_in_does_not_confirm(reader: Browser, app: Litestar) -> None:
    await reader.sign_in(LAURA)
    await later(reader, minutes=20)
    other = Browser(app, client_of(app))
    await other.get("/connexion")
    await other.post("/connexion", identifiant=LAURA.identifier, mot_de_passe=LAURA.password)
    code = await newest_code(other)
    await later(reader, minutes=1)
    await password(reader)
    answer = await reader.post("/confirmer/code", code=code, suite="/documents")
    assert answer.status_code == 422


async def test_a_proof_is_bound_to_its_browser(reader: Browser, app: Litestar) -> None:
    await reader.sign_in(LAURA)
    await later(reader, minutes=20)
    other = Browser(app, client_of(app))
    await other.sign_in(LAURA)
    assert await fresh(other)
    assert not await fresh(reader)


async def test_whoever_needs_a_proof_is_led_to_it(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    person = await actor_of(reader)
    async with reader.app.state.sessions.begin() as db:
        await step_up_first(db, person, "/compte/fermer")
    await later(reader, minutes=20)
    async with reader.app.state.sessions.begin() as db:
        with pytest.raises(ConfirmFirst) as raised:
            await step_up_first(db, person, "/compte/fermer")
        assert raised.value.address == "/confirmer?suite=/compte/fermer"
        with pytest.raises(ConfirmFirst) as raised:
            await step_up_first(db, person, "//ailleurs.example/x")
        assert raised.value.address == "/confirmer?suite=/"


@pytest.mark.parametrize("suite", ["//mal.example", "https://mal.example", "/\\mal.example"])
async def test_it_never_leads_to_another_site(reader: Browser, suite: str) -> None:
    await reader.sign_in(LAURA)
    answer = await reader.client.get("/confirmer", params={"suite": suite})
    assert answer.headers["location"] == "/" == safe_path(suite)


async def test_a_clock_put_back_does_not_make_a_proof_last(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    async with reader.app.state.sessions.begin() as db:
        ahead = utcnow() + timedelta(hours=1)
        await db.execute(update(BrowserSession).values(stepped_up_at=ahead))
    assert not await fresh(reader)
