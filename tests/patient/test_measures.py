"""« Mesures »: typed, asked once more, seen, deleted, put back; and nobody else’s to read."""

import asyncio
import re
from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

import pytest
from httpx import Response
from litestar import Litestar
from sqlalchemy import func, select

from backend.cli.fsck import check
from backend.demo.people import KARIM, LAURA, LEA
from backend.demo.reports import DemoDeposit
from backend.domain.calendar import PARIS
from backend.jobs import calendar
from backend.storage.db import utcnow
from backend.storage.measures import StoredMeasure
from backend.storage.traces import Trace
from tests.days import TODAY
from tests.fixtures.application import client_of
from tests.pages import Browser, text_of
from tests.patient.changing import count, run
from tests.patient.test_activation import place
from tests.patient.test_caregivers import helping
from tests.patient.test_profiles import choose, file_for, open_as
from tests.services.test_closure import close, erase

Reports = Mapping[str, DemoDeposit]
TILE = re.compile(
    r'<a class="rowlink" href="(/mesures/[0-9a-f-]{36})/ajouter"><span class="tx"><b>(.*?)<'
)
SHOWN = re.compile(r'<h2><a href="(/mesures/[0-9a-f-]{36})">(.*?)<')
ROW = re.compile(r'name="mesure" value="([0-9a-f-]{36})"')


async def places(browser: Browser) -> dict[str, str]:
    """Where each measure is, by its name."""
    page = (await browser.get("/mesures")).text
    return {name: path for path, name in (*TILE.findall(page), *SHOWN.findall(page))}


async def write(browser: Browser, name: str, **typed: str) -> Response:
    """The form of this measure, filled and sent."""
    path = f"{(await places(browser))[name]}/ajouter"
    form = (await browser.get(path)).text
    now = dict(re.findall(r'name="(jour|heure)" type="(?:date|time)"\s+value="(.*?)"', form))
    return await browser.post(path, **(await browser.about(path) | now | typed))


async def added(browser: Browser, name: str, **typed: str) -> str:
    """The address of the page that follows."""
    answer = await write(browser, name, **typed)
    assert answer.status_code == 303, text_of(answer)
    return str(answer.headers["location"])


async def act(browser: Browser, page: str, what: str, **fields: str) -> Response:
    about = await browser.about("/mesures/comptes-rendus")
    return await browser.post(f"{page}/{what}", **(about | fields))


@pytest.fixture
async def laura(reader: Browser) -> Browser:
    await reader.sign_in(LAURA)
    return reader


async def test_what_is_typed_is_said_back_seen_and_followed(laura: Browser) -> None:
    assert "rien encore" in text_of(await laura.get("/"))
    assert len(await places(laura)) == 13, "all but what is computed"
    page = text_of(await laura.get(await added(laura, "Tension", valeur="13,8", deuxieme="8,8")))
    assert "C’est enregistré : 138/88 mmHg" in page.replace("\u202f", " ")
    await added(laura, "Tension", valeur="130", deuxieme="80", commentaire="au calme")
    page = text_of(await laura.get((await places(laura))["Tension"]))
    assert ": 130/80 mmHg ." in page
    assert "au calme" in page
    assert "Le plus grand chiffre : de 138 à 130 mmHg" in page.replace("\u202f", " ")
    index = text_of(await laura.get("/mesures"))
    assert "130/80 mmHg" in index
    assert "La dernière : " in text_of(await laura.get("/"))


async def test_what_is_wrong_is_said_beside_it_and_kept(app: Litestar, laura: Browser) -> None:
    for name, typed, sentence in (
        ("Poids", {"valeur": "lourd"}, "Écrivez un nombre, en chiffres."),
        ("Poids", {"valeur": "5000"}, "entre 0,2 et 1000 (kg)"),
        ("Poids", {"valeur": "70", "jour": "2999-01-01"}, "Ce moment est à venir"),
        ("Poids", {"valeur": "70", "jour": "1991-05-13"}, "avant la naissance"),
        ("Poids", {"valeur": "70", "heure": "midi"}, "Écrivez l’heure"),
        ("Poids", {"valeur": "70", "commentaire": "x" * 151}, "150 caractères au plus"),
        ("Tension", {"valeur": "8", "deuxieme": "13"}, "d’abord le plus grand chiffre"),
        ("Glycémie", {"valeur": "95"}, "Choisissez le moment."),
        ("Glucose interstitiel moyen", {"valeur": "140"}, "Choisissez le nombre de jours."),
    ):
        answer = await write(laura, name, **typed)
        assert answer.status_code == 422, name
        assert sentence in text_of(answer)
        assert f'value="{typed["valeur"]}"' in answer.text
    assert await count(app, StoredMeasure) == 0


