"""« Fermer mon espace », page by page."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import pytest
from litestar import Litestar

from backend.demo.people import JULIE, KARIM, LAURA, LEA, NADIA, NOE
from backend.demo.reports import DemoDeposit
from backend.domain.calendar import civil_day
from backend.storage.db import utcnow
from tests.fixtures.application import client_of
from tests.fixtures.twins import settled
from tests.newcomers import PASSWORD, give_email, prove
from tests.pages import Browser, text_of
from tests.patient.changing import change, record_of, run
from tests.patient.test_activation import give_code, place
from tests.patient.test_caregivers import report_of
from tests.patient.test_masking import FIRST, seen_by_her_doctor
from tests.patient.test_profiles import answer as answer_invitation
from tests.patient.test_profiles import choose, file_for, invited, open_as
from tests.twins import World

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
    assert 28 <= (record.erase_on - civil_day(utcnow())).days <= 31


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


async def test_who_was_kept_from_what_still_is_after_coming_back(
    app: Litestar, reports: Mapping[str, DemoDeposit], reader: Browser
) -> None:
    """One document of two is masked, one doctor of two is blocked."""
    doctor, blocked = UUID(int=77), UUID(int=78)
    for name in (FIRST, "laura-tilleuls-v1"):
        await file_for(app, reports, name)
    await reader.sign_in(LAURA)
    await reader.post(f"{await report_of(reader)}/visibilite", choix="masquer")
    assert [await seen_by_her_doctor(app, one) for one in (doctor, blocked)] == [1, 1]
    await run(app, "UPDATE care_link SET blocked = true WHERE id = :id", id=blocked)
    before = [await seen_by_her_doctor(app, one) for one in (doctor, blocked)]
    assert before == [1, 0]
    await reader.post(CONFIRM, choix="garder")
    assert [await seen_by_her_doctor(app, one) for one in (doctor, blocked)] == [0, 0]
    await give_code(app, *CODE)
    again = Browser(app, client_of(app))
    await prove(again, LAURA, code=CODE[0].code)
    await give_email(again, "laura@courriel.example")
    await again.post("/activer/identifiants", identifiant=LAURA.identifier, mot_de_passe=PASSWORD)
    assert [await seen_by_her_doctor(app, one) for one in (doctor, blocked)] == before
    page = text_of(await again.get("/documents"))
    assert page.count("Masqué aux professionnels") == 1


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


# --- a form is about the record that its page showed


async def test_a_page_about_a_child_never_closes_ones_own_space(app: Litestar) -> None:
    """Another tab, a sharing that ends, a birthday: between the page and the click."""
    for between in ("tab", "birthday", "end"):
        karim = await open_as(app, KARIM, NOE)
        about = await karim.about(f"{CONFIRM}?choix=effacer")
        if between == "tab":
            await choose(karim, KARIM)
        elif between == "birthday":
            await change(app, await record_of(app, NOE), minor_until=civil_day(utcnow()))
        else:
            await run(app, "UPDATE guardianship SET revoked_at = now()")
        answer = await karim.post(CONFIRM, choix="effacer", **about)
        assert answer.status_code == 409
        assert "changé de profil" in text_of(answer)
        assert (await record_of(app, KARIM)).state == "actif"
        await change(app, await record_of(app, NOE), minor_until=date(2028, 1, 25))
        await run(app, "DELETE FROM rate_limit")


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/compte/fermer", {"choix": "garder"}),
        (CONFIRM, {"choix": "garder"}),
        ("/compte/donnees", {}),
        ("/profils/partage", {}),
        ("/profils/partage/retirer", {"id": str(UUID(int=1))}),
        ("/profils/partage/arreter", {"id": str(UUID(int=1))}),
    ],
)
async def test_a_form_says_whose_record_it_is_about(
    app: Litestar, path: str, fields: dict[str, str]
) -> None:
    karim = await open_as(app, KARIM, LEA)
    noe = await record_of(app, NOE)
    for sent in ("", str(noe.id)):
        assert (await karim.post(path, profil=sent, **fields)).status_code == 409


async def test_the_second_parent_closes_nothing(app: Litestar) -> None:
    await invited(app)
    nadia = await open_as(app, NADIA)
    await answer_invitation(nadia, "accepter")
    await choose(nadia, LEA)
    assert "Fermer" not in text_of(await nadia.get("/compte"))
    assert (await nadia.get("/compte/fermer")).status_code == 404
    lea = await record_of(app, LEA)
    answer = await nadia.post(CONFIRM, choix="effacer", profil=str(lea.id))
    assert answer.status_code == 404
    assert (await record_of(app, LEA)).state == "actif"


async def test_both_parents_are_told_that_a_profile_is_closed(app: Litestar) -> None:
    karim = await invited(app)
    nadia = await open_as(app, NADIA)
    await answer_invitation(nadia, "accepter")
    await karim.post(CONFIRM, choix="effacer")
    await settled(World(app))
    told = [m for m in app.state.outside.inbox.messages() if "sera effacé" in m.subject]
    assert {m.to for m in told} == {KARIM.email, NADIA.email}
    assert "Votre espace" not in told[0].subject
