"""Retrouver l’accès: two proofs, never one; and nobody learns whether an account exists."""

import re
from datetime import date

import pytest
from httpx import Response
from litestar import Litestar
from sqlalchemy import select, text

from backend.demo.people import KARIM, LAURA, NADIA, Someone
from backend.services import credentials
from backend.storage.accounts import Account
from backend.storage.db import utcnow
from tests.authenticators import Authenticator
from tests.fixtures.alarm import ALARM
from tests.fixtures.application import client_of
from tests.pages import Browser, text_of
from tests.patient.changing import run
from tests.patient.test_authenticator_app import code_of, offered, with_app
from tests.patient.test_confirm import later
from tests.patient.test_passkeys import adds, enters
from tests.patient.test_security import letters, link, settled

NEW = "quatre-mots-que-rien-ne-lie-88"
NIR, BORN = LAURA.traits.matricule, LAURA.traits.birth_date or date.min


async def begins(browser: Browser, identifier: str = LAURA.identifier) -> Response:
    await browser.get("/retrouver/mot-de-passe")
    return await browser.post("/retrouver/mot-de-passe", identifiant=identifier)


async def received(browser: Browser, to: str) -> str:
    """The newest code sent to this address."""
    for message in await letters(browser, to):
        if found := re.search(r"\b(\d{3}) ?(\d{3})\b", message):
            return found[1] + found[2]
    raise AssertionError("no code")


async def proves(browser: Browser, **given: str) -> Response:
    page = await browser.get("/retrouver/codes")
    assert page.status_code == 200
    fields = dict.fromkeys(("code_email", "code_sms", "code_application", "code_courrier"), "")
    return await browser.post("/retrouver/codes", **(fields | given))


async def both(browser: Browser) -> dict[str, str]:
    return {
        "code_email": await received(browser, LAURA.email),
        "code_sms": await received(browser, LAURA.phone),
    }


async def chooses(browser: Browser, password: str = NEW) -> Response:
    assert (await browser.get("/retrouver/nouveau")).status_code == 200
    return await browser.post("/retrouver/nouveau", mot_de_passe=password)


async def signs_in(browser: Browser, password: str) -> Response:
    await browser.get("/connexion")
    return await browser.post("/connexion", identifiant=LAURA.identifier, mot_de_passe=password)


async def test_two_codes_then_a_new_password(reader: Browser, app: Litestar) -> None:
    inside = Browser(app, client_of(app))
    await inside.sign_in(LAURA)
    assert (await begins(reader)).headers["location"] == "/retrouver/codes"
    answer = await proves(reader, **await both(reader))
    assert answer.headers["location"] == "/retrouver/nouveau"
    assert "trop facile" in text_of(await chooses(reader, "laura.bernard1991"))
    assert "déjà été volé" in text_of(await chooses(reader, "correcthorsebatterystaple"))
    done = await chooses(reader)
    assert "C’est fait" in text_of(done)
    assert (await inside.get("/documents")).headers["location"] == "/connexion"
    assert (await reader.get("/documents")).headers["location"] == "/connexion", "not signed in"
    assert (await signs_in(reader, LAURA.password)).status_code == 422
    await later(reader, hours=1)
    assert (await signs_in(reader, NEW)).headers["location"] == "/connexion/code"
    for to in (LAURA.email, LAURA.phone):
        assert any("oublié a été remplacé" in message for message in await letters(reader, to))
    async with app.state.sessions.begin() as db:
        account = (await db.scalars(select(Account).where(Account.password_hash != ""))).all()
        cooling = [await credentials.is_cooling(db, one, utcnow()) for one in account]
        assert sum(cooling) == 1


@pytest.mark.parametrize("left_out", ["code_email", "code_sms"])
async def test_one_proof_is_not_enough(reader: Browser, left_out: str) -> None:
    await begins(reader)
    given = await both(reader) | {left_out: ""}
    answer = await proves(reader, **given)
    assert (answer.status_code, "Entrez deux codes" in text_of(answer)) == (422, True)
    wrong = "000000" if given["code_email"] != "000000" else "000001"
    answer = await proves(reader, **(given | {left_out: wrong}))
    assert "ne conviennent pas" in text_of(answer)
    assert (await reader.get("/retrouver/nouveau")).headers["location"] == "/retrouver?fini=1"