async def test_where_a_value_comes_from_is_optional_kept_and_seen(laura: Browser) -> None:
    assert (await write(laura, "Poids", valeur="820", source="appareil")).status_code == 422
    answer = await write(laura, "Poids", valeur="820", source="lune", confirme="820")
    assert answer.status_code == 422
    assert "Choisissez d’où vient cette valeur." in text_of(answer)
    await added(laura, "Poids", valeur="72", source="appareil", commentaire="le soir")
    page = await laura.get(await added(laura, "Poids", valeur="71"))
    assert re.findall("Source : (moi|un appareil)", text_of(page)) == ["moi", "un appareil"]
    asked = await write(laura, "Poids", valeur="830", source="application")
    assert '<option value="application" selected>' in asked.text, "kept with what was typed"


async def test_a_surprising_value_is_asked_once_more_and_kept(laura: Browser) -> None:
    answer = await write(laura, "Poids", valeur="820")
    assert answer.status_code == 422
    assert "820 kg, est-ce bien cela" in text_of(answer)
    assert "Oui, enregistrer" in text_of(answer)
    assert 'name="confirme" value="820"' in answer.text
    other = await write(laura, "Poids", valeur="830", confirme="820")
    assert "830 kg, est-ce bien cela" in text_of(other), "another value is asked again"
    assert (await write(laura, "Poids", valeur="820", confirme="820")).status_code == 303
    assert "820 kg" in text_of(await laura.get("/mesures"))


async def test_the_same_value_sent_twice_is_there_once(app: Litestar, laura: Browser) -> None:
    hour = {"jour": "2026-01-05", "heure": "07:30"}
    once, twice = [await added(laura, "Poids", valeur="72,5", **hour) for _ in range(2)]
    assert once == twice
    assert await count(app, StoredMeasure) == 1
    await asyncio.gather(*(write(laura, "Poids", valeur="71,5", **hour) for _ in range(3)))
    assert await count(app, StoredMeasure) == 2


async def test_the_index_is_computed_and_never_typed(laura: Browser) -> None:
    names = set(await places(laura))
    await added(laura, "Taille", valeur="1,68")
    await added(laura, "Poids", valeur="72,5")
    where = await places(laura)
    assert set(where) - names == {"Indice de masse corporelle"}
    page = where["Indice de masse corporelle"]
    shown = text_of(await laura.get(page))
    assert "25,7 kg/m²" in shown
    assert "Supprimer" not in shown
    assert "Ajouter une valeur" not in shown
    assert (await laura.get(f"{page}/ajouter")).status_code == 404
    about = await laura.about("/mesures/comptes-rendus")
    assert (await laura.post(f"{page}/ajouter", valeur="22", **about)).status_code == 404


async def test_what_is_deleted_may_be_put_back_for_a_day(app: Litestar, laura: Browser) -> None:
    await added(laura, "Poids", valeur="72,5", commentaire="avec les chaussures")
    page = (await places(laura))["Poids"]
    (row,) = ROW.findall((await laura.get(page)).text)
    answer = await act(laura, page, "supprimer", mesure=row)
    after = answer.headers["location"]
    shown = text_of(await laura.get(after))
    assert "Mesure supprimée : 72,5 kg" in shown.replace("\u202f", " ")
    assert "avec les chaussures" not in text_of(await laura.get(page))
    assert (await act(laura, page, "supprimer", mesure=row)).status_code == 404
    answer = await act(laura, page, "remettre", mesure=row)
    assert "avec les chaussures" in text_of(await laura.get(answer.headers["location"]))
    await act(laura, page, "supprimer", mesure=row)
    await run(app, "UPDATE measure SET deleted_at = deleted_at - interval '1 day'")
    assert "Mesure supprimée" not in text_of(await laura.get(after))
    assert (await act(laura, page, "remettre", mesure=row)).status_code == 404
    await calendar.go_round(app.state.sessions)
    assert await count(app, StoredMeasure) == 0


async def test_what_was_just_deleted_is_not_forgotten_yet(app: Litestar, laura: Browser) -> None:
    await added(laura, "Poids", valeur="72,5")
    page = (await places(laura))["Poids"]
    (row,) = ROW.findall((await laura.get(page)).text)
    await act(laura, page, "supprimer", mesure=row)
    await calendar.go_round(app.state.sessions)
    assert await count(app, StoredMeasure) == 1


