import asyncio
from datetime import timedelta

import pytest
from httpx import Response
from litestar import Litestar
from sqlalchemy import update

from backend.access import Action, authorise
from backend.demo.people import KARIM, LAURA
from backend.domain.credentials import Kind
from backend.services.accounts import hash_password
from backend.services.credentials.changes import before_change, note_change
from backend.services.space import hold
from backend.storage.accounts import Challenge
from backend.storage.db import vault_of
from tests.pages import Browser, text_of
from tests.services.test_closure import actor_of

WRONG = "la-loire-au-petit-matin-84"


async def first_step(reader: Browser, identifier: str, password: str) -> Response:
    await reader.get("/connexion")
    return await reader.post("/connexion", identifiant=identifier, mot_de_passe=password)


async def half_way(reader: Browser) -> None:
    answer = await first_step(reader, LAURA.identifier, LAURA.password)
    assert answer.headers["location"] == "/connexion/code"


async def wrong_code(reader: Browser) -> str:
    return "000000" if await reader.code() != "000000" else "000001"


async def test_laura_signs_in_in_two_steps(reader: Browser) -> None:
    await half_way(reader)
    page = await reader.get("/connexion/code")
    assert "e-mail" in text_of(page)
    answer = await reader.post("/connexion/code", code=await reader.code())
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_a_code_may_be_typed_with_blanks(reader: Browser) -> None:
    await half_way(reader)
    code = await reader.code()
    answer = await reader.post("/connexion/code", code=f" {code[:3]} {code[3:]} ")
    assert answer.headers["location"] == "/"


async def test_what_is_missing_is_said_and_what_was_typed_is_kept(reader: Browser) -> None:
    answer = await first_step(reader, "", "")
    assert answer.status_code == 422
    assert "Écrivez votre identifiant." in text_of(answer)
    assert "Écrivez votre mot de passe." in text_of(answer)
    answer = await first_step(reader, "laura.bernard", "")
    assert 'value="laura.bernard"' in answer.text


async def test_a_wrong_password_and_an_unknown_person_read_the_same(reader: Browser) -> None:
    wrong = await first_step(reader, LAURA.identifier, WRONG)
    unknown = await first_step(reader, "nobody.at-all", WRONG)
    assert wrong.status_code == unknown.status_code == 422
    assert text_of(wrong) == text_of(unknown)
    assert WRONG not in wrong.text
    assert wrong.text.replace(LAURA.identifier, "nobody.at-all") == unknown.text
    assert "set-cookie" not in wrong.headers


async def test_too_many_passwords_are_told_when_to_come_back(reader: Browser) -> None:
    for _ in range(5):
        await first_step(reader, LAURA.identifier, WRONG)
    answer = await first_step(reader, LAURA.identifier, LAURA.password)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 60
    assert "Réessayez dans 3 minutes" in text_of(answer)


async def test_a_wrong_code_is_kept_and_the_tries_are_counted(reader: Browser) -> None:
    await half_way(reader)
    wrong = await wrong_code(reader)
    answer = await reader.post("/connexion/code", code=wrong)
    assert answer.status_code == 422
    assert "Il vous reste 4 essais" in text_of(answer)
    assert f'value="{wrong}"' in answer.text
    answer = await reader.post("/connexion/code", code="12345")
    assert "6 chiffres" in text_of(answer)
    answer = await reader.post("/connexion/code", code=wrong)
    assert "Il vous reste 3 essais" in text_of(answer)


async def test_another_code_is_not_sent_at_once(reader: Browser) -> None:
    await half_way(reader)
    answer = await reader.post("/connexion/renvoyer")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 30
    assert "Un code vient de partir" in text_of(answer)


async def test_another_code_may_come_by_sms(reader: Browser) -> None:
    await half_way(reader)
    first = await reader.code()
    async with reader.app.state.sessions.begin() as db:
        past = Challenge.created_at - timedelta(seconds=31)
        await db.execute(update(Challenge).values(created_at=past))
    answer = await reader.post("/connexion/renvoyer", canal="autre")
    assert answer.status_code == 200
    assert "Un nouveau code est parti par SMS" in text_of(answer)
    assert "Recevoir le code par e-mail" in text_of(answer)
    answer = await reader.post("/connexion/code", code=first)
    assert answer.status_code == 422


async def test_the_last_line_of_a_text_binds_its_code_to_our_address(reader: Browser) -> None:
    """« @host #code »: the telephone offers it to our pages and to no other (WICG)."""
    await half_way(reader)
    async with reader.app.state.sessions.begin() as db:
        past = Challenge.created_at - timedelta(seconds=31)
        await db.execute(update(Challenge).values(created_at=past))
    before = len(reader.app.state.outside.inbox.messages())
    await reader.post("/connexion/renvoyer", canal="autre")
    code = await reader.code(before, to=LAURA.phone)
    (text,) = (m for m in reader.app.state.outside.inbox.messages() if m.to == LAURA.phone)
    assert text.channel == "sms"
    assert text.text.splitlines()[-1] == f"@127.0.0.1 #{code}"
    assert 'autocomplete="one-time-code"' in (await reader.get("/connexion/code")).text