async def test_a_right_code_is_not_used_up_by_a_wrong_one(reader: Browser) -> None:
    await begins(reader)
    given = await both(reader)
    wrong = "000000" if given["code_sms"] != "000000" else "000001"
    assert (await proves(reader, **(given | {"code_sms": wrong}))).status_code == 422
    await reader.get("/retrouver/mot-de-passe")
    await reader.client.get("/retrouver/codes")
    answer = await proves(reader, **given)
    assert answer.headers["location"] == "/retrouver/nouveau"


async def test_the_same_code_twice_is_one_proof(reader: Browser) -> None:
    await begins(reader)
    given = await both(reader)
    code = given["code_email"]
    answer = await proves(reader, code_email=code, code_sms=code)
    assert answer.status_code == 422


async def test_an_application_replaces_one_of_them(reader: Browser, app: Litestar) -> None:
    secret, other = await with_app(reader), Browser(app, client_of(app))
    await later(reader, hours=1)
    await run(app, "UPDATE credential_change SET until = now()")
    await begins(other)
    code = await received(other, LAURA.email)
    answer = await proves(other, code_email=code, code_application=await code_of(secret))
    assert answer.headers["location"] == "/retrouver/nouveau"
    await chooses(other)
    await later(reader, hours=1)
    assert (await signs_in(other, NEW)).headers["location"] == "/connexion/application"


async def test_what_was_not_proved_is_forgotten(reader: Browser, app: Litestar) -> None:
    await with_app(reader)
    phone = Authenticator()
    await adds(reader, phone)
    await later(reader, hours=1)
    other = Browser(app, client_of(app))
    await begins(other)
    await proves(other, **await both(other))
    await chooses(other)
    await later(reader, hours=1)
    assert (await signs_in(other, NEW)).headers["location"] == "/connexion/code"
    assert (await enters(other, phone)).status_code == 422


async def test_the_link_of_a_recovery_undoes_it(reader: Browser, app: Litestar) -> None:
    await begins(reader)
    await proves(reader, **await both(reader))
    await chooses(reader)
    owner, undo = Browser(app, client_of(app)), await link(reader, LAURA.email)
    await owner.get(undo)
    assert (await owner.post(undo)).status_code == 200
    await later(reader, hours=1)
    assert (await signs_in(reader, NEW)).status_code == 422
    await begins(owner)
    answer = await proves(owner, **await both(owner))
    assert answer.headers["location"] == "/retrouver/nouveau", "the way back of a locked account"
    await chooses(owner, "cinq-autres-mots-sans-lien-77")
    await later(reader, hours=1)
    answer = await signs_in(owner, "cinq-autres-mots-sans-lien-77")
    assert answer.headers["location"] == "/connexion/code"


def same(one: Response, other: Response) -> bool:
    def told(answer: Response) -> tuple[object, ...]:
        hide = re.compile(r'(_csrf_token" value=")[^"]*')
        kept = {n: v for n, v in answer.headers.items() if n not in {"set-cookie", "x-request-id"}}
        names = sorted(re.findall(r"(\w+)=", answer.headers.get("set-cookie", "")))
        return answer.status_code, kept, names, hide.sub(r"\1", answer.text)

    return told(one) == told(other)


async def test_nobody_learns_whether_an_account_exists(reader: Browser, app: Litestar) -> None:
    other = Browser(app, client_of(app))
    assert same(await begins(reader), await begins(other, "personne.du-tout"))
    assert same(await reader.get("/retrouver/codes"), await other.get("/retrouver/codes"))
    wrong = {"code_email": "000000", "code_sms": "000001"}
    for _ in range(6):
        assert same(await proves(reader, **wrong), await proves(other, **wrong))
    assert (await proves(other, **wrong)).status_code == 429
    await later(reader, hours=1)
    for browser in (reader, other):
        await browser.get("/retrouver/identifiant")
    with ALARM.on_purpose() as rung:
        one = await reader.post("/retrouver/identifiant", numero=NIR, naissance=f"{BORN:%d/%m/%Y}")
        await settled(reader)
    assert {channel for channel, _ in rung} == {"letter"}
    two = await other.post("/retrouver/identifiant", numero=NIR, naissance="01/01/1990")
    assert same(one, two)


