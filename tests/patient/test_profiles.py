"""Children's profiles: chosen, opened, shared, and lost on the 18th birthday."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from httpx import Response
from litestar import Litestar

from backend.access.scopes import Moment, records_for
from backend.access.scopes.families import represents
from backend.demo.people import JULIE, KARIM, LAURA, LEA, NADIA, NOE, Someone
from backend.demo.reports import DemoDeposit, write_message
from backend.domain.activation import ERASE_AFTER
from backend.domain.calendar import age_in_words, civil_day, in_months, in_years
from backend.services import closure
from backend.storage.db import utcnow
from backend.storage.records import Guardianship
from backend.storage.sharing import Invitation
from backend.web.french import day
from tests.fixtures.application import client_of
from tests.fixtures.twins import settled
from tests.laboratory import Laboratory
from tests.newcomers import prove
from tests.pages import Browser, text_of
from tests.patient.changing import change, count, record_of, run
from tests.patient.test_activation import give_code, place
from tests.services.test_closure import actor_of, close, erase
from tests.twins import World

PROFILES, SHARE = "/profils", "/profils/partage"


async def open_as(app: Litestar, someone: Someone, child: Someone | None = None) -> Browser:
    """Somebody in their browser, with a child's profile on the screen."""
    browser = Browser(app, client_of(app))
    await browser.sign_in(someone)
    if child:
        assert place(await choose(browser, child)) == "/"
    return browser


async def choose(browser: Browser, someone: Someone) -> Response:
    record = await record_of(browser.app, someone)
    return await browser.post("/profils/choisir", id=str(record.id))


async def file_for(app: Litestar, reports: Mapping[str, DemoDeposit], name: str) -> None:
    sent = reports[name]
    laboratory = Laboratory(client_of(app), sent.laboratory.client_id)
    assert "MSA|AA" in await laboratory.send(write_message(sent))


# --- choosing


async def test_karim_reads_leas_report_and_always_sees_whose_it_is(
    app: Litestar, reports: Mapping[str, DemoDeposit]
) -> None:
    await file_for(app, reports, "lea-bilan-v1")
    karim = await open_as(app, KARIM)
    assert "Léa" not in text_of(await karim.get("/documents"))
    before = karim.client.cookies["reperes"]
    await choose(karim, LEA)
    assert karim.client.cookies["reperes"] != before, "a new token"
    page = text_of(await karim.get("/"))
    assert "Dossier de Lea" in page
    assert "Bilan" in text_of(await karim.get("/documents"))
    await choose(karim, KARIM)
    assert "Bonjour Karim" in text_of(await karim.get("/"))


async def test_only_ones_own_profiles_are_listed_and_may_be_chosen(app: Litestar) -> None:
    nadia = await open_as(app, NADIA)
    assert "Benali" not in text_of(await nadia.get(PROFILES))
    for someone in (LEA, LAURA):
        assert (await choose(nadia, someone)).status_code == 404
    for id_ in (str(uuid4()), "", "rien"):
        assert (await nadia.post("/profils/choisir", id=id_)).status_code == 404
    assert "Bonjour Nadia" in text_of(await nadia.get("/"))


async def test_an_access_that_ends_leads_home_at_the_next_page(app: Litestar) -> None:
    karim = await open_as(app, KARIM, LEA)
    await run(app, "UPDATE guardianship SET revoked_at = now()")
    assert "Bonjour Karim" in text_of(await karim.get("/"))
    await run(app, "UPDATE guardianship SET revoked_at = NULL")
    assert "Bonjour Karim" in text_of(await karim.get("/")), "it does not come back by itself"


@pytest.mark.parametrize("flag", ["hidden_from_guardians", "withheld"])
async def test_what_a_parent_may_not_know_leaves_no_trace(
    app: Litestar, reports: Mapping[str, DemoDeposit], flag: str
) -> None:
    await file_for(app, reports, "noe-depistage-v1")
    await run(app, f"UPDATE document SET {flag} = true")
    karim = await open_as(app, KARIM, NOE)
    for path in ("/", "/documents"):
        page = text_of(await karim.get(path))
        assert "pistage" not in page
        assert "premier compte rendu arrivera ici" in page


# --- opening a child's profile


