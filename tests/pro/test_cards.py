"""The card and the list of the day over HTTP; the emulator of the connector really answers."""

import re
from dataclasses import replace
from html import unescape

import httpx
import pytest
from httpx import Response
from litestar import Litestar
from msgspec.structs import replace as replace_struct

from backend.access.scopes import Moment
from backend.demo.people import KARIM, LAURA, LEA
from backend.gateways.vitale import SAID, ConnectorDown
from backend.services.identification import day, files
from backend.storage.db import utcnow
from backend.web.security import POLICY
from tests.pages import text_of
from tests.pro.psc import Desk
from tests.services.test_reception import biologist

CARD = "/pro/patients/carte"
BUDGET = 90_000
HOME = "http://127.0.0.1:8000"
READING = re.compile(r'name="lecture" value="([^"]*)"')


@pytest.fixture
async def desk(app: Litestar) -> Desk:
    desk = Desk(app)
    await desk.works("morel")
    return desk


@pytest.fixture
async def counter(office: Litestar) -> Desk:
    """The same, for tests that leave nothing behind."""
    desk = Desk(office)
    await desk.works("morel")
    return desk


async def reads(desk: Desk, card: str) -> str:
    """What the browser is answered, once this card is in the reader."""
    assert (await desk.get("/demo/vitale")).status_code == 200
    assert (await desk.post("/demo/vitale", carte=card)).status_code == 303
    shown = await desk.get("/pro/patients")
    (address,) = re.findall(r'data-vitale="([^"]*)"', shown.text)
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(address, headers={"Origin": HOME})
    assert answer.headers["access-control-allow-origin"] == HOME
    assert answer.is_success == (card not in {"aucune", "illisible", "debranche"}), answer.text
    return answer.text


async def then(desk: Desk, answer: Response) -> str:
    assert answer.status_code == 303, text_of(answer)
    return text_of(await desk.get(answer.headers["location"]))


async def test_lauras_card_leads_to_her_file_where_nothing_is_to_be_asked(desk: Desk) -> None:
    answer = await desk.post(CARD, lecture=await reads(desk, "laura"))
    assert re.fullmatch(r"/pro/patients/[0-9a-f-]{36}", answer.headers["location"])
    shown = await then(desk, answer)
    assert "BERNARD LAURA" in shown
    assert "Identité déjà vérifiée le 04/05/" in shown


async def test_a_child_is_chosen_on_the_parents_card_and_has_another_number(desk: Desk) -> None:
    lecture = await reads(desk, "karim")
    asked = await desk.post(CARD, lecture=lecture)
    assert asked.status_code == 200
    said = text_of(asked)
    assert "Qui vient aujourd’hui ?" in said
    assert said.count("enfant : le numéro de la carte est celui du parent") == 2
    (again,) = READING.findall(asked.text)
    assert unescape(again) == lecture, "exactly what the connector answered"
    came = await desk.post(CARD, lecture=unescape(again), personne="1")
    assert came.status_code == 200
    shown = text_of(came)
    assert "Contrôlez maintenant sa pièce" in shown
    assert "BENALI LEA" in shown
    assert LEA.traits.matricule[:13] in shown
    assert KARIM.traits.matricule[:13] not in came.text


async def test_what_no_card_says_is_told_in_place(
    counter: Desk,
) -> None:
    lecture = await reads(counter, "karim")
    for lecture_, more, words in (
        ("", {}, "incomplète"),
        ("{", {}, "incomplète"),
        (lecture.replace('"protocol":1', '"protocol":2'), {}, "incomplète"),
        (lecture.replace(KARIM.traits.matricule[:13], "1" * 13), {}, "incomplète"),
        (lecture + " " * 20_001, {}, "incomplète"),
        (lecture, {"personne": "7"}, "Choisissez une personne"),
        (lecture.replace("2019-03-17", "9999-03-17"), {"personne": "1"}, "incomplète"),
        (lecture, {"personne": "-1"}, "Choisissez une personne"),
    ):
        answer = await counter.post(CARD, lecture=lecture_, **more)
        assert (answer.status_code, words in text_of(answer)) == (422, True), (lecture_, more)
        assert KARIM.traits.matricule[:13] not in answer.text
        assert "connect-src 'self' http://127.0.0.1:" in answer.headers["content-security-policy"]
    unknown = await counter.post(CARD, lecture=lecture, personne="1", dossier="0" * 32)
    assert unknown.status_code == 404


async def test_insi_down_leaves_a_provisional_file_and_says_so(desk: Desk) -> None:
    lecture = (await reads(desk, "laura")).replace("BERNARD", "INDISPONIBLE")
    came = await desk.post(CARD, lecture=lecture)
    # Her own number finds her file: another one, of somebody whom nobody knows here.
    assert came.status_code == 303
    lecture = await reads(desk, "dominique")
    lecture = lecture.replace("PAT-TROIS", "INDISPONIBLE")
    came = await desk.post(CARD, lecture=lecture)
    assert (came.status_code, "INSi ne répond pas" in text_of(came)) == (200, True)
    assert "Provisoire" in text_of(came)
    listed = text_of(await desk.get("/pro/patients"))
    assert "INDISPONIBLE DOMINIQUE" in listed
    assert "INSi n’a pas répondu" in listed


