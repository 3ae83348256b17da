"""Passkeys: added, entered by, refused when anything is not as it should be, removed."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from httpx import Response
from litestar import Litestar
from sqlalchemy import select, text, update

from backend.demo.people import KARIM, LAURA
from backend.storage.accounts import BrowserSession, Ceremony, Passkey
from backend.storage.db import utcnow
from backend.storage.traces import Trace
from tests.authenticators import PRESENT, Authenticator
from tests.fixtures.application import client_of
from tests.pages import Browser, text_of
from tests.patient.test_confirm import fresh, later
from tests.patient.test_security import letters, link

KEYS = "/compte/securite/cles"


async def adds(reader: Browser, phone: Authenticator) -> Response:
    await reader.get(KEYS)
    options = await reader.post(f"{KEYS}/defi")
    assert options.status_code == 200, options.text
    return await reader.post(KEYS, reponse=phone.make(options.text))


async def with_key(reader: Browser) -> Authenticator:
    phone = Authenticator()
    await reader.sign_in(LAURA)
    answer = await adds(reader, phone)
    assert answer.headers["location"] == "/compte/securite?fait=cle"
    return phone


async def asked(browser: Browser) -> str:
    await browser.get("/connexion")
    return (await browser.post("/connexion/cle/defi")).text


async def enters(browser: Browser, phone: Authenticator) -> Response:
    return await browser.post("/connexion/cle", reponse=phone.sign(await asked(browser)))


async def test_a_passkey_is_both_steps(reader: Browser, app: Litestar) -> None:
    phone, other = await with_key(reader), Browser(app, client_of(app))
    answer = await enters(other, phone)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await other.get("/documents")).status_code == 200
    async with app.state.sessions.begin() as db:
        means = select(BrowserSession.means).order_by(BrowserSession.created_at.desc())
        assert await db.scalar(means) == "passkey"
        assert await db.scalar(select(Passkey.used_at)) is not None
    said = " ".join(await letters(reader, LAURA.email))
    assert "clé d’accès a été ajoutée" in said
    assert "appareil que nous ne" in said


async def test_what_the_browser_is_asked(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await reader.get(KEYS)
    made = json.loads((await reader.post(f"{KEYS}/defi")).text)
    assert made["rp"] == {"id": "127.0.0.1", "name": "Repères"}
    chosen = made["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"]) == ("required", "required")
    assert made["attestation"] == "none"
    used = json.loads(await asked(reader))
    assert used["userVerification"] == "required"
    assert used["allowCredentials"] == [], "it does not tell who has a passkey"


FORGED = {
    "not verified": {"flags": PRESENT},
    "made for another site": {"site": "mal.example"},
    "shown by another page": {"origin": "https://mal.example"},
    "of somebody else": {"handle": b"0123456789abcdef"},
    "unknown": {"id": b"z" * 32},
}


@pytest.mark.parametrize("what", FORGED)
async def test_a_forged_answer_opens_nothing(reader: Browser, app: Litestar, what: str) -> None:
    phone, other = await with_key(reader), Browser(app, client_of(app))
    answer = await enters(other, replace(phone, **FORGED[what]))  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert "n’a pas été reconnue" in text_of(answer)
    assert (await enters(other, phone)).status_code == 303


async def test_another_key_signs_nothing(reader: Browser, app: Litestar) -> None:
    phone, other = await with_key(reader), Browser(app, client_of(app))
    forged = Authenticator(id=phone.id, handle=phone.handle)
    assert (await enters(other, forged)).status_code == 422


@pytest.mark.parametrize("answer", ["", "{}", "[]", "rien", '{"id": 1}', '{"response": null}'])
async def test_what_is_no_answer_is_refused(reader: Browser, app: Litestar, answer: str) -> None:
    await reader.get("/connexion")
    assert (await reader.post("/connexion/cle", reponse=answer)).status_code == 422
    await reader.sign_in(LAURA)
    await reader.get(KEYS)
    refused = await reader.post(KEYS, reponse=answer)
    assert (refused.status_code, "n’a pas pu être ajoutée" in text_of(refused)) == (422, True)


async def test_a_challenge_is_used_once(reader: Browser, app: Litestar) -> None:
    phone, other = await with_key(reader), Browser(app, client_of(app))
    signed = phone.sign(await asked(other))
    assert (await other.post("/connexion/cle", reponse=signed)).status_code == 303
    third = Browser(app, client_of(app))
    await third.get("/connexion")
    assert (await third.post("/connexion/cle", reponse=signed)).status_code == 422


async def test_a_challenge_lasts_five_minutes_and_is_for_its_errand(
    reader: Browser, app: Litestar
) -> None:
    phone, other = await with_key(reader), Browser(app, client_of(app))
    signed = phone.sign(await asked(other))
    async with app.state.sessions.begin() as db:
        await db.execute(update(Ceremony).values(expires_at=utcnow() - timedelta(seconds=1)))
    assert (await other.post("/connexion/cle", reponse=signed)).status_code == 422
    await reader.get("/confirmer")
    for_confirming = (await reader.post("/confirmer/cle/defi")).text
    answer = await other.post("/connexion/cle", reponse=phone.sign(for_confirming))
    assert answer.status_code == 422


async def test_a_counter_that_goes_back_is_a_copy(reader: Browser, app: Litestar) -> None:
    phone, other = await with_key(reader), Browser(app, client_of(app))
    assert (await enters(other, replace(phone, counter=7))).status_code == 303
    third = Browser(app, client_of(app))
    for counter in (7, 3, 0):
        assert (await enters(third, replace(phone, counter=counter))).status_code == 422
    async with app.state.sessions.begin() as db:
        reasons = set(await db.scalars(select(Trace.reason).where(~Trace.allowed)))
        assert "passkey-counter" in reasons
    assert (await enters(third, replace(phone, counter=8))).status_code == 303


@pytest.mark.parametrize("state", ["suspendu", "ferme"])
async def test_a_locked_account_is_not_opened_by_its_passkey(
    reader: Browser, app: Litestar, state: str
) -> None:
    phone, other = await with_key(reader), Browser(app, client_of(app))
    async with app.state.sessions.begin() as db:
        await db.execute(text("UPDATE account SET state = :state"), {"state": state})
    assert (await enters(other, phone)).status_code == 422


async def test_a_passkey_confirms(reader: Browser) -> None:
    phone = await with_key(reader)
    await later(reader, minutes=20)
    await reader.get("/confirmer?suite=/documents")
    options = (await reader.post("/confirmer/cle/defi")).text
    answer = await reader.post("/confirmer/cle", reponse=phone.sign(options), suite="/documents")
    assert answer.headers["location"] == "/documents"
    assert await fresh(reader)
    answer = await reader.post("/confirmer/cle", reponse=phone.sign(options), suite="/documents")
    assert answer.status_code == 422


async def test_a_passkey_is_named_and_removed(reader: Browser, app: Litestar) -> None:
    phone = await with_key(reader)
    (path,) = re.findall(rf'href="({KEYS}/[^"]+)"', (await reader.get(KEYS)).text)
    await reader.get(path)
    assert (await reader.post(path, nom="Mon téléphone")).status_code == 303
    assert "Mon téléphone" in text_of(await reader.get(KEYS))
    assert (await reader.post(path, nom="x" * 41)).status_code == 422
    stranger = Browser(app, client_of(app))
    await stranger.sign_in(KARIM)
    await stranger.get("/documents")
    for where in (path, f"{path}/retirer"):
        assert (await stranger.post(where, nom="à moi")).status_code == 404
    assert (await stranger.get(path)).status_code == 404
    assert (await reader.post(f"{path}/retirer")).status_code == 303
    assert (await enters(Browser(app, client_of(app)), phone)).status_code == 422


async def test_what_was_removed_comes_back_by_the_link(reader: Browser, app: Litestar) -> None:
    phone = await with_key(reader)
    (path,) = re.findall(rf'href="({KEYS}/[^"]+)"', (await reader.get(KEYS)).text)
    await reader.post(f"{path}/retirer")
    owner = Browser(app, client_of(app))
    undo = await link(reader, LAURA.email)
    await owner.get(undo)
    assert (await owner.post(undo)).status_code == 200
    async with app.state.sessions.begin() as db:
        assert (await db.scalars(select(Passkey.credential_id))).all() == [phone.id]


async def test_an_added_key_leaves_by_the_link(reader: Browser, app: Litestar) -> None:
    await with_key(reader)
    owner, undo = Browser(app, client_of(app)), await link(reader, LAURA.email)
    await owner.get(undo)
    await owner.post(undo)
    async with app.state.sessions.begin() as db:
        assert (await db.scalars(select(Passkey))).all() == []


async def test_keys_ask_for_a_fresh_proof(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await later(reader, minutes=20)
    wanted = f"/confirmer?suite={KEYS}"
    assert (await reader.get(KEYS)).headers["location"] == wanted
    await reader.get("/documents")
    for path in (KEYS, f"{KEYS}/defi"):
        assert (await reader.post(path)).headers["location"] == wanted