async def unopened(app: Litestar, child: Someone, parent: Someone, state: str = "ouvert") -> None:
    record, own = await record_of(app, child), await record_of(app, parent)
    await run(app, "DELETE FROM guardianship WHERE record_id = :id", id=record.id)
    await change(app, record, attached_to=own.id, state=state)


@pytest.mark.parametrize("state", ["informe", "ouvert", "oppose", "ferme"])
async def test_the_ouvrant_droit_opens_a_childs_profile(app: Litestar, state: str) -> None:
    await unopened(app, LEA, KARIM, state)
    karim = await open_as(app, KARIM)
    assert "Ouvrir le profil de Lea Benali" in text_of(await karim.get(PROFILES))
    record = await record_of(app, LEA)
    assert place(await karim.post("/profils/ouvrir", id=str(record.id))) == PROFILES
    assert (await record_of(app, LEA)).state == "actif"
    assert place(await choose(karim, LEA)) == "/"


@pytest.mark.parametrize(
    ("child", "parent"), [(LEA, NADIA), (JULIE, KARIM)], ids=["of another", "an adult"]
)
async def test_nobody_else_opens_one(app: Litestar, child: Someone, parent: Someone) -> None:
    await unopened(app, child, parent)
    karim = await open_as(app, KARIM)
    record = await record_of(app, child)
    assert (await karim.post("/profils/ouvrir", id=str(record.id))).status_code == 404
    assert (await record_of(app, child)).state == "ouvert"


# --- refusing a child's profile

REFUSE = "/profils/refuser"


async def refuses(app: Litestar, parent: Browser, child: Someone, choice: str) -> Response:
    record = await record_of(app, child)
    path = f"{REFUSE}?enfant={record.id}"
    assert path in (await parent.get(PROFILES)).text
    page = await parent.get(path)
    assert "Rien ne change pour ses soins" in text_of(page)
    return await parent.post(REFUSE, id=str(record.id), choix=choice)


@pytest.mark.parametrize("state", ["informe", "ouvert"])
async def test_the_ouvrant_droit_refuses_for_a_child_and_has_a_paper(
    app: Litestar, state: str
) -> None:
    await unopened(app, LEA, KARIM, state)
    karim, record = await open_as(app, KARIM), await record_of(app, LEA)
    assert place(await refuses(app, karim, LEA, "garder")) == PROFILES
    after = await record_of(app, LEA)
    assert (after.state, after.erase_on) == ("oppose", in_years(civil_day(utcnow()), 10))
    page = await karim.get(PROFILES)
    assert "Vous avez refusé ce profil" in text_of(page)
    assert "Refuser le profil de Lea" not in text_of(page)
    paper = await karim.get(f"/profils/refus/{record.id}/justificatif.pdf")
    assert paper.content.startswith(b"%PDF-")
    assert (await karim.post(REFUSE, id=str(record.id))).status_code == 404, "once"
    assert place(await karim.post("/profils/ouvrir", id=str(record.id))) == PROFILES
    back = await record_of(app, LEA)
    assert (back.state, back.erase_on) == ("actif", None)
    proof = await karim.get(f"/profils/refus/{record.id}/justificatif.pdf")
    assert proof.status_code == 404, "no longer true"


async def test_a_parent_may_have_what_was_filed_erased(app: Litestar) -> None:
    await unopened(app, LEA, KARIM)
    karim = await open_as(app, KARIM)
    await refuses(app, karim, LEA, "effacer")
    after = await record_of(app, LEA)
    assert (after.state, after.erasure_asked) == ("oppose", True)
    assert after.erase_on == civil_day(utcnow() + ERASE_AFTER)
    assert "Justificatif du refus" in text_of(await karim.get(PROFILES))


@pytest.mark.parametrize(
    ("child", "parent"), [(LEA, NADIA), (JULIE, KARIM)], ids=["of another", "an adult"]
)
async def test_nobody_else_refuses_one(app: Litestar, child: Someone, parent: Someone) -> None:
    await unopened(app, child, parent)
    karim, record = await open_as(app, KARIM), await record_of(app, child)
    for answer in (
        await karim.get(f"{REFUSE}?enfant={record.id}"),
        await karim.post(REFUSE, id=str(record.id)),
        await karim.get(f"/profils/refus/{record.id}/justificatif.pdf"),
    ):
        assert answer.status_code == 404
    assert (await record_of(app, child)).state == "ouvert"


