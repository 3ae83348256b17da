"""« Par analyse »: Laura’s values through two laboratories, and nobody else’s."""

import re
from collections.abc import Mapping
from uuid import uuid4

import pytest
from litestar import Litestar
from sqlalchemy import select

from backend.demo.people import KARIM, LAURA
from backend.demo.reports import DemoDeposit, write_message
from backend.storage.documents import StoredResult
from backend.storage.pins import Pin
from backend.storage.traces import Trace
from tests.laboratory import Laboratory
from tests.pages import Browser, text_of

Reports = Mapping[str, DemoDeposit]
HBA1C = "Sucre sur 3 mois"
OURS = ("laura-premier-bilan-v1", "laura-deuxieme-bilan-v1", "laura-bilan-sanguin-v1")
ROW = re.compile(r'href="(/analyses/[0-9a-f-]{36})">\s*<span><b>(.*?)</b>')


@pytest.fixture
async def laura(
    app: Litestar, laboratory: Laboratory, reports: Reports, reader: Browser
) -> Browser:
    """Laura, signed in, with two years of reports."""
    for name in OURS:
        assert "MSA|AA" in await laboratory.send(write_message(reports[name]))
    tilleuls = Laboratory(laboratory.client, "sgl-tilleuls")
    assert "MSA|AA" in await tilleuls.send(write_message(reports["laura-tilleuls-v1"]))
    await reader.sign_in(LAURA)
    return reader


async def listed(browser: Browser) -> dict[str, str]:
    """Address of each analysis, by its name."""
    page = (await browser.get("/analyses")).text
    return {name: path for path, name in ROW.findall(page)}


async def test_one_analysis_is_one_line_whatever_its_laboratory_its_unit_and_its_code(
    laura: Browser,
) -> None:
    found = await listed(laura)
    assert list(found).count("Sucre dans le sang, à jeun") == 1
    page = (await laura.get("/analyses")).text
    assert page.count(f"<b>{HBA1C}</b>") == 1
    shown = text_of(await laura.get(found[HBA1C]))
    assert "Laboratoire des Tilleuls" in shown
    for value in ("6,2 %", "5,8 %", "5,7 %", "5,5 %"):
        assert value in shown
    assert "De 5,5 à 6,2 % depuis novembre 2024" in shown
    assert "la ligne s’interrompt" in shown
    assert "Aucun chiffre n’est converti" not in shown
    sugar = text_of(await laura.get(found["Sucre dans le sang, à jeun"]))
    assert "5,4 mmol/L" in sugar


async def test_an_address_says_nothing_and_is_another_in_each_record(laura: Browser) -> None:
    for path in (await listed(laura)).values():
        assert re.fullmatch(r"/analyses/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", path)
    page = (await laura.get((await listed(laura))[HBA1C])).text
    assert HBA1C not in page[page.index("<title>") : page.index("</title>")]


@pytest.mark.parametrize(("period", "more"), [("1", False), ("3", True), ("rien", True)])
async def test_a_period_shortens_the_table_and_the_chart(
    laura: Browser, period: str, *, more: bool
) -> None:
    path = (await listed(laura))[HBA1C]
    shown = text_of(await laura.get(f"{path}?periode={period}"))
    assert "Dernier résultat" in shown
    assert ("5,5 %" in shown) is more


async def test_a_text_says_who_has_not_signed_it_yet_and_has_a_plainer_version(
    laura: Browser,
) -> None:
    path = (await listed(laura))[HBA1C]
    page = text_of(await laura.get(f"{path}/comprendre"))
    assert "en attente de la signature d’un biologiste" in page
    assert "Il ne parle pas de votre cas." in page
    assert "fixé du sucre" in page
    await laura.post("/lecture", lecture="simple", page="/")
    assert "se fixe sur les globules" in text_of(await laura.get(f"{path}/comprendre"))


async def test_a_card_of_a_report_leads_to_its_analysis_and_its_text(laura: Browser) -> None:
    documents = (await laura.get("/documents")).text
    report = re.search(r'href="(/documents/[0-9a-f-]{36})"', documents)
    assert report
    page = (await laura.get(report[1])).text
    path = (await listed(laura))[HBA1C]
    assert f'href="{path}/comprendre"' in page
    assert f'href="{path}"' in page


