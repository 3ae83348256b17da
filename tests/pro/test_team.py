"""The team of a laboratory: attached and detached by its administrator, and by nobody else."""

import asyncio
import re

import pytest
from litestar import Litestar
from sqlalchemy import select

from backend.domain.laboratory import Role
from backend.services import teams
from backend.storage.teams import Membership
from backend.storage.traces import Trace
from tests.pages import text_of
from tests.pro.psc import Desk

NOT_HERE = "Aucune activité ouverte ici"
MALO = {"identifiant": "99900000110", "nom": "Kerivel", "prenom": "Malo", "role": "technicien"}


async def line_of(desk: Desk, name: str) -> str:
    """Where one asks to detach somebody."""
    page = (await desk.get("/pro/equipe")).text
    found = re.search(rf'href="(/pro/equipe/[^"]+)">Retirer<span class="vh"> {name}', page)
    assert found, page
    return found[1]


async def test_who_is_attached_comes_in_and_who_is_detached_is_out_at_once(
    office: Litestar,
) -> None:
    boss, malo = Desk(office), Desk(office)
    assert NOT_HERE in text_of(await malo.comes("kerivel"))
    await boss.works("legall")
    await boss.get("/pro/equipe")
    assert (await boss.post("/pro/equipe", **MALO)).status_code == 303
    assert "Malo Kerivel" in text_of(await boss.get("/pro/equipe"))
    assert (await malo.works("kerivel")).status_code == 200
    path = await line_of(boss, "Malo Kerivel")
    assert "Retirer Malo Kerivel ?" in text_of(await boss.get(path))
    assert (await boss.post(path)).status_code == 303
    assert (await malo.get("/pro/accueil")).headers["location"] == "/pro"
    assert NOT_HERE in text_of(await malo.comes("kerivel"))
    assert (await boss.post(path)).status_code == 404, "once"
    async with office.state.sessions() as db:
        seat = (
            await db.scalars(select(Membership).where(Membership.national_id == "899900000110"))
        ).one()
        assert seat.attached_by is not None
        assert seat.ended_at is not None
        query = select(Trace.action).where(Trace.thing_id == seat.id).order_by(Trace.number)
        assert list(await db.scalars(query)) == ["team:attach", "team:detach"]


async def test_a_wrong_form_says_what_to_correct_and_keeps_what_was_typed(
    office: Litestar,
) -> None:
    boss = Desk(office)
    await boss.works("legall")
    await boss.get("/pro/equipe")
    answer = await boss.post("/pro/equipe", **MALO | {"identifiant": "99900000111", "role": "x"})
    assert answer.status_code == 422
    assert "Un chiffre de ce numéro RPPS est mal recopié." in text_of(answer)
    assert "Choisissez un rôle dans la liste." in text_of(answer)
    assert 'value="Kerivel"' in answer.text
    again = {"identifiant": "899900000102", "nom": "C", "prenom": "I", "role": "technicien"}
    answer = await boss.post("/pro/equipe", **again)
    assert (answer.status_code, "déjà ce rôle" in text_of(answer)) == (422, True)


@pytest.mark.parametrize("who", ["rousseau", "caradec", "diallo", "riou", "martin"])
async def test_nobody_else_attaches_or_detaches(office: Litestar, who: str) -> None:
    boss, desk = Desk(office), Desk(office)
    await boss.works("morel")
    path = await line_of(boss, "Awa Diallo")
    await desk.works(who)
    team = await desk.get("/pro/equipe")
    assert team.status_code == (403 if who == "martin" else 200)
    assert "Ajouter une personne" not in text_of(team)
    refused = 404 if who == "martin" else 403
    assert (await desk.post("/pro/equipe", **MALO)).status_code == 403
    assert (await desk.get(path)).status_code == 403
    assert (await desk.post(path)).status_code == refused
    async with office.state.sessions() as db:
        lines = await db.scalars(select(Trace.action).where(~Trace.allowed, Trace.reason == "rule"))
        assert "team:attach" in list(lines)


async def test_an_administrator_of_another_laboratory_reaches_nobody_here(
    office: Litestar,
) -> None:
    here, there = Desk(office), Desk(office)
    await here.works("morel")
    path = await line_of(here, "Awa Diallo")
    await there.works("guillou")
    page = text_of(await there.get("/pro/equipe"))
    assert "Anne Guillou" in page
    assert "Diallo" not in page
    assert (await there.get(path)).status_code == 404
    assert (await there.post(path)).status_code == 404


async def test_a_role_gives_no_profession_and_the_last_administrator_stays(
    office: Litestar,
) -> None:
    boss, malo = Desk(office), Desk(office)
    await boss.works("guillou")
    path = await line_of(boss, "Anne Guillou, administrateur")
    answer = await boss.post(path)
    assert (answer.status_code, "la seule personne" in text_of(answer)) == (422, True)
    boss = Desk(office)
    await boss.works("legall")
    await boss.get("/pro/equipe")
    await boss.post("/pro/equipe", **MALO | {"role": "biologiste"})
    assert NOT_HERE in text_of(await malo.comes("kerivel")), "the directory says technician"


async def test_a_biologist_who_was_detached_does_not_come_back_by_themselves(
    office: Litestar,
) -> None:
    boss, biologist = Desk(office), Desk(office)
    assert (await biologist.works("rousseau")).status_code == 200
    await boss.works("legall")
    await boss.post(await line_of(boss, "Étienne Rousseau"))
    assert (await biologist.get("/pro/accueil")).status_code == 303
    assert NOT_HERE in text_of(await biologist.comes("rousseau"))


async def test_who_was_detached_between_the_page_and_the_click_changes_nothing(
    office: Litestar,
) -> None:
    legall, morel = Desk(office), Desk(office)
    await legall.works("legall")
    await morel.works("morel")
    path = await line_of(morel, "Bruno Le Gall")
    await morel.post(path)
    assert (await legall.post("/pro/equipe", **MALO)).headers["location"] == "/pro"


async def test_two_who_detach_each_other_at_once_do_not_wait_for_each_other(
    office: Litestar,
) -> None:
    legall, morel = Desk(office), Desk(office)
    await legall.works("legall")
    await morel.works("morel")
    there, here = await line_of(legall, "Claire Morel"), await line_of(morel, "Bruno Le Gall")
    answers = await asyncio.gather(legall.post(there), morel.post(here))
    led = [one.headers.get("location") for one in answers]
    assert sorted(map(str, led)) == ["/pro", "/pro/equipe"], "one stays, the other is out"


async def test_the_operator_names_the_first_administrator(office: Litestar) -> None:
    newcomer = teams.Newcomer("899900000110", "Kerivel", "Malo", Role.ADMINISTRATOR)
    async with office.state.sessions.begin() as db:
        assert not await teams.appoint(db, "000000000", newcomer)
        assert await teams.appoint(db, "440099991", newcomer)
        await db.flush()
        await db.rollback()
