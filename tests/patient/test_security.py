"""Sécurité et appareils, and « ce n’est pas moi »."""

import re
from datetime import timedelta

import pytest
from httpx import Response
from litestar import Litestar
from sqlalchemy import select, update

from backend.demo.people import JULIE, KARIM, LAURA
from backend.services import credentials
from backend.services.accounts import contact
from backend.storage.accounts import Account, CredentialChange
from backend.storage.db import utcnow
from tests.fixtures import twins as promised
from tests.fixtures.application import client_of
from tests.newcomers import PASSWORD, give_email, prove
from tests.pages import Browser, text_of
from tests.patient.changing import run
from tests.patient.test_activation import give_code
from tests.patient.test_confirm import actor_of, later
from tests.twins import World

NEW = "quatre-mots-que-rien-ne-lie-88"
PAGE = "/compte/securite"


async def another(app: Litestar) -> Browser:
    """Laura’s other browser."""
    browser = Browser(app, client_of(app))
    await browser.sign_in(LAURA)
    return browser


async def changes_password(reader: Browser, old: str, new: str) -> Response:
    await reader.get(f"{PAGE}/mot-de-passe")
    return await reader.post(f"{PAGE}/mot-de-passe", ancien=old, nouveau=new)


async def link(reader: Browser, to: str) -> str:
    """The newest link that undoes a change, in what was sent to this address."""
    for message in await letters(reader, to):
        if found := re.search(r"/annuler/\S+", message):
            return found[0]
    raise AssertionError("no link")


async def letters(reader: Browser, to: str) -> list[str]:
    await settled(reader)
    return [m.text for m in reader.app.state.outside.inbox.messages() if m.to == to]


async def settled(reader: Browser) -> None:
    await promised.settled(World(reader.app))


async def test_the_page_says_how_one_comes_in(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    said = text_of(await reader.get(PAGE))
    for words in (LAURA.identifier, LAURA.email, "06 39 98", "Cet appareil", "aujourd’hui"):
        assert words in said


async def test_another_browser_is_made_to_leave(reader: Browser, app: Litestar) -> None:
    await reader.sign_in(LAURA)
    other = await another(app)
    page = await reader.get(PAGE)
    (found,) = re.findall(r'name="seance" value="([^"]+)"', page.text)
    answer = await reader.post(f"{PAGE}/appareil", seance=found)
    assert answer.headers["location"] == f"{PAGE}?fait=appareil"
    assert (await other.get("/documents")).headers["location"] == "/connexion"
    assert (await reader.get("/documents")).status_code == 200


async def test_all_the_others_leave_at_once(reader: Browser, app: Litestar) -> None:
    await reader.sign_in(LAURA)
    other = await another(app)
    assert "Déconnecter les autres" in text_of(await reader.get(PAGE))
    await reader.post(f"{PAGE}/appareils")
    assert (await other.get("/documents")).headers["location"] == "/connexion"
    assert "Déconnecter les autres" not in text_of(await reader.get(PAGE))


async def test_somebody_else_s_browser_does_not_exist(reader: Browser, app: Litestar) -> None:
    other = Browser(app, client_of(app))
    await other.sign_in(KARIM)
    session = (await actor_of(other)).session_id
    await reader.sign_in(LAURA)
    await reader.get(PAGE)
    await reader.post(f"{PAGE}/appareil", seance=str(session))
    assert (await other.get("/documents")).status_code == 200
    assert (await reader.post(f"{PAGE}/appareil", seance="rien")).status_code == 404


async def test_a_new_password_sends_the_others_away_and_tells_every_channel(
    reader: Browser, app: Litestar
) -> None:
    await reader.sign_in(LAURA)
    other = await another(app)
    answer = await changes_password(reader, LAURA.password, NEW)
    assert answer.headers["location"] == f"{PAGE}?fait=mot-de-passe"
    assert "est changé" in text_of(await reader.get(answer.headers["location"]))
    assert (await other.get("/documents")).headers["location"] == "/connexion"
    for to in (LAURA.email, LAURA.phone):
        assert "ot de passe a été changé" in (await letters(reader, to))[0]
    first = await other.post(
        "/connexion", identifiant=LAURA.identifier, mot_de_passe=LAURA.password
    )
    assert first.status_code == 422
    first = await other.post("/connexion", identifiant=LAURA.identifier, mot_de_passe=NEW)
    assert first.headers["location"] == "/connexion/code"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", NEW, "Écrivez votre mot de passe"),
        (LAURA.password, "", "Choisissez un nouveau"),
        ("la-loire-au-petit-matin-84", NEW, "n’est pas le bon"),
        (LAURA.password, "court", "au moins 12"),
        (LAURA.password, "laura.bernard1991", "trop facile"),
        (LAURA.password, "correcthorsebatterystaple", "déjà été volé"),
        (LAURA.password, LAURA.password, "déjà votre mot de passe"),
    ],
)
async def test_what_is_wrong_with_a_new_password_is_said(
    reader: Browser, old: str, new: str, said: str
) -> None:
    await reader.sign_in(LAURA)
    answer = await changes_password(reader, old, new)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert NEW not in answer.text