async def test_an_open_profile_is_closed_rather_than_refused(app: Litestar) -> None:
    karim, record = await open_as(app, KARIM), await record_of(app, LEA)
    assert (await karim.post(REFUSE, id=str(record.id))).status_code == 404
    assert (await record_of(app, LEA)).state == "actif"


async def test_refusing_for_a_child_takes_a_fresh_proof(app: Litestar) -> None:
    await unopened(app, LEA, KARIM)
    karim, record = await open_as(app, KARIM), await record_of(app, LEA)
    await run(app, "UPDATE browser_session SET stepped_up_at = now() - interval '1 hour'")
    for answer in (
        await karim.get(f"{REFUSE}?enfant={record.id}"),
        await karim.post(REFUSE, id=str(record.id)),
    ):
        assert place(answer).startswith("/confirmer?suite=/profils/refuser")
    assert (await record_of(app, LEA)).state == "ouvert"


# --- sharing

TYPED = {
    "nom": "cherif",
    "naissance": "30/11/1984",
    "numero": NADIA.traits.matricule,
}


async def invited(app: Litestar, **other: str) -> Browser:
    karim = await open_as(app, KARIM, LEA)
    answer = await karim.post(SHARE, **TYPED | other)
    assert place(answer) == f"{SHARE}?fait=envoyee", text_of(answer)
    return karim


async def answer(browser: Browser, reply: str) -> Response:
    page = (await browser.get(PROFILES)).text
    assert "vous propose de partager" in page
    id_ = page.split('name="id" value="')[1].split('"')[0]
    return await browser.post("/profils/invitation", id=id_, reponse=reply)


async def test_nadia_accepts_and_each_sees_the_other(app: Litestar) -> None:
    karim = await invited(app)
    assert "Demande en attente" in text_of(await karim.get(SHARE))
    nadia = await open_as(app, NADIA)
    page = text_of(await nadia.get(PROFILES))
    assert "Karim Benali vous propose de partager le profil de Lea" in page
    assert place(await answer(nadia, "accepter")) == PROFILES
    assert place(await choose(nadia, LEA)) == "/"
    for parent in (nadia, karim):
        seen = text_of(await parent.get(SHARE))
        assert "Nadia Cherif" in seen
        assert "Karim Benali" in seen
        assert "attente" not in seen


async def test_each_page_of_a_child_begins_with_their_name(app: Litestar) -> None:
    karim = await open_as(app, KARIM, LEA)
    for path in ("/", "/documents", PROFILES, SHARE, "/compte", "/acces?qui=tous"):
        page = await karim.get(path)
        assert "<title>Lea — " in page.text, path
        assert "Vous êtes dans le dossier de Lea" in text_of(page), path
        assert "has-rail of-another" in page.text, path
    await choose(karim, KARIM)
    for path in ("/", "/documents", PROFILES):
        page = await karim.get(path)
        assert "Lea — " not in page.text, path
        assert "Vous êtes dans" not in text_of(page), path
        assert "of-another" not in page.text, path


async def test_the_list_says_how_old_a_child_is_and_with_whom_it_is_shared(app: Litestar) -> None:
    karim, today = await invited(app), civil_day(utcnow())
    assert LEA.traits.birth_date
    age = f"Mon enfant, {age_in_words(LEA.traits.birth_date, today)}"
    page = text_of(await karim.get(PROFILES))
    assert age in page
    assert "Partagé avec" not in page
    nadia = await open_as(app, NADIA)
    await answer(nadia, "accepter")
    assert f"{age}. Partagé avec Nadia Cherif" in text_of(await karim.get(PROFILES))
    assert f"{age}. Partagé avec Karim Benali" in text_of(await nadia.get(PROFILES))


@pytest.mark.parametrize(("days", "said"), [(0, True), (1, False)])
async def test_three_months_before_eighteen_the_list_says_when(
    app: Litestar, days: int, *, said: bool
) -> None:
    birthday = in_months(civil_day(utcnow()), 3) + timedelta(days=days)
    await change(app, await record_of(app, NOE), minor_until=birthday)
    page = text_of(await (await open_as(app, KARIM)).get(PROFILES))
    assert (f"Noe aura 18 ans le {day(birthday)}" in page) is said