async def test_an_identifier_leaves_for_its_holder(reader: Browser) -> None:
    await reader.get("/retrouver/identifiant")
    typed = {"numero": NIR, "naissance": f"{BORN:%d/%m/%Y}"}
    with ALARM.on_purpose() as rung:
        answer = await reader.post("/retrouver/identifiant", **typed)
        assert LAURA.identifier in (await letters(reader, LAURA.email))[0]
    assert {channel for channel, _ in rung} == {"letter"}, "to its holder, and nowhere else"
    assert "Si un compte existe" in text_of(answer)
    assert LAURA.identifier not in answer.text
    answer = await reader.post("/retrouver/identifiant", numero="12", naissance="hier")
    assert (answer.status_code, 'value="hier"' in answer.text) == (422, True)
    typed["naissance"] = "01/01/1990"
    statuses = [(await reader.post("/retrouver/identifiant", **typed)).status_code for _ in "12"]
    assert statuses == [200, 429], "twice in twelve hours"


async def test_a_wrong_birth_date_sends_nothing(reader: Browser) -> None:
    await reader.get("/retrouver/identifiant")
    await reader.post("/retrouver/identifiant", numero=NIR, naissance="01/01/1990")
    await settled(reader)
    assert not reader.app.state.outside.inbox.messages()


@pytest.mark.parametrize("state", ["ferme", "oppose", "decede", "suspendu"])
async def test_a_space_that_has_ended_is_not_recovered(
    reader: Browser, app: Litestar, state: str
) -> None:
    async with app.state.sessions.begin() as db:
        await db.execute(text("UPDATE record SET state = :state"), {"state": state})
    assert (await begins(reader)).headers["location"] == "/retrouver/codes"
    await settled(reader)
    assert not app.state.outside.inbox.messages()


async def test_the_token_of_one_way_is_nothing_on_another(reader: Browser) -> None:
    await begins(reader)
    token = reader.client.cookies["retrouver"]
    reader.client.cookies.set("parcours", token, domain="127.0.0.1")
    assert (await reader.get("/activer/verifier")).headers["location"] == "/activer?fini=1"
    await begins(reader, KARIM.identifier)
    assert reader.client.cookies["retrouver"] != token
    assert (await reader.get("/retrouver")).status_code == 200
    reader.client.cookies.clear()
    for path in ("codes", "nouveau"):
        answer = await reader.get(f"/retrouver/{path}")
        assert answer.headers["location"] == "/retrouver?fini=1"
    assert "tout effacé" in text_of(await reader.get("/retrouver?fini=1"))


# --- what strangers and thieves may not do with it


async def test_a_stranger_who_guesses_keeps_nobody_out(app: Litestar, reader: Browser) -> None:
    stranger = Browser(app, client_of(app))
    for _ in range(2):
        await begins(stranger)
        for n in range(5):
            await proves(stranger, code_email=f"00000{n}", code_sms=f"00000{n}")
    await later(reader, hours=1)
    assert (await signs_in(reader, LAURA.password)).headers["location"] == "/connexion/code"
    code = await received(reader, LAURA.email)
    assert (await reader.post("/connexion/code", code=code)).status_code == 303


async def test_what_was_added_within_a_day_proves_nothing(app: Litestar, reader: Browser) -> None:
    """An open browser, ten minutes after its person signed in, is no way to their password."""
    await reader.sign_in(LAURA)
    secret = await offered(reader)
    await reader.post("/compte/securite/application", code=await code_of(secret, -1))
    refused = await reader.post("/compte/securite/joindre/email", email="voleur@mal.example")
    assert "24 heures" in text_of(refused)
    thief = Browser(app, client_of(app))
    await begins(thief)
    email = await received(thief, LAURA.email)
    answer = await proves(thief, code_email=email, code_application=await code_of(secret))
    assert (answer.status_code, "ne conviennent pas" in text_of(answer)) == (422, True)