async def test_a_goal_is_said_changed_and_taken_away(app: Litestar, laura: Browser) -> None:
    where = await places(laura)
    page = where["HbA1c"]
    assert (await act(laura, page, "objectif", objectif="70")).status_code == 422
    for goal, said in (("7,5", "7,5 %"), ("7", ": 7 %")):
        assert place(await act(laura, page, "objectif", objectif=goal)) == page
        assert said in text_of(await laura.get(page)).replace("\u202f", " ")
    assert await count(app, StoredMeasure) == 1
    assert "rien encore" in text_of(await laura.get("/")), "a goal is no measure"
    assert "7 %" not in text_of(await laura.get("/mesures")).replace("\u202f", " ")
    await act(laura, page, "objectif", objectif="")
    assert "Objectif vu avec le médecin" not in text_of(await laura.get(page))
    about = await laura.about("/mesures/comptes-rendus")
    other = f"{where['Poids']}/objectif"
    assert (await laura.post(other, objectif="70", **about)).status_code == 404


async def test_reports_are_read_only_when_that_is_wanted_and_never_copied(
    app: Litestar, laura: Browser, reports: Reports
) -> None:
    for name in ("laura-bilan-sanguin-v1", "laura-tilleuls-v1"):
        await file_for(app, reports, name)
    page = (await places(laura))["HbA1c"]
    assert "5,8 %" not in text_of(await laura.get(page)).replace("\u202f", " ")
    consent = "/mesures/comptes-rendus"
    assert "Aujourd’hui : non" in text_of(await laura.get(consent)).replace("\u202f", " ")
    answer = await laura.post(consent, choix="oui", **await laura.about(consent))
    done = text_of(await laura.get(answer.headers["location"]))
    assert "Les mesures des comptes rendus sont montrées" in done
    html = (await laura.get(page)).text
    values = re.findall(r"<b>([\d,]+)</b> %", html)
    assert len(values) >= 2
    assert "Compte rendu du" in html
    assert "Laboratoire des Tilleuls" in html
    assert "Supprimer" not in text_of(await laura.get(page))
    document = re.findall(r'href="(/documents/[0-9a-f-]+)"', html)[0]
    assert (await laura.get(document)).status_code == 200
    assert "Glycémie" not in {name for _, name in SHOWN.findall((await laura.get("/mesures")).text)}
    assert await count(app, StoredMeasure) == 0
    await run(app, "UPDATE document SET status = 'withdrawn'")
    assert not re.findall(r"<b>[\d,]+</b> %", (await laura.get(page)).text)
    await run(app, "UPDATE document SET status = 'current'")
    await laura.post(consent, choix="non", **await laura.about(consent))
    assert "Compte rendu du" not in (await laura.get(page)).text
    answer = await laura.post(consent, choix="peut-être", **await laura.about(consent))
    assert "Choisissez oui ou non." in text_of(answer)


@pytest.mark.parametrize(
    ("change", "there"),
    [
        ("withheld = true", False),
        ("status = 'quarantined'", False),
        ("hidden_from_guardians = true", True),
    ],
)
async def test_what_may_not_be_known_of_a_report_is_not_in_measures(
    app: Litestar,
    laura: Browser,
    reports: Reports,
    change: str,
    *,
    there: bool,
) -> None:
    await file_for(app, reports, "laura-bilan-sanguin-v1")
    await run(app, "UPDATE record SET measures_from_reports = true")
    assert "HbA1c" in {name for _, name in SHOWN.findall((await laura.get("/mesures")).text)}
    await run(app, f"UPDATE document SET {change}")
    shown = (await laura.get("/mesures")).text
    assert ("HbA1c" in {name for _, name in SHOWN.findall(shown)}) is there


async def test_an_address_says_nothing_and_is_another_in_each_record(
    app: Litestar, laura: Browser
) -> None:
    where = await places(laura)
    page = (await laura.get(where["HbA1c"])).text
    assert "HbA1c" not in page[page.index("<title>") : page.index("</title>")]
    karim = await open_as(app, KARIM)
    theirs = await places(karim)
    assert not set(where.values()) & set(theirs.values())
    for path in (where["HbA1c"], f"{where['Poids']}/ajouter", f"/mesures/{uuid4()}"):
        assert (await karim.get(path)).status_code == 404


async def test_nobody_reads_or_changes_those_of_somebody_else(
    app: Litestar, laura: Browser
) -> None:
    await added(laura, "Poids", valeur="72,5")
    page = (await places(laura))["Poids"]
    (row,) = ROW.findall((await laura.get(page)).text)
    karim = await open_as(app, KARIM)
    theirs = (await places(karim))["Poids"]
    about = await karim.about("/mesures/comptes-rendus")
    for where in (page, theirs):
        for what in ("supprimer", "remettre"):
            answer = await karim.post(f"{where}/{what}", mesure=row, **about)
            assert answer.status_code == 404
    assert "72,5" not in text_of(await karim.get(f"{theirs}?ajoutee={row}&supprimee={row}"))
    for bad in ("", "rien", str(uuid4())):
        assert (await act(laura, page, "supprimer", mesure=bad)).status_code == 404
    assert (await laura.get(f"{page}?supprimee={row}")).status_code == 200
    stranger = client_of(app)
    assert (await stranger.get("/mesures")).headers["location"] == "/connexion"


