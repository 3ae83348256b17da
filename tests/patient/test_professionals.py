"""Professionals in a record: let in, blocked, in an emergency; and what its person reads of it."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from litestar import Litestar
from sqlalchemy import text

from backend.access.actors import Professional
from backend.demo.people import (
    DURAND,
    FABRE,
    KARIM,
    LAURA,
    LEA,
    MARTIN,
    MOREL,
    NADIA,
    PETIT,
    SIMON,
    Practitioner,
)
from backend.demo.reports import DemoDeposit
from backend.domain.emergency import Purpose
from backend.domain.errors import NotFound, Refused
from backend.domain.jobs import TellOperator
from backend.gateways.sinks import Received
from backend.jobs.handlers import make_handlers
from backend.jobs.worker import Cancelled
from backend.services import consultation, reporting
from tests.pages import Browser, text_of
from tests.patient.changing import run
from tests.patient.professionals import Office, office
from tests.patient.test_activation import place
from tests.patient.test_profiles import answer as answer_invitation
from tests.patient.test_profiles import choose, file_for, invited, open_as

PROS, EMERGENCY = "/acces/professionnels", "/acces/urgence"
BLOCK, SEARCH = f"{PROS}/bloquer", f"{PROS}/chercher"
BLOOD, MASKED, WITHHELD = "laura-bilan-sanguin-v1", "laura-serologies-v1", "laura-anti-gad-v1"
Reports = Mapping[str, DemoDeposit]


@pytest.fixture
async def laura(app: Litestar, reports: Reports) -> Browser:
    """Signed in, with one report."""
    await file_for(app, reports, BLOOD)
    return await open_as(app, LAURA)


@pytest.fixture
async def doctor(app: Litestar, laura: Browser) -> Office:
    return await office(app)


async def unread_hour(app: Litestar) -> None:
    """Laura’s last proof is an hour old."""
    await run(app, "UPDATE browser_session SET stepped_up_at = now() - interval '1 hour'")


# --- being let in


async def test_nobody_comes_in_without_being_let_in_and_the_try_is_told(
    laura: Browser, doctor: Office
) -> None:
    assert await doctor.lists() is None
    told = text_of(await laura.get("/acces"))
    assert "Dr Paul Martin, médecin, a voulu ouvrir le dossier" in told
    assert "Aucun professionnel n’a ouvert votre dossier" in told


@pytest.mark.parametrize("days", [None, 0, 30], ids=["in the team", "for a day", "for a month"])
async def test_once_let_in_what_is_opened_is_told_in_a_sentence(
    laura: Browser, doctor: Office, days: int | None
) -> None:
    until = None if days is None else doctor.at.today + timedelta(days)
    assert await doctor.is_let_in(until=until)
    (line,) = await doctor.lists() or []
    opened = await doctor.opens(line.id)
    assert opened is not None
    assert opened.report.results
    told = text_of(await laura.get("/acces"))
    assert "Dr Paul Martin, médecin, Cabinet médical de la Fontaine, Nantes, a ouvert" in told
    assert f"a ouvert un document : {line.title} du" in told
    assert "Un professionnel a ouvert votre dossier" in told
    assert "Dr Paul Martin" in text_of(await laura.get(PROS))


async def test_an_accord_ends(app: Litestar, doctor: Office) -> None:
    assert await doctor.is_let_in(until=doctor.at.today)
    await run(app, "UPDATE care_link SET consent_until = consent_until - 1")
    assert await doctor.lists() is None
    with pytest.raises(Refused):
        await doctor.is_let_in(until=doctor.at.today - timedelta(1))


async def test_the_first_visit_is_announced_once(app: Litestar, doctor: Office) -> None:
    await doctor.is_let_in()
    for _ in range(3):
        await doctor.lists()
    count = "SELECT count(*) FROM notice WHERE kind = 'first-access'"
    assert await scalar(app, count) == 1
    assert await scalar(app, "SELECT count(*) FROM consultation") == 1


async def test_without_an_activity_or_a_record_there_is_no_door(
    app: Litestar, doctor: Office
) -> None:
    nobody = Professional(doctor.pro.id, None, "10")
    async with app.state.sessions.begin() as db:
        traits = LAURA.traits
        assert await consultation.find(db, nobody, traits.oid, traits.matricule) is None
        assert await consultation.find(db, doctor.pro, traits.oid, "0") is None
        for pro, record_id in ((nobody, await doctor.record_id()), (doctor.pro, uuid4())):
            with pytest.raises(NotFound):
                await consultation.enter(db, pro, doctor.at, record_id)


async def test_nothing_is_told_of_a_document_that_is_withheld(
    app: Litestar, reports: Reports, laura: Browser, doctor: Office
) -> None:
    await doctor.is_let_in()
    await doctor.lists()
    before = text_of(await laura.get("/acces"))
    await file_for(app, reports, WITHHELD)
    for line in await doctor.lists() or []:
        assert await doctor.opens(line.id) is not None
    after = text_of(await laura.get("/acces"))
    assert after.count("a ouvert un document") == before.count("a ouvert un document") + 1
    for path in ("/acces/metiers/medecin", f"/acces/voir-comme/{doctor.pro.id}"):
        assert "Voit tous les documents" in text_of(await laura.get(path))


# --- blocking


async def test_blocked_nothing_is_seen_and_unblocked_the_accord_is_asked_again(
    app: Litestar, laura: Browser, doctor: Office
) -> None:
    await doctor.is_let_in()
    assert await doctor.lists()
    answer = await laura.post(BLOCK, professionnel=str(doctor.pro.id))
    assert place(answer) == f"{PROS}?fait=bloque"
    said = text_of(await laura.get(place(answer)))
    assert "C’est bloqué" in said
    assert "bloqué depuis le" in said
    assert await doctor.lists() is None
    assert not await doctor.is_let_in(), "only she can undo it"
    assert not await doctor.declares(), "even in an emergency"
    told = text_of(await laura.get("/acces?qui=tous"))
    assert "a bloqué un professionnel" in told
    assert "a voulu ouvrir le dossier en urgence. Nous avons refusé" in told

    page = f"{PROS}/debloquer/{doctor.pro.id}"
    assert "il devra redemander l’accord" in text_of(await laura.get(page))
    assert place(await laura.post(page)) == f"{PROS}?fait=debloque"
    assert await doctor.lists() is None
    assert await doctor.is_let_in()
    assert await doctor.lists()


async def test_somebody_is_found_and_blocked_before_they_come(
    app: Litestar, laura: Browser
) -> None:
    found = await laura.post(SEARCH, nom="Dr leroux helene")
    assert "Dr Hélène Leroux" in text_of(found)
    assert "Cabinet du Port, Saint-Nazaire" in text_of(found)
    by_number = text_of(await laura.post(SEARCH, nom=DURAND.person.national_id[1:]))
    assert "Dr Marc Durand" in by_number
    stranger = await office(app, DURAND.person)
    await laura.post(BLOCK, professionnel=str(stranger.pro.id))
    assert not await stranger.is_let_in()
    assert not await stranger.declares()
    assert "Dr Marc Durand" in text_of(await laura.get(PROS))


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ("", 422, "Écrivez le nom du professionnel"),
        ("x", 422, "Écrivez le nom du professionnel"),
        ("personne de ce nom", 200, "Personne de ce nom dans l’annuaire"),
    ],
)
async def test_nobody_is_found(laura: Browser, typed: str, status: int, said: str) -> None:
    answer = await laura.post(SEARCH, nom=typed)
    assert answer.status_code == status
    assert said in text_of(answer)


async def test_several_are_blocked_at_once_all_or_none(app: Litestar, laura: Browser) -> None:
    offices = [await office(app, one.person) for one in (MARTIN, PETIT)]
    ids = [str(one.pro.id) for one in offices]
    about = await laura.about(SEARCH)
    token = next(c.value for c in laura.client.cookies.jar if c.name.endswith("csrf"))
    form = {"_csrf_token": token, **about}
    for others, status in (([str(uuid4())], 404), (["rien"], 404), ([], 303)):
        answer = await laura.client.post(
            BLOCK, data={**form, "professionnel": [*ids, *others]}, follow_redirects=False
        )
        assert answer.status_code == status
        shut = await scalar(app, "SELECT count(*) FROM care_link WHERE blocked")
        assert shut == (2 if status == 303 else 0)
    nobody = await laura.post(BLOCK)
    assert nobody.status_code == 422
    assert "Cochez au moins un professionnel" in text_of(nobody)


async def test_unblocking_asks_who_is_there(app: Litestar, laura: Browser, doctor: Office) -> None:
    await laura.post(BLOCK, professionnel=str(doctor.pro.id))
    page = f"{PROS}/debloquer/{doctor.pro.id}"
    about = await laura.about(page)
    await unread_hour(app)
    assert place(await laura.get(page)).startswith("/confirmer?suite=")
    assert place(await laura.post(page, **about)).startswith("/confirmer?suite=")
    assert not await doctor.is_let_in()


async def test_nobody_is_unblocked_who_was_not_blocked(laura: Browser, doctor: Office) -> None:
    page = f"{PROS}/debloquer/{doctor.pro.id}"
    about = await laura.about(SEARCH)
    assert (await laura.get(page)).status_code == 404
    assert (await laura.post(page, **about)).status_code == 404
    assert (await laura.get(f"{PROS}/debloquer/{uuid4()}")).status_code == 404


async def test_a_block_does_not_stop_deposits(
    app: Litestar, reports: Reports, laura: Browser
) -> None:
    biologist = await office(app, MOREL)
    assert len(await biologist.lists() or []) == 1, "her structure deposited it"
    await laura.post(BLOCK, professionnel=str(biologist.pro.id))
    await file_for(app, reports, "laura-ecbu-v1")
    assert await biologist.lists() is None
    assert await scalar(app, "SELECT count(*) FROM document") == 2


async def test_a_parent_decides_for_the_child_and_both_see_it(
    app: Litestar, reports: Reports
) -> None:
    await file_for(app, reports, "lea-bilan-v1")
    karim, nadia = await invited(app), await open_as(app, NADIA)
    await answer_invitation(nadia, "accepter")
    await choose(nadia, LEA)
    doctor = await office(app, patient=LEA)
    own = await office(app, patient=NADIA)
    for one in (doctor, own):
        await one.is_let_in()
    await nadia.post(BLOCK, professionnel=str(doctor.pro.id))
    assert await doctor.lists() is None
    assert await own.lists() is not None, "Léa’s record alone"
    assert "bloqué depuis" in text_of(await karim.get(PROS))
    assert "Nadia Cherif a bloqué un professionnel" in text_of(await karim.get("/acces"))


async def test_nobody_decides_for_somebody_else(
    app: Litestar, laura: Browser, doctor: Office
) -> None:
    """Whoever posts Laura’s ids acts on their own record alone."""
    await doctor.is_let_in()
    karim = await open_as(app, KARIM)
    await karim.post(BLOCK, professionnel=str(doctor.pro.id))
    assert await doctor.lists()
    trace = await scalar(app, "SELECT id FROM trace WHERE action = 'record:consult'")
    about = await karim.about(SEARCH)
    page = f"/acces/signaler/{trace}"
    assert (await karim.get(page)).status_code == 404
    assert (await karim.post(page, **about)).status_code == 404
    other = await office(app, PETIT.person)
    assert (await karim.get(f"/acces/voir-comme/{other.pro.id}")).status_code == 404


# --- emergencies

SWITCHES = ("samu", "professionnels", "masques")


async def set_switches(laura: Browser, *on: str) -> None:
    answer = await laura.post(EMERGENCY, **dict.fromkeys(on, "oui"))
    assert place(answer) == f"{EMERGENCY}?fait=oui"


@pytest.mark.parametrize("who", [SIMON, MARTIN], ids=["a nurse", "a doctor"])
async def test_in_an_emergency_anyone_may_come_in_and_she_reads_why(
    app: Litestar, laura: Browser, who: Practitioner
) -> None:
    there = await office(app, who.person)
    assert await there.declares(reason="Chute dans la rue.")
    assert len(await there.lists() or []) == 1
    told = text_of(await laura.get("/acces"))
    assert "Motif écrit : « Chute dans la rue. »" in told
    assert "Urgence" in told
    assert "voit en urgence" in text_of(await laura.get(PROS))
    assert await scalar(app, "SELECT count(*) FROM notice WHERE kind = 'emergency-access'") == 1
    assert await scalar(app, "SELECT count(*) FROM notice WHERE kind = 'first-access'") == 0
    await run(app, "UPDATE emergency_access SET until = now()")
    assert await there.lists() is None


async def test_the_samu_is_a_switch_of_its_own(app: Litestar, laura: Browser) -> None:
    regulator, doctor = await office(app, FABRE.person), await office(app)
    assert not await doctor.declares(Purpose.SAMU), "not of a Centre 15"
    await set_switches(laura, "samu")
    assert not await doctor.declares()
    assert await regulator.declares(Purpose.SAMU)
    await set_switches(laura, "professionnels")
    assert not await regulator.declares(Purpose.SAMU)
    assert await regulator.lists() is None, "from the commit on, also while it runs"
    assert await doctor.declares()


async def test_only_the_third_switch_opens_what_is_masked(
    app: Litestar, reports: Reports, laura: Browser, doctor: Office
) -> None:
    await file_for(app, reports, MASKED)
    await doctor.declares()
    assert len(await doctor.lists() or []) == 1
    await set_switches(laura, *SWITCHES)
    assert len(await doctor.lists() or []) == 2
    await laura.post("/compte/visibilite", choix="masquer")
    assert len(await doctor.lists() or []) == 2
    await set_switches(laura, "samu", "professionnels")
    assert not await doctor.lists()
    await set_switches(laura, "masques")
    assert await doctor.lists() is None, "alone it opens nothing"


async def test_opening_more_asks_who_is_there_and_closing_does_not(
    app: Litestar, laura: Browser
) -> None:
    await unread_hour(app)
    await set_switches(laura, "samu")
    for on in (("samu", "professionnels"), ("samu", "masques")):
        answer = await laura.post(EMERGENCY, **dict.fromkeys(on, "oui"))
        assert place(answer).startswith("/confirmer?suite=")
    page = (await laura.get(EMERGENCY)).text
    assert page.count(" checked") == 1


@pytest.mark.parametrize("reason", ["", "  ", "x", "x" * 301])
async def test_an_emergency_without_a_reason_is_none(doctor: Office, reason: str) -> None:
    with pytest.raises(Refused):
        await doctor.declares(reason=reason)
    assert await doctor.lists() is None


async def test_a_block_ends_an_emergency_for_good(laura: Browser, doctor: Office) -> None:
    await doctor.declares()
    assert await doctor.lists()
    await laura.post(BLOCK, professionnel=str(doctor.pro.id))
    assert await doctor.lists() is None
    await laura.post(f"{PROS}/debloquer/{doctor.pro.id}")
    assert await doctor.lists() is None


# --- reporting


async def test_whom_she_does_not_know_is_blocked_and_reported(
    app: Litestar, laura: Browser, doctor: Office
) -> None:
    await doctor.is_let_in()
    await doctor.lists()
    page = "/acces/signaler/" + (await laura.get("/acces")).text.split("/acces/signaler/")[1][:36]
    assert "Cette personne est bloquée tout de suite" in text_of(await laura.get(page))
    long = await laura.post(page, mots="x" * 501)
    assert long.status_code == 422
    assert "x" * 501 in long.text, "what was typed is kept"
    about = await laura.about(page)
    for words in ("Je n’ai jamais vu ce médecin.", "Encore."):
        assert place(await laura.post(page, mots=words, **about)) == page
    done = text_of(await laura.get(page))
    assert "reçu. Cette personne est bloquée" in done
    number = done.split("Signalement ")[1].split(",")[0].strip()
    assert number in text_of(await laura.get("/acces"))
    assert await doctor.lists() is None
    assert await scalar(app, "SELECT count(*) FROM access_report") == 1
    sealed = await scalar(app, "SELECT sealed_words FROM access_report")
    assert "médecin".encode() not in bytes(sealed)
    (letter,) = await told(app)
    assert number in letter.subject
    assert f"reperes reports close {number}" in letter.text
    said = f"{letter.subject} {letter.text}"
    assert not {"Bernard", "Laura", "Durand", "jamais"} & set(said.replace(".", " ").split())
    async with app.state.sessions.begin() as db:
        assert [one.number for one in await reporting.waiting(db)] == [number]
        assert await reporting.close(db, number)
        assert not await reporting.close(db, number)
    assert "traité le" in text_of(await laura.get("/acces"))


async def told(app: Litestar) -> list[Received]:
    """Letters to whoever runs the service, once the worker wrote one."""
    address = app.state.settings.reports_email
    for _ in range(200):
        if found := [one for one in app.state.outside.inbox.messages() if one.to == address]:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("no letter came")


async def test_a_report_that_is_closed_or_has_no_address_is_told_to_nobody(
    app: Litestar, laura: Browser
) -> None:
    deposit = await scalar(app, "SELECT id FROM trace WHERE action = 'document:deposit'")
    await laura.post(f"/acces/signaler/{deposit}")
    async with app.state.sessions.begin() as db:
        (waiting,) = await reporting.waiting(db)
        job = TellOperator(report_id=waiting.id)
        state = app.state
        nobody = make_handlers(state.outside, state.letters, state.policy)[TellOperator]
        with pytest.raises(Cancelled):
            await nobody(db, job, "tell-operator/essai")
        assert await reporting.close(db, waiting.number)
        somebody = make_handlers(state.outside, state.letters, state.policy, "a@b.example")
        with pytest.raises(Cancelled):
            await somebody[TellOperator](db, job, "tell-operator/essai")


async def test_a_deposit_may_be_reported_and_ones_own_acts_may_not(
    app: Litestar, laura: Browser
) -> None:
    mine = await scalar(app, "SELECT id FROM trace WHERE action = 'account:sign-in'")
    assert (await laura.get(f"/acces/signaler/{mine}")).status_code == 404
    deposit = await scalar(app, "SELECT id FROM trace WHERE action = 'document:deposit'")
    page = f"/acces/signaler/{deposit}"
    assert "Laboratoire de l’Estuaire" in text_of(await laura.get(page))
    await laura.post(page)
    assert "reçu" in text_of(await laura.get(page))


# --- seeing as


async def test_what_a_profession_would_see_is_what_the_policy_shows_it(
    app: Litestar, reports: Reports, laura: Browser
) -> None:
    await file_for(app, reports, MASKED)
    said = text_of(await laura.get("/acces/metiers/pharmacien"))
    assert "Voit 1 document sur 2." in said
    assert "Ordonnances de médicaments" in said
    assert "Ne voit aucun document." in text_of(
        await laura.get("/acces/metiers/secretaire-medical")
    )
    biologist = await office(app, MOREL)
    await biologist.lists()
    page = f"/acces/voir-comme/{biologist.pro.id}"
    assert "Voit tous les documents." in text_of(await laura.get(page)), "her structure’s own"
    await laura.post(BLOCK, professionnel=str(biologist.pro.id))
    assert "Ne voit aucun document." in text_of(await laura.get(page))
    assert (await laura.get("/acces/metiers/roi")).status_code == 404
    assert (await laura.get(f"/acces/voir-comme/{UUID(int=3)}")).status_code == 404


async def scalar(app: Litestar, statement: str) -> Any:
    async with app.state.engine.connect() as db:
        return await db.scalar(text(statement))
