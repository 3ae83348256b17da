"""An authenticator application: confirmed by a code, asked at sign-in, each code once."""

import asyncio
import re
from datetime import timedelta

from httpx import Response
from litestar import Litestar
from pyotp import TOTP
from sqlalchemy import update

from backend.demo.people import LAURA
from backend.storage.accounts import Account
from backend.storage.db import utcnow
from tests.fixtures.application import client_of
from tests.pages import Browser, text_of
from tests.patient.test_confirm import fresh, later
from tests.patient.test_security import letters, link

APP = "/compte/securite/application"
SLOW_HANDS = 2.0


async def code_of(secret: str, steps: int = 0) -> str:
    """One that still counts when it is typed: not drawn in the last seconds of its thirty."""
    if (left := 30 - utcnow().timestamp() % 30) < SLOW_HANDS:
        await asyncio.sleep(left)
    return TOTP(secret).at(utcnow() + timedelta(seconds=30 * steps))


async def offered(reader: Browser) -> str:
    page = await reader.get(APP)
    found = re.search(r'class="letters">(.*?)</p>', page.text)
    assert found, page.text
    assert "<svg" in page.text
    return re.sub(r"<[^>]*>|\s", "", found[1])


async def with_app(reader: Browser) -> str:
    await reader.sign_in(LAURA)
    secret = await offered(reader)
    answer = await reader.post(APP, code=await code_of(secret, -1))
    assert answer.headers["location"] == "/compte/securite?fait=application"
    return secret


async def first_step(browser: Browser) -> Response:
    await browser.get("/connexion")
    return await browser.post(
        "/connexion", identifiant=LAURA.identifier, mot_de_passe=LAURA.password
    )


async def test_the_application_is_asked_instead_of_a_letter(reader: Browser, app: Litestar) -> None:
    secret = await with_app(reader)
    assert "application de codes a été ajoutée" in (await letters(reader, LAURA.email))[0]
    before = len(app.state.outside.inbox.messages())
    other = Browser(app, client_of(app))
    assert (await first_step(other)).headers["location"] == "/connexion/application"
    assert "application" in text_of(await other.get("/connexion/application"))
    assert len(app.state.outside.inbox.messages()) == before, "nothing was sent"
    answer = await other.post("/connexion/application", code=await code_of(secret))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await other.get("/documents")).status_code == 200


async def test_a_code_opens_once_and_an_earlier_one_never(reader: Browser, app: Litestar) -> None:
    secret = await with_app(reader)
    code = await code_of(secret)
    other, third = (Browser(app, client_of(app)) for _ in range(2))
    for browser in (other, third):
        await first_step(browser)
    answers = await asyncio.gather(
        *(browser.post("/connexion/application", code=code) for browser in (other, third))
    )
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    fourth = Browser(app, client_of(app))
    await first_step(fourth)
    for again in (code, await code_of(secret, -1)):
        answer = await fourth.post("/connexion/application", code=again)
        assert (answer.status_code, "a déjà servi" in text_of(answer)) == (422, True)


async def test_far_codes_and_wrong_ones_are_refused_and_counted(
    reader: Browser, app: Litestar
) -> None:
    secret = await with_app(reader)
    other = Browser(app, client_of(app))
    await first_step(other)
    statuses = []
    for steps in (3, -3, 20, -20, 40, 50, 60, 70, 80, 90, 100):
        answer = await other.post("/connexion/application", code=await code_of(secret, steps))
        statuses.append(answer.status_code)
    assert statuses == [422] * 10 + [429]


async def test_without_the_telephone_a_code_comes_otherwise(reader: Browser, app: Litestar) -> None:
    await with_app(reader)
    other = Browser(app, client_of(app))
    await first_step(other)
    before = len(app.state.outside.inbox.messages())
    answer = await other.post("/connexion/renvoyer")
    assert "parti par e-mail" in text_of(answer)
    answer = await other.post("/connexion/code", code=await other.code(before))
    assert answer.status_code == 303


async def test_a_wrong_code_does_not_add_it(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    secret = await offered(reader)
    answer = await reader.post(APP, code=await code_of(secret, 9))
    assert answer.status_code == 422
    assert await offered(reader) == secret, "the same square: it was just photographed"
    assert "6 chiffres" in text_of(await reader.post(APP, code="12"))


async def test_two_browsers_are_not_offered_the_same_secret(reader: Browser, app: Litestar) -> None:
    await reader.sign_in(LAURA)
    other = Browser(app, client_of(app))
    await other.sign_in(LAURA)
    assert await offered(reader) != await offered(other)


async def test_it_confirms_with_the_password(reader: Browser) -> None:
    secret = await with_app(reader)
    await later(reader, minutes=20)
    page = await reader.get("/confirmer?suite=/documents")
    assert "Code de votre application" in text_of(page)
    answer = await reader.post(
        "/confirmer",
        mot_de_passe=LAURA.password,
        code_application=await code_of(secret),
        suite="/documents",
    )
    assert answer.headers["location"] == "/documents"
    assert await fresh(reader)


async def test_it_confirms_with_nothing_less(reader: Browser) -> None:
    secret = await with_app(reader)
    await later(reader, minutes=20)
    await reader.get("/confirmer")
    for password, code in (
        ("la-loire-au-petit-matin-84", await code_of(secret)),
        (LAURA.password, await code_of(secret, 9)),
    ):
        answer = await reader.post("/confirmer", mot_de_passe=password, code_application=code)
        assert answer.status_code == 422
    answer = await reader.post("/confirmer", mot_de_passe=LAURA.password, code_application="")
    assert answer.headers["location"] == "/confirmer/code?suite=/"
    assert not await fresh(reader)


async def test_it_is_removed_after_a_question(reader: Browser, app: Litestar) -> None:
    await with_app(reader)
    assert (await reader.get(APP)).headers["location"] == f"{APP}/retirer"
    assert (await reader.get(f"{APP}/retirer")).status_code == 200
    assert (await reader.post(f"{APP}/retirer")).status_code == 303
    assert (await first_step(Browser(app, client_of(app)))).headers["location"] == "/connexion/code"
    owner, undo = Browser(app, client_of(app)), await link(reader, LAURA.email)
    await owner.get(undo)
    await owner.post(undo)
    async with app.state.sessions.begin() as db:
        await db.execute(update(Account.__table__).values(state="actif"))  # type: ignore[arg-type]
    answer = await first_step(Browser(app, client_of(app)))
    assert answer.headers["location"] == "/connexion/application", "it is back"