@pytest.mark.parametrize(
    ("born", "today", "words"),
    [
        (date(2019, 6, 5), date(2026, 6, 4), "6 ans"),
        (date(2019, 6, 5), date(2026, 6, 5), "7 ans"),
        (date(2024, 2, 29), date(2025, 2, 28), "11 mois"),
        (date(2024, 2, 29), date(2025, 3, 1), "1 an"),
        (date(2026, 6, 5), date(2026, 6, 5), "0 mois"),
    ],
)
def test_an_age_is_said_in_years_then_in_months(born: date, today: date, words: str) -> None:
    assert age_in_words(born, today) == words


async def test_refused_it_is_over(app: Litestar) -> None:
    karim = await invited(app)
    nadia = await open_as(app, NADIA)
    await answer(nadia, "refuser")
    assert (await choose(nadia, LEA)).status_code == 404
    assert "propose" not in text_of(await nadia.get(PROFILES))
    page = text_of(await karim.get(SHARE))
    assert f"Demande refusée le {day(utcnow())}" in page
    assert "attente" not in page
    assert "Retirer la demande" not in page
    await settled(World(app))
    told = [m for m in app.state.outside.inbox.messages() if "est refusée" in m.subject]
    assert [m.to for m in told] == [KARIM.email]
    assert "Nadia" not in told[0].text


async def test_withdrawn_or_expired_it_cannot_be_accepted(app: Litestar) -> None:
    await invited(app)
    nadia = await open_as(app, NADIA)
    page = (await nadia.get(PROFILES)).text
    id_ = page.split('name="id" value="')[1].split('"')[0]
    for ended in ("expires_at = now()", "expires_at = now() + interval '1 day', state = 'retiree'"):
        await run(app, f"UPDATE invitation SET {ended}")
        assert "propose" not in text_of(await nadia.get(PROFILES))
        said = await nadia.post("/profils/invitation", id=id_, reponse="accepter")
        assert said.status_code == 404


async def test_the_inviter_withdraws_by_the_button_and_sees_what_became_of_each(
    app: Litestar,
) -> None:
    karim = await invited(app)
    page = await karim.get(SHARE)
    until = civil_day(utcnow() + timedelta(days=15))
    assert f"Demande en attente jusqu’au {day(until)}" in text_of(page)
    assert "L’autre parent n’est pas d’accord" in text_of(page)
    nadia = await open_as(app, NADIA)
    assert "propose" in text_of(await nadia.get(PROFILES))
    form = page.text.split('action="/profils/partage/retirer"')[1]
    id_ = form.split('name="id" value="')[1].split('"')[0]
    assert place(await karim.post("/profils/partage/retirer", id=id_)) == f"{SHARE}?fait=retiree"
    assert "La demande est retirée." in text_of(await karim.get(f"{SHARE}?fait=retiree"))
    seen = text_of(await karim.get(SHARE))
    assert f"Demande retirée le {day(utcnow())}" in seen
    assert "Retirer la demande" not in seen
    assert "propose" not in text_of(await nadia.get(PROFILES))
    assert (await karim.post("/profils/partage/retirer", id=id_)).status_code == 404
    await karim.post(SHARE, **TYPED)
    await run(app, "UPDATE invitation SET expires_at = now() WHERE state = 'attente'")
    seen = text_of(await karim.get(SHARE))
    assert f"Demande restée sans réponse, finie le {day(utcnow())}" in seen
    assert f"Demande retirée le {day(utcnow())}" in seen


