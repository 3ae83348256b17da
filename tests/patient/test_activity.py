"""« Qui a fait quoi »: each parent sees what the other did, and nothing of what is hidden."""

from collections.abc import Mapping

import pytest
from litestar import Litestar

from backend.demo.people import KARIM, LAURA, LEA, NADIA, NOE
from backend.demo.reports import DemoDeposit
from tests.pages import Browser, text_of
from tests.patient.changing import run
from tests.patient.test_profiles import answer, choose, file_for, invited, open_as

PAGE = "/acces?qui=tous"
Reports = Mapping[str, DemoDeposit]


async def test_each_parent_sees_what_the_other_did(app: Litestar, reports: Reports) -> None:
    await file_for(app, reports, "lea-bilan-v1")
    karim = await invited(app)
    nadia = await open_as(app, NADIA)
    await answer(nadia, "accepter")
    await choose(nadia, LEA)
    listed = (await nadia.get("/documents")).text
    await nadia.get("/documents/" + listed.split('href="/documents/')[1].split('"')[0])
    seen = text_of(await karim.get(PAGE))
    assert "Nadia Cherif a ouvert un document" in seen
    assert "Nadia Cherif a maintenant accès au profil" in seen
    assert "Karim Benali (vous) a proposé le partage" in seen
    assert "Laboratoire de l’Estuaire, Nantes a déposé un document" in seen
    assert "Karim Benali a affiché le profil" in text_of(await nadia.get(PAGE))


async def test_results_read_without_opening_a_report_are_told_too(
    app: Litestar, reports: Reports
) -> None:
    await file_for(app, reports, "lea-bilan-v1")
    karim = await invited(app)
    nadia = await open_as(app, NADIA)
    await answer(nadia, "accepter")
    await choose(nadia, LEA)
    listed = (await nadia.get("/analyses")).text
    one = listed.split('href="/analyses/')[2].split('"')[0]
    assert (await nadia.get(f"/analyses/{one}")).status_code == 200
    assert (await nadia.get(f"/analyses/tableau/feuille.pdf?analyse={one}")).status_code == 200
    seen = text_of(await karim.get(PAGE))
    for words in (
        "a regardé les derniers résultats, par analyse",
        "a lu des résultats, par analyse",
        "a téléchargé un tableau de résultats",
    ):
        assert f"Nadia Cherif {words}" in seen


@pytest.mark.parametrize("flag", ["hidden_from_guardians", "withheld"])
async def test_nothing_is_told_of_what_a_parent_may_not_know(
    app: Litestar, reports: Reports, flag: str
) -> None:
    karim = await open_as(app, KARIM, NOE)
    before = text_of(await karim.get(PAGE))
    await file_for(app, reports, "noe-depistage-v1")
    await run(app, f"UPDATE document SET {flag} = true")
    assert text_of(await karim.get(PAGE)) == before


async def test_it_is_about_the_record_on_the_screen(app: Litestar) -> None:
    karim = await open_as(app, KARIM)
    assert "Karim Benali (vous) s’est connecté" in text_of(await karim.get(PAGE))
    laura = await open_as(app, LAURA)
    assert "Benali" not in text_of(await laura.get(PAGE))


async def test_it_goes_back_page_by_page(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await run(
        app,
        "INSERT INTO trace (id, lane, number, at, actor_kind, actor_id, action, allowed, "
        "record_id, reason, hash) SELECT gen_random_uuid(), record_id, 1000 + n, "
        "now() - interval '1 day' * n, 'Patient', account.id, 'account:sign-in', true, "
        "record_id, '', '' FROM account, generate_series(1, 70) n "
        "WHERE identifier_index = (SELECT identifier_index FROM account JOIN browser_session "
        "ON account_id = account.id LIMIT 1)",
    )
    seen, path = 0, PAGE
    for _ in range(5):
        page = await reader.get(path)
        seen += page.text.count("s’est connecté")
        if "Voir plus ancien" not in page.text:
            break
        path = page.text.split('href="/acces?qui=tous&amp;avant')[1].split('"')[0]
        path = f"{PAGE}&avant{path}".replace("&amp;", "&")
    assert seen == 71


@pytest.mark.parametrize("place", ["x", "20261123", "20261323T000000.000000Z"])
async def test_a_place_that_is_none(reader: Browser, place: str) -> None:
    await reader.sign_in(LAURA)
    assert (await reader.get(f"{PAGE}&avant={place}")).status_code == 404