async def test_the_page_of_the_code_is_for_whoever_knows_the_password(reader: Browser) -> None:
    answer = await reader.get("/connexion/code")
    assert (answer.status_code, answer.headers["location"]) == (303, "/connexion")
    answer = await reader.post("/connexion/code", code="123456")
    assert (answer.status_code, answer.headers["location"]) == (303, "/connexion")


async def test_half_way_is_not_in(reader: Browser) -> None:
    await half_way(reader)
    answer = await reader.get("/documents")
    assert (answer.status_code, answer.headers["location"]) == (303, "/connexion")


async def test_signing_in_leads_where_the_person_was_going(reader: Browser) -> None:
    await reader.get("/documents")
    await half_way(reader)
    answer = await reader.post("/connexion/code", code=await reader.code())
    assert answer.headers["location"] == "/documents"


async def test_whoever_is_in_is_not_asked_again(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    answer = await reader.get("/connexion")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_leaving_closes_the_space_and_empties_the_browser(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    before = dict(reader.client.cookies)
    answer = await reader.post("/deconnexion")
    assert (answer.status_code, answer.headers["location"]) == (303, "/connexion")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert "reperes" not in reader.client.cookies
    reader.client.cookies.set("reperes", before["reperes"])  # kept by somebody else
    answer = await reader.get("/documents")
    assert answer.headers["location"] == "/connexion"


async def test_the_cookie_of_the_first_step_is_worth_nothing_after_the_second(
    reader: Browser,
) -> None:
    await half_way(reader)
    first = reader.client.cookies["reperes"]
    await reader.post("/connexion/code", code=await reader.code())
    assert reader.client.cookies["reperes"] != first
    reader.client.cookies.set("reperes", first, domain="127.0.0.1")
    answer = await reader.get("/documents")
    assert answer.headers["location"] == "/connexion"


async def test_two_people_do_not_share_a_browser_by_accident(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    answer = await reader.post(
        "/connexion", identifiant=KARIM.identifier, mot_de_passe=KARIM.password
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/connexion/code")
    answer = await reader.get("/documents")
    assert answer.headers["location"] == "/connexion"


async def test_a_second_click_leaves_one_in(reader: Browser) -> None:
    await reader.get("/connexion")
    before = len(reader.app.state.outside.inbox.messages())
    await reader.post("/connexion", identifiant=LAURA.identifier, mot_de_passe=LAURA.password)
    code = await reader.code(before)
    await asyncio.gather(*(reader.post("/connexion/code", code=code) for _ in range(2)))
    assert (await reader.get("/documents")).status_code == 200


@pytest.mark.parametrize("path", ["/connexion/code", "/connexion/application"])
async def test_after_a_page_between_two_steps_one_lands_at_home(reader: Browser, path: str) -> None:
    assert (await reader.get(path)).headers["location"] == "/connexion"
    before = len(reader.app.state.outside.inbox.messages())
    await reader.post("/connexion", identifiant=LAURA.identifier, mot_de_passe=LAURA.password)
    answer = await reader.post("/connexion/code", code=await reader.code(before))
    assert answer.headers["location"] == "/"


async def test_the_old_password_typed_during_its_change_opens_nothing(
    app: Litestar, reader: Browser
) -> None:
    await reader.get("/connexion")
    actor = await actor_of(app, LAURA)
    async with app.state.sessions.begin() as db:  # the second transaction of a change, slowly
        hashed = await hash_password(vault_of(db), "quatre-mots-que-rien-ne-lie-88")
        space = await hold(db, actor.own_record_id)
        before = await before_change(db, space)
        authorise(db, actor, Action.CHANGE_CREDENTIAL, space.account)
        assert space.account
        space.account.password_hash = hashed
        await note_change(db, space, Kind.PASSWORD, before)
        typing = asyncio.create_task(
            reader.post("/connexion", identifiant=LAURA.identifier, mot_de_passe=LAURA.password)
        )
        await asyncio.sleep(0.7)
    assert (await typing).status_code == 422


@pytest.mark.parametrize("answer", ["[" * 19_000, "{" * 19_000, "null", "[]"])
async def test_no_browser_answers_like_that(reader: Browser, answer: str) -> None:
    await reader.get("/connexion")
    assert (await reader.post("/connexion/cle", reponse=answer)).status_code == 422
