"""Who has lost everything comes back with a letter of the help desk, and with nothing less."""

import re

import pytest
from httpx import Response
from litestar import Litestar
from sqlalchemy import func, select

from backend.demo.people import LAURA, NADIA, RENNES, Someone
from backend.domain.activation import Contacts
from backend.domain.calendar import civil_day
from backend.domain.credentials import Kind
from backend.services import credentials, enrolment
from backend.storage.accounts import Account, BrowserSession, CredentialChange, Passkey
from backend.storage.db import utcnow
from tests.authenticators import Authenticator
from tests.fixtures.application import client_of
from tests.newcomers import give_email, prove
from tests.pages import Browser, text_of
from tests.patient.changing import record_of, run
from tests.patient.test_authenticator_app import with_app
from tests.patient.test_confirm import later
from tests.patient.test_passkeys import adds, enters
from tests.patient.test_recovery import NEW, by_post, signs_in
from tests.patient.test_security import letters, link, settled
from tests.services.test_majority import reached_by

START, PASSWORD = "/retrouver/courrier", "/retrouver/courrier/mot-de-passe"
FRESH = "laura.retrouvee@courriel.example"


async def desk(app: Litestar, someone: Someone = LAURA) -> str:
    """The code of a letter that the help desk had sent."""
    await reached_by(app, someone, Contacts(address=RENNES))
    assert await enrolment.issue_letter(
        app.state.sessions,
        nir=someone.traits.matricule,
        born=someone.traits.birth_date or civil_day(utcnow()),
    )
    await settled(Browser(app, client_of(app)))
    for message in app.state.outside.inbox.messages():
        if found := re.search(r"\b[2-9A-Z]{4} [2-9A-Z]{4} [2-9A-Z]{4}\b", message.text):
            assert message.channel == "letter"
            assert f"{START}\n" in message.text
            return found[0]
    raise AssertionError("no letter")


async def proves(browser: Browser, code: str, someone: Someone = LAURA) -> Response:
    return await prove(browser, someone, START, code=code)


async def comes_back(browser: Browser, code: str) -> Response:
    answer = await proves(browser, code)
    assert answer.headers["location"] == "/activer/contact"
    await give_email(browser, FRESH)
    return await browser.post(PASSWORD, mot_de_passe=NEW)


async def test_a_letter_a_number_and_a_card_then_everything_is_new(
    app: Litestar, reader: Browser
) -> None:
    inside, key = Browser(app, client_of(app)), Authenticator()
    await with_app(inside)
    await adds(inside, key)
    code = await desk(app)
    assert (await proves(reader, code)).headers["location"] == "/activer/contact"
    await give_email(reader, FRESH)
    assert "trop facile" in text_of(await reader.post(PASSWORD, mot_de_passe="laura.bernard1991"))
    listed = await reader.post(PASSWORD, mot_de_passe="correcthorsebatterystaple")
    assert "déjà été volé" in text_of(listed)
    done = await reader.post(PASSWORD, mot_de_passe=NEW)
    assert "C’est fait" in text_of(done)
    assert LAURA.identifier in text_of(done)
    assert (await inside.get("/documents")).headers["location"] == "/connexion"
    assert (await reader.get("/documents")).headers["location"] == "/connexion", "not signed in"
    await later(reader, hours=1)
    assert (await signs_in(reader, LAURA.password)).status_code == 422
    assert (await enters(Browser(app, client_of(app)), key)).status_code == 422
    before = len(app.state.outside.inbox.messages())
    assert (await signs_in(reader, NEW)).headers["location"] == "/connexion/code"
    code = await reader.code(before, to=FRESH)
    answer = await reader.post("/connexion/code", code=code)
    assert answer.status_code == 303
    assert (await reader.get("/documents")).status_code == 200


async def test_the_channels_of_before_are_told_and_may_undo_it(
    app: Litestar, reader: Browser
) -> None:
    await comes_back(reader, await desk(app))
    for to in (LAURA.email, LAURA.phone):
        assert any("grâce à un courrier" in message for message in await letters(reader, to))
    async with app.state.sessions.begin() as db:
        change = (await db.scalars(select(CredentialChange))).one()
        account = await db.get_one(Account, change.account_id)
        assert change.kind == Kind.REENROLLED
        assert await credentials.is_cooling(db, account, utcnow())
    owner, undo = Browser(app, client_of(app)), await link(reader, LAURA.email)
    await owner.get(undo)
    assert (await owner.post(undo)).status_code == 200
    await later(reader, hours=1)
    assert (await signs_in(reader, NEW)).status_code == 422