async def test_a_pin_is_on_the_home_page_of_this_account_and_comes_off(
    app: Litestar, laura: Browser
) -> None:
    path = (await listed(laura))[HBA1C]
    assert "Mes analyses" not in text_of(await laura.get("/"))
    about = await laura.about(path)
    answer = await laura.post(f"{path}/epingler", choix="epingler", **about)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert f"Mes analyses {HBA1C}" in text_of(await laura.get("/"))
    await laura.post(f"{path}/epingler", choix="epingler", **about)
    async with app.state.sessions() as db:
        assert len((await db.scalars(select(Pin))).all()) == 1
    await laura.post(f"{path}/epingler", choix="retirer", **about)
    assert "Mes analyses" not in text_of(await laura.get("/"))


async def test_a_seventh_pin_is_refused_in_words(laura: Browser) -> None:
    paths = list((await listed(laura)).values())[:7]
    about = await laura.about(paths[0])
    answers = [await laura.post(f"{p}/epingler", choix="epingler", **about) for p in paths]
    assert [answer.status_code for answer in answers] == [*[303] * 6, 422]
    assert "Retirez-en une d’abord." in answers[-1].text
    wrong = await laura.post(f"{paths[0]}/epingler", choix="autre", **about)
    assert wrong.status_code == 409


async def test_the_sheet_has_the_last_values_of_what_was_chosen(laura: Browser) -> None:
    found = await listed(laura)
    choose = (await laura.get("/analyses/tableau")).text
    chosen = re.findall(r'value="([0-9a-f-]{36})" checked', choose)
    assert found[HBA1C].rsplit("/", 1)[1] in chosen
    query = "&".join(f"analyse={one}" for one in chosen)
    sheet = text_of(await laura.get(f"/analyses/tableau/feuille?{query}"))
    assert "Dossier de Laura Bernard" in sheet
    assert "5,7 %" in sheet
    paper = await laura.get(f"/analyses/tableau/feuille.pdf?{query}")
    assert paper.content.startswith(b"%PDF-")
    assert paper.headers["cache-control"] == "no-store"
    nothing = await laura.get("/analyses/tableau/feuille")
    assert nothing.status_code == 422
    assert "Cochez au moins une analyse." in nothing.text


async def test_too_many_for_one_sheet_is_said_and_what_was_ticked_is_kept(laura: Browser) -> None:
    kept = next(iter((await listed(laura)).values())).rsplit("/", 1)[1]
    query = "&".join(f"analyse={one}" for one in (kept, *(uuid4() for _ in range(40))))
    answer = await laura.get(f"/analyses/tableau/feuille?{query}")
    assert answer.status_code == 422
    assert "40 analyses au plus" in answer.text
    assert re.findall(r'value="([0-9a-f-]{36})" checked', answer.text) == [kept]


async def test_what_is_withheld_leaves_no_trace(
    app: Litestar, laura: Browser, laboratory: Laboratory, reports: Reports
) -> None:
    before = (await laura.get("/analyses")).text
    assert "MSA|AA" in await laboratory.send(write_message(reports["laura-anti-gad-v1"]))
    assert re.findall("<b>.*?</b>", (await laura.get("/analyses")).text) == re.findall(
        "<b>.*?</b>", before
    )
    assert "GAD" not in (await laura.get("/analyses/tableau")).text
    async with app.state.sessions() as db:
        assert len((await db.scalars(select(StoredResult.id))).all()) > 0


async def test_an_unknown_analysis_and_somebody_elses_are_one_and_the_same(
    laura: Browser,
) -> None:
    path = (await listed(laura))[HBA1C]
    await laura.post("/deconnexion")
    await laura.sign_in(KARIM)
    unknown = await laura.get(f"/analyses/{uuid4()}")
    for address in (path, f"{path}/comprendre"):
        answer = await laura.get(address)
        assert (answer.status_code, answer.content) == (404, unknown.content)
    refused = await laura.get(f"/analyses/tableau/feuille?analyse={path.rsplit('/', 1)[1]}")
    assert refused.status_code == 422


async def test_every_read_is_in_the_journal_without_its_subject(
    app: Litestar, laura: Browser
) -> None:
    path = (await listed(laura))[HBA1C]
    await laura.get(path)
    async with app.state.sessions() as db:
        lines = (await db.scalars(select(Trace).where(Trace.action.like("analysis:%")))).all()
    assert {line.action for line in lines} == {"analysis:list", "analysis:open"}
    assert all(line.thing_id is None for line in lines)


async def test_the_walk_over_names_reads_the_same_as_the_rows(
    app: Litestar, laura: Browser
) -> None:
    """As many lines as there are analyses among the results, whatever their order."""
    async with app.state.sessions() as db:
        stored = set((await db.scalars(select(StoredResult.analyte))).all())
    assert len(stored) >= len(await listed(laura)) > 20