async def test_no_code_leaves_for_an_address_of_today(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await reader.post("/compte/securite/joindre/email", email="neuve@courriel.example")
    code = await reader.code(to="neuve@courriel.example")
    assert (await reader.post("/compte/securite/preuve", code=code)).status_code == 303
    before = len(await letters(reader, "neuve@courriel.example"))
    thief = Browser(app, client_of(app))
    assert (await begins(thief)).headers["location"] == "/retrouver/codes"
    assert len(await letters(reader, "neuve@courriel.example")) == before


@pytest.mark.parametrize("how", ["email", "app"])
async def test_a_change_stops_a_proved_recovery(app: Litestar, reader: Browser, how: str) -> None:
    await reader.sign_in(LAURA)
    stranger = Browser(app, client_of(app))
    await begins(stranger)
    answer = await proves(stranger, **await both(stranger))
    assert answer.headers["location"] == "/retrouver/nouveau"
    if how == "email":
        await reader.post("/compte/securite/joindre/email", email="neuve@courriel.example")
        code = await reader.code(to="neuve@courriel.example")
        await reader.post("/compte/securite/preuve", code=code)
    else:
        secret = await offered(reader)
        await reader.post("/compte/securite/application", code=await code_of(secret, -1))
    answer = await stranger.post("/retrouver/nouveau", mot_de_passe=NEW)
    assert answer.headers["location"] == "/retrouver?fini=1"


# --- a letter


async def by_post(browser: Browser, someone: Someone = NADIA) -> str:
    """The provisional code of the newest letter, asked for without signing in."""
    await browser.get("/activer/nouveau-code")
    await browser.post(
        "/activer/nouveau-code",
        numero=someone.traits.matricule,
        carte=someone.vitale,
        canal="letter",
    )
    await settled(browser)
    for message in browser.app.state.outside.inbox.messages():
        if found := re.search(r"\b[2-9A-Z]{4} [2-9A-Z]{4} [2-9A-Z]{4}\b", message.text):
            return found[0]
    raise AssertionError("no letter")


async def test_a_letter_is_one_of_the_two_proofs(app: Litestar, reader: Browser) -> None:
    """Who has lost one channel: the other one, and a code by post."""
    await run(app, "UPDATE account SET sealed_phone = NULL, phone_verified_at = NULL")
    letter = await by_post(reader)
    await begins(reader, NADIA.identifier)
    alone = await proves(reader, code_courrier=letter)
    assert "Entrez deux codes" in text_of(alone)
    email = await received(reader, NADIA.email)
    answer = await proves(reader, code_email=email, code_courrier=letter)
    assert answer.headers["location"] == "/retrouver/nouveau"
    assert "C’est fait" in text_of(await chooses(reader))
    again = Browser(app, client_of(app))
    await later(reader, hours=1)
    await begins(again, NADIA.identifier)
    email = await received(again, NADIA.email)
    answer = await proves(again, code_email=email, code_courrier=letter)
    assert "ne conviennent pas" in text_of(answer), "it served once"


async def test_guesses_of_a_letter_are_counted(app: Litestar, reader: Browser) -> None:
    letter = await by_post(reader)
    for n in range(5):
        await begins(reader, NADIA.identifier)
        email = await received(reader, NADIA.email)
        wrong = f"ABCD EFGH 234{n + 2}"
        answer = await proves(reader, code_email=email, code_courrier=wrong)
        assert "ne conviennent pas" in text_of(answer)
        await run(app, "DELETE FROM rate_limit")
    await begins(reader, NADIA.identifier)
    email = await received(reader, NADIA.email)
    answer = await proves(reader, code_email=email, code_courrier=letter)
    assert answer.status_code == 422


async def test_somebody_elses_letter_proves_nothing(app: Litestar, reader: Browser) -> None:
    letter = await by_post(reader)
    await begins(reader)
    email = await received(reader, LAURA.email)
    answer = await proves(reader, code_email=email, code_courrier=letter)
    assert "ne conviennent pas" in text_of(answer)