async def test_a_new_request_says_before_and_after_that_it_replaces_the_other(
    app: Litestar,
) -> None:
    karim = await invited(app, nom="Martin")
    before = text_of(await karim.get(SHARE))
    assert "Une demande attend déjà : Martin" in before
    assert "Une nouvelle demande la remplace." in before
    assert "Envoyer la demande" not in before
    assert "Remplacer la demande" in text_of(await karim.post(SHARE, **TYPED | {"nom": ""}))
    done = place(await karim.post(SHARE, **TYPED))
    after = text_of(await karim.get(done))
    assert "La nouvelle demande est envoyée. L’ancienne est retirée." in after
    assert "Une demande attend déjà : Cherif" in after
    assert f"Demande retirée le {day(utcnow())}" in after
    assert "propose" in text_of(await (await open_as(app, NADIA)).get(PROFILES))
    assert "propose" not in text_of(await karim.get(f"{SHARE}?fait=autre"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"nom": "martin"},
        {"naissance": "30/11/1985"},
        {"numero": LAURA.traits.matricule},
    ],
    ids=["another name", "another day", "somebody else’s number"],
)
async def test_a_mistake_shows_the_child_to_nobody(app: Litestar, wrong: dict[str, str]) -> None:
    karim = await invited(app, **wrong)
    for someone in (NADIA, LAURA):
        assert "propose" not in text_of(await (await open_as(app, someone)).get(PROFILES))
    assert "Demande en attente" in text_of(await karim.get(SHARE)), "and the inviter learns nothing"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"nom": ""}, "nom de famille"),
        ({"naissance": "31/02/1984"}, "comme 21/09/1978"),
        ({"naissance": "30/11/84"}, "comme 21/09/1978"),
        ({"numero": "123"}, "15 caractères"),
        ({"numero": KARIM.traits.matricule}, "votre propre numéro"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    app: Litestar, typed: dict[str, str], says: str
) -> None:
    karim = await open_as(app, KARIM, LEA)
    said = await karim.post(SHARE, **TYPED | typed)
    assert said.status_code == 422
    assert says in text_of(said)
    for name, value in (TYPED | typed).items():
        assert f'name="{name}"' in said.text
        assert f'value="{value}"' in said.text


async def test_a_date_as_a_date_field_sends_it(app: Litestar) -> None:
    await invited(app, naissance="1984-11-30")
    assert "propose" in text_of(await (await open_as(app, NADIA)).get(PROFILES))


async def test_the_ouvrant_droit_ends_it_and_the_other_may_leave(app: Litestar) -> None:
    karim = await invited(app)
    nadia = await open_as(app, NADIA)
    await answer(nadia, "accepter")
    await choose(nadia, LEA)
    links = (await nadia.get(SHARE)).text.split("/profils/partage/arreter")
    assert len(links) == 2, "only her own"
    his = (await karim.get(SHARE)).text.split("/profils/partage/arreter")[1]
    id_ = his.split('name="id" value="')[1].split('"')[0]
    await karim.post("/profils/partage/arreter", id=id_)
    assert "Bonjour Nadia" in text_of(await nadia.get("/"))
    assert (await choose(nadia, LEA)).status_code == 404


async def test_the_second_parent_cannot_share_nor_end_the_first(app: Litestar) -> None:
    await invited(app)
    nadia = await open_as(app, NADIA)
    await answer(nadia, "accepter")
    await choose(nadia, LEA)
    assert "Envoyer la demande" not in text_of(await nadia.get(SHARE))
    assert (await nadia.post(SHARE, **TYPED)).status_code == 404
    async with app.state.engine.connect() as connection:
        query = "SELECT id FROM guardianship WHERE principal"
        ids = [row[0] for row in await connection.exec_driver_sql(query)]
    for id_ in ids:
        assert (await nadia.post("/profils/partage/arreter", id=str(id_))).status_code == 404


async def test_sharing_is_about_the_child_on_the_screen(app: Litestar) -> None:
    karim = await open_as(app, KARIM)
    assert (await karim.get(SHARE)).status_code == 404


# --- the 18th birthday


@pytest.mark.parametrize(
    ("born", "last", "first"),
    [
        (date(2010, 1, 25), "2028-01-24T22:59:59", "2028-01-24T23:00:00"),  # winter: UTC+1
        (date(2010, 7, 14), "2028-07-13T21:59:59", "2028-07-13T22:00:00"),  # summer: UTC+2
        (date(2008, 2, 29), "2026-02-28T22:59:59", "2026-02-28T23:00:00"),  # 1st of March
    ],
)
async def test_at_midnight_in_paris_a_parents_access_ends(
    app: Litestar, born: date, last: str, first: str
) -> None:
    """No job has run: the clock alone."""
    await change(app, await record_of(app, NOE), minor_until=in_years(born, 18))
    await run(app, "UPDATE guardianship SET valid_until = NULL")
    record = await record_of(app, NOE)
    for moment, may in ((last, True), (first, False)):
        at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        assert await seen_at(app, record.id, at) is may, moment


async def seen_at(app: Litestar, record_id: UUID, moment: datetime) -> bool:
    karim, at = await actor_of(app, KARIM), Moment.at(moment)
    async with app.state.sessions() as db:
        known = {record.id for record in await db.scalars(records_for(karim, at))}
        acting = await db.scalar(represents(karim.id, record_id, at.today))
    assert (record_id in known) is (acting is not None)
    return record_id in known