async def test_changes_ask_for_a_fresh_proof(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await later(reader, minutes=20)
    for path in ("mot-de-passe", "joindre/email", "joindre/mobile"):
        wanted = f"/confirmer?suite={PAGE}/{path}"
        assert (await reader.get(f"{PAGE}/{path}")).headers["location"] == wanted
        answer = await reader.post(f"{PAGE}/{path}", ancien=LAURA.password, nouveau=NEW)
        assert answer.headers["location"] == wanted


async def changes_email(reader: Browser, to: str = "laura.nouvelle@courriel.example") -> Response:
    await later(reader, seconds=31)
    await reader.get(f"{PAGE}/joindre/email")
    answer = await reader.post(f"{PAGE}/joindre/email", email=to)
    assert answer.headers["location"] == f"{PAGE}/preuve", text_of(answer)
    page = await reader.get(f"{PAGE}/preuve")
    assert to in text_of(page)
    await settled(reader)
    return await reader.post(f"{PAGE}/preuve", code=await reader.code())


async def test_a_new_address_counts_when_its_code_came_back(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    answer = await changes_email(reader)
    assert answer.headers["location"] == f"{PAGE}?fait=email"
    assert "laura.nouvelle@courriel.example" in text_of(await reader.get(PAGE))
    old, new = LAURA.email, "laura.nouvelle@courriel.example"
    assert "adresse e-mail a été changée" in (await letters(reader, old))[0]
    assert not any("/annuler/" in text for text in await letters(reader, new))


async def test_a_wrong_code_changes_nothing(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await later(reader, seconds=31)
    await reader.get(f"{PAGE}/joindre/mobile")
    answer = await reader.post(f"{PAGE}/joindre/mobile", mobile="06 39 98 07 77")
    assert answer.headers["location"] == f"{PAGE}/preuve"
    await settled(reader)
    wrong = "000000" if await reader.code() != "000000" else "000001"
    answer = await reader.post(f"{PAGE}/preuve", code=wrong)
    assert "Il vous reste 4 essais" in text_of(answer)
    assert "•• 77" in text_of(answer)
    assert (await reader.post(f"{PAGE}/renvoyer")).status_code == 429
    await later(reader, seconds=31)
    assert "nouveau code est parti" in text_of(await reader.post(f"{PAGE}/renvoyer"))
    assert "07 77" not in text_of(await reader.get(PAGE))


async def test_the_address_of_now_and_a_bad_one_are_refused(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await reader.get(f"{PAGE}/joindre/email")
    answer = await reader.post(f"{PAGE}/joindre/email", email=LAURA.email)
    assert "déjà ainsi" in text_of(answer)
    answer = await reader.post(f"{PAGE}/joindre/email", email="rien")
    assert (answer.status_code, 'value="rien"' in answer.text) == (422, True)
    assert (await reader.get(f"{PAGE}/joindre/pigeon")).status_code == 404
    assert (await reader.get(f"{PAGE}/preuve")).headers["location"] == PAGE


async def test_for_a_day_nothing_else_may_change(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await changes_email(reader)
    answer = await reader.get(f"{PAGE}/joindre/mobile")
    assert (answer.status_code, "attendez demain" in text_of(answer)) == (409, True)
    answer = await reader.post(f"{PAGE}/joindre/mobile", mobile="06 39 98 07 77")
    assert "attendez demain" in text_of(answer)
    async with reader.app.state.sessions.begin() as db:
        account = await db.get_one(Account, (await actor_of(reader)).id)
        assert await credentials.is_cooling(db, account, utcnow())
        day_after = utcnow() + timedelta(hours=24, seconds=1)
        assert not await credentials.is_cooling(db, account, day_after)


async def test_the_link_undoes_the_change_and_locks(reader: Browser, app: Litestar) -> None:
    await reader.sign_in(LAURA)
    await changes_email(reader)
    path, owner = await link(reader, LAURA.email), Browser(app, client_of(app))
    assert await link(reader, LAURA.phone) == path
    shown = await owner.get(path)
    assert "adresse e-mail a été changée" in text_of(shown)
    assert (await reader.get("/documents")).status_code == 200, "opening it undoes nothing"
    answer = await owner.post(path)
    assert "C’est annulé" in text_of(answer)
    assert (await reader.get("/documents")).headers["location"] == "/connexion"
    answer = await owner.post(
        "/connexion", identifiant=LAURA.identifier, mot_de_passe=LAURA.password
    )
    assert answer.status_code == 422, "locked until its person proves who they are"
    assert (await owner.get(path)).status_code == 404
    assert (await owner.post(path)).status_code == 404
    async with app.state.sessions.begin() as db:
        change = (await db.scalars(select(CredentialChange))).one()
        account = await db.get_one(Account, change.account_id)
        assert change.sealed_before is change.sealed_token is None
        assert (await contact(db, account))[0] == LAURA.email


async def test_what_came_after_is_undone_too(reader: Browser, app: Litestar) -> None:
    await reader.sign_in(LAURA)
    mine = select(Account.password_hash).where(Account.id == (await actor_of(reader)).id)
    async with app.state.sessions.begin() as db:
        before = await db.scalar(mine)
    await changes_password(reader, LAURA.password, NEW)
    path = await link(reader, LAURA.email)
    answer = await changes_password(reader, NEW, "cinq-autres-mots-sans-lien-77")
    assert answer.status_code == 303
    owner = Browser(app, client_of(app))
    assert (await owner.get(path)).status_code == 200
    await owner.post(path)
    async with app.state.sessions.begin() as db:
        assert await db.scalar(mine) == before
        left = select(CredentialChange.id).where(CredentialChange.cancelled_at.is_(None))
        assert (await db.scalars(left)).all() == []


async def test_a_link_is_over_after_a_day(reader: Browser, app: Litestar) -> None:
    await reader.sign_in(LAURA)
    await changes_password(reader, LAURA.password, NEW)
    path = await link(reader, LAURA.email)
    async with app.state.sessions.begin() as db:
        await db.execute(update(CredentialChange).values(until=utcnow() - timedelta(seconds=1)))
    owner = Browser(app, client_of(app))
    assert (await owner.get(path)).status_code == 404
    assert (await owner.get("/annuler/inconnu")).status_code == 404
    assert (await reader.get("/documents")).status_code == 200


async def test_a_link_of_before_closing_undoes_nothing_afterwards(
    app: Litestar, reader: Browser
) -> None:
    await reader.sign_in(LAURA)
    await reader.post(f"{PAGE}/joindre/email", email="neuve@courriel.example")
    code = await reader.code(to="neuve@courriel.example")
    await reader.post(f"{PAGE}/preuve", code=code)
    undo = await link(reader, LAURA.email)
    await run(app, "UPDATE credential_change SET at = at - interval '23 hours'")
    await run(app, "UPDATE record SET state = 'ferme' WHERE id IN (SELECT record_id FROM account)")
    await run(app, "UPDATE account SET state = 'ferme'")
    await give_code(app, JULIE, LAURA)
    again = Browser(app, client_of(app))
    await prove(again, LAURA, code=JULIE.code)
    await give_email(again, "nouvelle@courriel.example")
    await again.post("/activer/identifiants", identifiant="laura.revenue", mot_de_passe=PASSWORD)
    other = Browser(app, client_of(app))
    await other.get(undo)
    await other.post(undo)
    assert (await again.get("/documents")).status_code == 200