async def test_a_locked_account_comes_back_too(app: Litestar, reader: Browser) -> None:
    record = await record_of(app, LAURA)
    await run(app, "UPDATE account SET state = 'suspendu' WHERE record_id = :id", id=record.id)
    assert "C’est fait" in text_of(await comes_back(reader, await desk(app)))
    await later(reader, hours=1)
    assert (await signs_in(reader, NEW)).headers["location"] == "/connexion/code"


async def test_the_letter_serves_once(app: Litestar, reader: Browser) -> None:
    code = await desk(app)
    await comes_back(reader, code)
    again = await proves(Browser(app, client_of(app)), code)
    assert (again.status_code, "ne vont pas ensemble" in text_of(again)) == (422, True)


async def test_a_letter_that_one_asks_for_oneself_is_not_enough(
    app: Litestar, reader: Browser
) -> None:
    """The same address, the same card: the caller must have been checked."""
    await reached_by(app, NADIA, Contacts(address=RENNES))
    code = await by_post(reader, NADIA)
    answer = await proves(Browser(app, client_of(app)), code, NADIA)
    assert (answer.status_code, "ne vont pas ensemble" in text_of(answer)) == (422, True)


@pytest.mark.parametrize("wrong", [{"carte": "40218835299"}, {"code": "2222 2222 2222"}])
async def test_the_letter_alone_or_the_card_alone_is_nothing(
    app: Litestar, reader: Browser, wrong: dict[str, str]
) -> None:
    code = await desk(app)
    answer = await prove(reader, LAURA, START, **({"code": code} | wrong))
    assert "ne vont pas ensemble" in text_of(answer)
    for path in ("/activer/contact", PASSWORD):
        assert "fini=1" in (await reader.get(path)).headers["location"]


async def test_no_new_password_before_a_channel_is_proved(app: Litestar, reader: Browser) -> None:
    await proves(reader, await desk(app))
    for answer in (await reader.get(PASSWORD), await reader.post(PASSWORD, mot_de_passe=NEW)):
        assert answer.headers["location"] == "/retrouver?fini=1"


async def test_it_opens_no_other_door(app: Litestar, reader: Browser) -> None:
    """The way back is no activation: no other identifier, no session."""
    await proves(reader, await desk(app))
    await give_email(reader, FRESH)
    cookies = dict(reader.client.cookies)
    typed = {"identifiant": "laura.autre", "mot_de_passe": NEW}
    for path in ("/activer/identifiants", "/activer/visibilite", "/refuser/confirmer"):
        reader.client.cookies.update(cookies)
        assert (await reader.get(path)).headers["location"] == "/activer?fini=1"
    reader.client.cookies.update(cookies)
    answer = await reader.post("/activer/identifiants", **typed)
    assert answer.headers["location"] == "/activer?fini=1"
    assert (await record_of(app, LAURA)).state == "actif"


STOPS = {
    "lock": "UPDATE account SET state = 'suspendu'",
    "close": "UPDATE record SET state = 'ferme'",
    "password": "UPDATE account SET password_hash = password_hash || '='",
    "another letter": "UPDATE provisional_code SET replaced_at = now()",
}


@pytest.mark.parametrize("event", STOPS)
@pytest.mark.parametrize("proved", [True, False], ids=["proved", "before"])
async def test_what_happens_to_the_account_meanwhile_stops_it(
    app: Litestar, reader: Browser, event: str, *, proved: bool
) -> None:
    await proves(reader, await desk(app))
    if proved:
        await give_email(reader, FRESH)
    await run(app, STOPS[event])
    if not proved:
        answer = await reader.post("/activer/contact", email=FRESH, mobile="")
        assert answer.headers["location"] == "/activer?fini=1"
    assert (await reader.get(PASSWORD)).headers["location"] == "/retrouver?fini=1"


async def test_nothing_is_lost_by_who_only_begins(app: Litestar, reader: Browser) -> None:
    inside = Browser(app, client_of(app))
    await inside.sign_in(LAURA)
    await proves(reader, await desk(app))
    assert (await inside.get("/documents")).status_code == 200
    async with app.state.sessions.begin() as db:
        assert await db.scalar(select(func.count()).select_from(Passkey)) == 0
        assert await db.scalar(select(func.count()).select_from(BrowserSession)) == 1