async def test_a_form_is_about_the_record_that_its_page_showed(
    app: Litestar, laura: Browser
) -> None:
    page = (await places(laura))["Poids"]
    for what in ("ajouter", "supprimer", "remettre", "objectif"):
        answer = await laura.post(f"{page}/{what}", valeur="72", profil=str(uuid4()))
        assert "changé de profil" in text_of(answer), what
    answer = await laura.post("/mesures/comptes-rendus", choix="oui", profil=str(uuid4()))
    assert "changé de profil" in text_of(answer)
    assert await count(app, StoredMeasure) == 0


async def test_a_parent_writes_in_the_record_of_a_child(app: Litestar) -> None:
    karim = await open_as(app, KARIM, LEA)
    answer = await write(karim, "Taille", valeur="1,18", jour="2019-03-16")
    assert "avant la naissance" in text_of(answer)
    await added(karim, "Taille", valeur="1,18")
    await added(karim, "Poids", valeur="21,6")
    assert "15,5" in text_of(await karim.get("/mesures")), "the index"
    await choose(karim, KARIM)
    assert "1,18" not in text_of(await karim.get("/mesures"))


@pytest.mark.parametrize("mandate", ["lire", "garder"])
async def test_an_aidant_reads_and_does_nothing(caring: Litestar, mandate: str) -> None:
    laura, nadia = await helping(caring, droit=mandate)
    await added(laura, "Poids", valeur="72,5")
    await added(laura, "HbA1c", valeur="6,1")
    where = await places(nadia)
    shown = text_of(await nadia.get("/mesures"))
    assert "72,5 kg" in shown
    assert "Ajouter" not in shown
    html = (await nadia.get(where["HbA1c"])).text
    assert "<form" not in html.partition("<main")[2].partition("</main>")[0]
    assert "a regardé les mesures" in text_of(await laura.get("/acces?qui=tous"))
    about = await laura.about("/mesures/comptes-rendus")
    for path, fields in (
        (f"{where['Poids']}/ajouter", {"valeur": "99"}),
        (f"{where['HbA1c']}/objectif", {"objectif": "7"}),
        ("/mesures/comptes-rendus", {"choix": "oui"}),
    ):
        assert (await nadia.post(path, **(fields | about))).status_code in {403, 404}
    assert (await nadia.get("/mesures/comptes-rendus")).status_code in {403, 404}
    assert await count(caring, StoredMeasure) == 2


async def test_each_read_and_each_change_is_one_line(app: Litestar, laura: Browser) -> None:
    where = await places(laura)
    await added(laura, "Poids", valeur="72,5")
    (row,) = ROW.findall((await laura.get(where["Poids"])).text)
    await act(laura, where["Poids"], "supprimer", mesure=row)

    async def lines() -> list[str]:
        query = select(Trace.action).where(Trace.action.like("measure:%")).order_by(Trace.number)
        async with app.state.sessions() as db:
            return list(await db.scalars(query))

    before = await lines()
    assert {what: before.count(what) for what in ("measure:add", "measure:delete")} == {
        "measure:add": 1,
        "measure:delete": 1,
    }
    await laura.get("/mesures")
    await laura.get(where["Poids"])
    assert (await lines())[len(before) :] == ["measure:list", "measure:list"]
    told = text_of(await laura.get("/acces?qui=tous"))
    assert "a ajouté une mesure" in told
    assert "a supprimé une mesure" in told


async def test_a_closed_record_shows_none_and_an_erased_one_has_none_to_open(
    app: Litestar, laura: Browser
) -> None:
    await added(laura, "Poids", valeur="72,5")
    await close(app, LAURA, erase=True)
    assert (await laura.get("/mesures")).headers["location"] == "/connexion"
    await run(app, f"UPDATE record SET erase_on = {TODAY} WHERE erase_on IS NOT NULL")
    assert await erase(app, LAURA)
    assert (await check(app.state.settings, now=utcnow())).broken == ()


async def test_the_database_says_neither_what_nor_how_much(app: Litestar, laura: Browser) -> None:
    when = (utcnow() - timedelta(days=2)).astimezone(PARIS)
    await added(
        laura,
        "HbA1c",
        valeur="6,1",
        commentaire="lecteur du cabinet",
        jour=f"{when:%Y-%m-%d}",
        heure=f"{when:%H:%M}",
    )
    async with app.state.sessions() as db:
        (row,) = (await db.scalars(select(StoredMeasure))).all()
        stored = row.sealed + row.kind.bytes
        assert await db.scalar(select(func.count()).select_from(StoredMeasure)) == 1
    for word in (b"hba1c", b"6.1", b"cabinet"):
        assert word not in stored
    assert (await check(app.state.settings, now=utcnow())).broken == ()
