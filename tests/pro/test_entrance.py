"""The entrance of professionals: in by Pro Santé Connect, for one activity, and out."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from litestar import Litestar
from sqlalchemy import select, text

from backend.app import create_app
from backend.demo.psc.emulator import Emulator
from backend.services import pro_sign_in
from backend.services.pro_sign_in.sessions import ABSOLUTE, IDLE
from backend.settings import Mode
from backend.storage.structures import Professional
from backend.storage.teams import ProSession
from backend.storage.traces import Trace
from tests.fixtures.application import client_of, running, settings_for
from tests.pages import Browser, text_of
from tests.pro.psc import Desk, path_of


def activity(page: Response, name: str) -> str:
    """What the button of that activity sends."""
    found = re.search(rf'value="([^"]+)"><span class="tx"><b>{name}', page.text)
    assert found, page.text
    return found[1]


async def age(app: Litestar, **columns: str) -> None:
    """The sessions are older."""
    for column, value in columns.items():
        async with app.state.sessions.begin() as db:
            await db.execute(
                text(f"UPDATE pro_session SET {column} = {column} - interval '{value}'")
            )


async def test_a_biologist_comes_in_and_leaves_both_sessions(office: Litestar) -> None:
    desk, emulator = Desk(office), emulator_of(office)
    home = await desk.works("rousseau")
    assert "en tant que biologiste , Laboratoire de l’Estuaire, Nantes" in text_of(home)
    assert len(emulator.sessions) == 1
    answer = await desk.post("/pro/deconnexion")
    assert "Vous êtes déconnecté de Repères" in text_of(answer)
    away = answer.headers["refresh"].removeprefix("0; url=")
    back = await desk.get(path_of(away))
    assert back.headers["location"].endswith("/pro")
    assert emulator.sessions == {}
    assert (await desk.get("/pro/accueil")).headers["location"] == "/pro"
    async with office.state.sessions() as db:
        actions = await db.scalars(
            select(Trace.action)
            .join(Professional, Professional.id == Trace.actor_id)
            .where(Professional.national_id == "899900000029", Trace.action.like("professional:%"))
            .order_by(Trace.number)
        )
        assert list(actions)[-3:] == [
            "professional:sign-in",
            "professional:choose-activity",
            "professional:sign-out",
        ]


def emulator_of(app: Litestar) -> Emulator:
    emulator: Emulator = app.state.psc_emulator
    emulator.sessions.clear()
    return emulator


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("caradec", "technicien ou technicienne , Laboratoire de l’Estuaire"),
        ("diallo", "secrétaire , Laboratoire de l’Estuaire"),
        ("riou", "référent ou référente identité , Laboratoire de l’Estuaire"),
        ("legall", "administrateur ou administratrice du laboratoire , Laboratoire de l’Est"),
        ("morel", "biologiste, administrateur ou administratrice du laboratoire , Labo"),
        ("martin", "médecin , Cabinet médical de la Fontaine, Nantes"),
    ],
)
async def test_each_comes_in_as_what_they_are(office: Litestar, who: str, said: str) -> None:
    assert said in text_of(await Desk(office).works(who))


async def test_of_two_activities_one_is_chosen_and_another_later(office: Litestar) -> None:
    desk = Desk(office)
    assert (await desk.comes("leroux")).headers["location"] == "/pro"
    assert (await desk.get("/pro")).headers["location"] == "/pro/activite"
    assert (await desk.get("/pro/accueil")).headers["location"] == "/pro", "not before a choice"
    page = await desk.get("/pro/activite")
    before = desk.client.cookies["pro"]
    cabinet = activity(page, "Cabinet du Port")
    assert (await desk.post("/pro/activite", activite=cabinet)).status_code == 303
    assert desk.client.cookies["pro"] != before, "another token"
    assert "médecin , Cabinet du Port" in text_of(await desk.get("/pro/accueil"))
    clinic = activity(await desk.get("/pro/activite"), "Clinique des Ormes")
    await desk.post("/pro/activite", activite=clinic)
    home = await desk.get("/pro/accueil")
    assert "Clinique des Ormes" in text_of(home)
    assert "Changer d’activité" in text_of(home)


async def test_nobody_chooses_what_was_not_proved(office: Litestar) -> None:
    leroux, martin = Desk(office), Desk(office)
    await leroux.comes("leroux")
    cabinet = activity(await leroux.get("/pro/activite"), "Cabinet du Port")
    await martin.works("martin")
    for wrong in (cabinet, cabinet.split()[0], f"{cabinet.split()[0]} 21/G", "", "x y"):
        assert (await martin.post("/pro/activite", activite=wrong)).status_code == 404
    assert "Fontaine" in text_of(await martin.get("/pro/accueil"))


@pytest.mark.parametrize(("who", "number"), [("saidi", "899900000128"), ("kerivel", "8999")])
async def test_who_has_no_activity_here_is_told_what_to_do(
    office: Litestar, who: str, number: str
) -> None:
    desk = Desk(office)
    answer = await desk.comes(who)
    said = text_of(answer)
    assert "Aucune activité ouverte ici" in said
    assert "Annuaire Santé (RPPS)" in said
    assert number in said
    assert (await desk.get("/pro/accueil")).status_code == 303


async def test_a_session_ends_after_half_an_hour_or_four_hours(office: Litestar) -> None:
    assert (timedelta(minutes=30), timedelta(hours=4)) == (IDLE, ABSOLUTE)
    desk = Desk(office)
    await desk.works("martin")
    await age(office, seen_at="29 min")
    assert (await desk.get("/pro/accueil")).status_code == 200
    await age(office, seen_at="31 min")
    answer = await desk.get("/pro/equipe")
    assert answer.headers["location"] == "/pro"
    assert "Votre session est terminée" in text_of(await desk.get("/pro"))
    back = await desk.comes("martin")
    assert back.headers["location"] == "/pro/equipe", "where they were going"
    await age(office, ends_at="5 hours")
    assert (await desk.get("/pro/accueil")).status_code == 303
    async with office.state.sessions.begin() as db:
        assert await pro_sign_in.sweep(db) == 2


async def test_three_browsers_at_most_and_each_may_be_ended(office: Litestar) -> None:
    desks = [Desk(office) for _ in range(4)]
    for desk in desks:
        await desk.works("martin")
    assert (await desks[0].get("/pro/accueil")).status_code == 303
    page = await desks[3].get("/pro/sessions")
    ids = re.findall(r'name="id" value="([^"]+)"', page.text)
    assert len(ids) == 2
    stranger = Desk(office)
    await stranger.works("morel")
    await stranger.get("/pro/sessions")
    await stranger.post("/pro/sessions", id=ids[0])
    assert len(re.findall(r'name="id"', (await desks[3].get("/pro/sessions")).text)) == 2
    for id_ in ids:
        await desks[3].post("/pro/sessions", id=id_)
    states = [(await desk.get("/pro/accueil")).status_code for desk in desks]
    assert states == [303, 303, 303, 200]


async def test_the_end_of_pro_sante_connects_session_is_the_end_of_ours(office: Litestar) -> None:
    emulator, desk, machine = emulator_of(office), Desk(office), client_of(office)
    await desk.works("martin")
    (sid,) = emulator.sessions
    good = emulator.goodbye(sid)
    head, body, signature = good.split(".")
    for wrong in (
        "",
        "x",
        emulator.goodbye(sid, nonce="x"),
        emulator.goodbye(sid, events={}),
        emulator.goodbye(sid, aud="another"),
        emulator.goodbye(sid, iat=0),
        emulator.goodbye(""),
        f"{head}.{body}.{signature[::-1]}",
    ):
        answer = await machine.post("/pro/psc/deconnexion", data={"logout_token": wrong})
        assert answer.status_code == 400, wrong
    assert (await desk.get("/pro/accueil")).status_code == 200
    answer = await machine.post("/pro/psc/deconnexion", data={"logout_token": good})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert (await desk.get("/pro/accueil")).status_code == 303


async def test_a_patients_cookie_opens_nothing_here_and_the_reverse(office: Litestar) -> None:
    desk = Desk(office)
    await desk.works("martin")
    token = desk.client.cookies["pro"]
    for path in ("/documents", "/compte"):
        assert (await desk.get(path)).headers["location"] == "/connexion"
    other = Browser(office, client_of(office))
    other.client.cookies.set("reperes", token, domain="127.0.0.1")
    assert (await other.get("/documents")).status_code == 303
    other.client.cookies.set("pro", "x" * 43, domain="127.0.0.1")
    assert (await other.get("/pro/accueil")).status_code == 303


async def test_only_hashes_and_sealed_hints_are_kept(office: Litestar) -> None:
    desk = Desk(office)
    await desk.works("martin")
    async with office.state.sessions() as db:
        (session,) = (await db.scalars(select(ProSession))).all()
    row: dict[str, Any] = vars(session)
    assert desk.client.cookies["pro"] not in str(row)
    assert b"eyJ" not in session.sealed_hint


async def test_without_a_configuration_production_keeps_the_door_closed(
    world_url: str, tmp_path: Path
) -> None:
    settings = replace(settings_for(world_url, tmp_path), mode=Mode.PRODUCTION)
    app = create_app(settings)
    async with running(app):
        assert app.state.psc is None
        desk = Desk(app)
        said = text_of(await desk.get("/pro"))
        assert "Cet espace n’est pas encore ouvert" in said
        assert (await desk.post("/pro/connexion")).status_code == 503
        assert (await desk.get("/pro/retour?code=x&state=y")).status_code == 403
        assert (await desk.get("/demo/psc/auth")).status_code == 404


async def test_strangers_do_not_fill_the_journal(office: Litestar) -> None:
    desk = Desk(office)
    query = select(Trace.id).where(Trace.reason == "return-state")
    async with office.state.sessions() as db:
        before = len((await db.scalars(query)).all())
    for _ in range(25):
        assert (await desk.get("/pro/retour?code=x&state=y")).status_code == 403
    async with office.state.sessions() as db:
        assert len((await db.scalars(query)).all()) - before <= 21