async def test_the_profile_on_the_screen_goes_at_majority(app: Litestar) -> None:
    karim = await open_as(app, KARIM, NOE)
    assert "Dossier de Noe" in text_of(await karim.get("/"))
    await change(app, await record_of(app, NOE), minor_until=civil_day(utcnow()))
    assert "Bonjour Karim" in text_of(await karim.get("/"))
    assert "Noe" not in text_of(await karim.get(PROFILES))


async def test_a_day_before_it_is_still_there(app: Litestar) -> None:
    tomorrow = civil_day(utcnow()) + timedelta(days=1)
    await change(app, await record_of(app, NOE), minor_until=tomorrow)
    karim = await open_as(app, KARIM, NOE)
    assert "Dossier de Noe" in text_of(await karim.get("/"))


# --- what may happen between two steps


async def test_an_invitation_waits_for_nobody_whose_inviter_has_closed(app: Litestar) -> None:
    await invited(app)
    nadia = await open_as(app, NADIA)
    await close(app, KARIM)
    assert "propose" not in text_of(await nadia.get(PROFILES))


async def test_accepting_while_the_profile_closes_gives_nothing(app: Litestar) -> None:
    await invited(app)
    karim, nadia = await actor_of(app, KARIM, LEA), await open_as(app, NADIA)
    id_ = (await nadia.get(PROFILES)).text.split('name="id" value="')[1].split('"')[0]
    async with app.state.sessions.begin() as db:
        await closure.close(db, karim, Moment.at(utcnow()), erase=False)
        await db.flush()
        accepting = asyncio.create_task(
            nadia.post("/profils/invitation", id=id_, reponse="accepter")
        )
        await asyncio.sleep(0.5)
    assert (await accepting).status_code == 404
    assert await count(app, Guardianship) == 2


async def test_a_fresh_change_of_address_shares_nothing(app: Litestar) -> None:
    karim = await open_as(app, KARIM, LEA)
    await karim.post("/compte/securite/joindre/email", email="autre@courriel.example")
    code = await karim.code(to="autre@courriel.example")
    assert (await karim.post("/compte/securite/preuve", code=code)).status_code == 303
    answer = await karim.post(SHARE, **TYPED)
    assert answer.status_code == 422
    assert "24 heures" in text_of(answer)
    assert await count(app, Invitation) == 0


async def test_both_parents_are_told_of_a_sharing_and_of_its_end(app: Litestar) -> None:
    karim = await invited(app)
    await answer(await open_as(app, NADIA), "accepter")
    page = (await karim.get(SHARE)).text.split('action="/profils/partage/arreter"')[1]
    await karim.post(
        "/profils/partage/arreter", id=page.split('name="id" value="')[1].split('"')[0]
    )
    await settled(World(app))
    for words in ("est partagé", "n’est plus partagé"):
        told = [m.to for m in app.state.outside.inbox.messages() if words in m.subject]
        assert set(told) == {KARIM.email, NADIA.email}


@pytest.mark.parametrize("erased", [NADIA, KARIM], ids=["second parent", "inviter"])
async def test_an_erased_parent_is_forgotten_by_the_other(app: Litestar, erased: Someone) -> None:
    karim = await invited(app)
    nadia = await open_as(app, NADIA)
    if erased is NADIA:
        await answer(nadia, "accepter")
    await close(app, erased, erase=True)
    await change(app, await record_of(app, erased), erase_on=civil_day(utcnow()))
    assert await erase(app, erased)
    left = karim if erased is NADIA else nadia
    paths = ("/acces?qui=tous", SHARE, PROFILES) if left is karim else (PROFILES,)
    for path in paths:
        page = await left.get(path)
        assert page.status_code == 200
        assert erased.traits.birth_name.title() not in text_of(page) or left is karim
    assert await count(app, Invitation) == 0


async def test_erasing_takes_the_ways_in_with_it(app: Litestar, reader: Browser) -> None:
    await close(app, LAURA, erase=True)
    await give_code(app, JULIE, LAURA)
    assert place(await prove(reader, LAURA, code=JULIE.code)) == "/activer/contact"
    await change(app, await record_of(app, LAURA), erase_on=civil_day(utcnow()))
    assert await erase(app, LAURA)