async def test_only_the_desk_may_ask_the_connector_and_no_page_of_patients(
    counter: Desk,
) -> None:
    shown = await counter.get("/pro/patients")
    policy = shown.headers["content-security-policy"]
    connector = counter.app.state.outside.connector
    assert policy == POLICY.replace("connect-src 'self'", f"connect-src 'self' {connector}")
    for status, words in SAID.items():
        assert f'data-{status}="{words}"' in unescape(shown.text)
    assert ConnectorDown.message in unescape(shown.text)
    assert "Cherchez la personne par ses traits" in text_of(shown), "without JavaScript"
    others = (
        "/pro/accueil",
        "/pro/dossiers",
        "/pro/sessions",
        "/connexion",
        "/demo/vitale",
        "/pro",
    )
    for path in others:
        assert (await counter.get(path)).headers["content-security-policy"] == POLICY, path


async def test_a_reader_in_trouble_is_played_too(
    counter: Desk,
) -> None:
    for trouble, status in (("aucune", 404), ("illisible", 422), ("debranche", 503)):
        assert "problem" in await reads(counter, trouble)
        async with httpx.AsyncClient() as program:
            answer = await program.get(f"{counter.app.state.outside.connector}/v1/carte")
        assert answer.status_code == status
    assert '"protocol":1' in await reads(counter, "laura")


async def test_nobody_reads_cards_where_there_is_no_connector(
    counter: Desk,
) -> None:
    state = counter.app.state
    before = state.outside
    state.outside = replace(before, connector="")
    try:
        shown = await counter.get("/pro/patients")
    finally:
        state.outside = before
    assert "Lire la carte" not in shown.text
    assert "vitale" not in shown.text.replace("/demo/vitale", "")
    assert shown.headers["content-security-policy"] == POLICY


async def test_cards_are_read_by_the_people_of_a_desk_alone(desk: Desk, app: Litestar) -> None:
    lecture = await reads(desk, "laura")
    doctor = Desk(app)
    await doctor.works("martin")
    assert (await doctor.post(CARD, lecture=lecture)).status_code == 403
    elsewhere = Desk(app)
    await elsewhere.works("guillou")
    answer = await elsewhere.post(CARD, lecture=lecture)
    assert answer.status_code == 200, (
        "a file of their own: hers at the other laboratory is not seen"
    )
    assert "Contrôlez maintenant sa pièce" in text_of(answer)
    assert (await Desk(app).post(CARD, lecture=lecture)).status_code in {303, 403}


async def test_a_day_at_the_desk(desk: Desk, app: Litestar) -> None:
    listed = text_of(await desk.get("/pro/patients"))
    assert "BENALI KARIM" in listed
    assert "attendu à" in listed
    assert LAURA.traits.birth_name not in listed
    found = await desk.post(CARD, lecture=await reads(desk, "laura"))
    path = found.headers["location"]
    await then(desk, found)
    listed = text_of(await desk.get("/pro/patients"))
    assert "BERNARD LAURA" in listed
    assert "Espace ouvert" in listed
    opposed = await then(desk, await desk.post(f"{path}/visite", oppose="oui"))
    assert "Patient suivant" in opposed
    assert "Ne pas déposer : opposition" in text_of(await desk.get("/pro/patients"))
    wrong = await desk.post(f"{path}/attendu", heure="midi")
    assert (wrong.status_code, "comme 10:30" in text_of(wrong)) == (422, True)
    later = await desk.post(f"{path}/attendu", heure="23:59")
    assert later.headers["location"] == "/pro/patients#jour"
    assert re.search(r"attendu à\s+23", text_of(await desk.get("/pro/patients")))
    elsewhere = Desk(app)
    await elsewhere.works("guillou")
    assert "BERNARD" not in text_of(await elsewhere.get("/pro/patients"))
    assert (await elsewhere.post(f"{path}/attendu", heure="10:30")).status_code == 404
    one = path.rpartition("/")[2]
    leave = "/pro/patients/retirer"
    for laboratory, wrong_one in ((elsewhere, one), (desk, "0" * 32), (desk, "x")):
        assert (await laboratory.post(leave, dossier=wrong_one)).status_code == 404
    assert (await desk.post(leave, dossier=one)).status_code == 303
    assert "BERNARD" not in text_of(await desk.get("/pro/patients"))


async def test_a_long_day_is_not_a_heavy_page(desk: Desk, app: Litestar) -> None:
    at = Moment.at(utcnow())
    async with app.state.sessions.begin() as db:
        actor = await biologist(db)
        for number in range(day.MOST + 5):
            letters = "".join(chr(65 + int(digit)) for digit in f"{number:03d}")
            traits = replace_struct(LAURA.on_paper, birth_name=f"LE-{letters}", used_name="")
            file = await files.create(db, actor, at, traits)
            await day.expect(db, actor, at, file.id, "11:00")
    shown = await desk.get("/pro/patients")
    assert shown.text.count('name="dossier"') == day.MOST
    assert f"les {day.MOST} dernières personnes" in text_of(shown)
    assert len(shown.content) < BUDGET
