"""« Fermer mon espace », page by page."""

import pytest
from litestar import Litestar

from backend.demo.people import JULIE, LAURA
from backend.storage.db import utcnow
from tests.fixtures.application import client_of
from tests.newcomers import PASSWORD, give_email, prove
from tests.pages import Browser, text_of
from tests.patient.changing import record_of, run
from tests.patient.test_activation import give_code, place

CLOSE, CONFIRM = "/compte/fermer", "/compte/fermer/confirmer"
CODE = (JULIE, LAURA)
"""Whose letter becomes whose."""


async def test_laura_closes_her_space_and_is_out(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    page = text_of(await reader.get(CLOSE))
    for fact in ("10 ans", "effacés dès le", "Rien ne change pour vos soins", "rouvrir"):
        assert fact in page
    answer = await reader.post(CLOSE, choix="garder")
    assert place(answer) == f"{CONFIRM}?choix=garder"
    assert "Laura Bernard" in text_of(await reader.get(place(answer)))
    answer = await reader.post(CONFIRM, choix="garder")
    assert place(answer) == "/ferme?choix=garder"
    assert "C’est fermé" in text_of(await reader.get(place(answer)))
    assert (await record_of(app, LAURA)).state == "ferme"
    assert place(await reader.get("/")).startswith("/connexion")


async def test_erasing_is_chosen_and_said_twice(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    answer = await reader.post(CLOSE, choix="effacer")
    assert "Effacés pour toujours" in text_of(await reader.get(place(answer)))
    await reader.post(CONFIRM, choix="effacer")
    record = await record_of(app, LAURA)
    assert record.erasure_asked
    assert 28 <= (record.erase_on - utcnow().date()).days <= 31


@pytest.mark.parametrize("choice", ["", "peut-être"])
async def test_a_choice_is_needed(app: Litestar, reader: Browser, choice: str) -> None:
    await reader.sign_in(LAURA)
    answer = await reader.post(CLOSE, choix=choice)
    assert answer.status_code == 422
    assert "Choisissez l’une des deux réponses." in text_of(answer)
    assert place(await reader.post(CONFIRM, choix=choice)) == CLOSE
    assert (await record_of(app, LAURA)).state == "actif"


async def test_an_old_proof_is_asked_for_again(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await run(app, "UPDATE browser_session SET stepped_up_at = now() - interval '1 hour'")
    for answer in (
        await reader.get(f"{CONFIRM}?choix=effacer"),
        await reader.post(CONFIRM, choix="effacer"),
    ):
        assert answer.status_code == 303
        assert place(answer).startswith("/confirmer?suite=/compte/fermer/confirmer")
    assert (await record_of(app, LAURA)).state == "actif"


async def test_every_browser_leaves(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    other = Browser(app, client_of(app))
    await other.sign_in(LAURA)
    await reader.post(CONFIRM, choix="garder")
    assert place(await other.get("/")).startswith("/connexion")


async def test_she_comes_back_and_finds_everything(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    before = await record_of(app, LAURA)
    await run(app, "UPDATE record SET mask_all = true WHERE id = :id", id=before.id)
    await reader.post(CONFIRM, choix="effacer")
    await give_code(app, *CODE)
    again = Browser(app, client_of(app))
    assert place(await prove(again, LAURA, code=CODE[0].code)) == "/activer/contact"
    await give_email(again, "laura@courriel.example")
    answer = await again.post(
        "/activer/identifiants", identifiant=LAURA.identifier, mot_de_passe=PASSWORD
    )
    assert place(answer) == "/bienvenue"
    after = await record_of(app, LAURA)
    assert (after.state, after.erase_on, after.erasure_asked) == ("actif", None, False)
    assert (after.mask_all, after.wrapped_key) == (True, before.wrapped_key)


async def test_a_day_after_a_change_of_password_closing_waits(
    app: Litestar, reader: Browser
) -> None:
    await reader.sign_in(LAURA)
    await run(
        app,
        "INSERT INTO credential_change (id, account_id, kind, at, until, token_hash) "
        "SELECT gen_random_uuid(), id, 'password', now(), now() + interval '1 day', uuid_send(id) "
        "FROM account",
    )
    asked = await reader.get(f"{CONFIRM}?choix=effacer")
    forced = await reader.post(CONFIRM, choix="effacer")
    assert (asked.status_code, forced.status_code) == (422, 409)
    assert "moins de 24 heures" in text_of(asked)
    assert "moins de 24 heures" in text_of(forced)
    assert (await record_of(app, LAURA)).state == "actif"
