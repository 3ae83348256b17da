"""« Qui a fait quoi »: each parent sees what the other did, and nothing of what is hidden."""

from collections.abc import Mapping
from uuid import UUID

import pytest
from litestar import Litestar
from sqlalchemy import select

from backend.demo.people import KARIM, LAURA, LEA, NADIA, NOE
from backend.demo.reports import DemoDeposit
from backend.domain.formats.hl7v2_writer import Action
from backend.storage.documents import Document
from tests.fixtures.application import client_of
from tests.hiding import another
from tests.laboratory import Laboratory
from tests.pages import Browser, text_of
from tests.patient.changing import run
from tests.patient.professionals import office
from tests.patient.test_own_documents import added
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


async def opened_by_the_doctor(app: Litestar, document: UUID) -> str:
    """What Laura reads of it."""
    doctor = await office(app)
    await doctor.is_let_in()
    assert await doctor.lists()
    assert await doctor.opens(document)
    return "a ouvert un document"


async def test_who_opened_a_paper_is_still_told_once_it_is_deleted(
    app: Litestar, reader: Browser
) -> None:
    await reader.sign_in(LAURA)
    where = await added(reader)
    said = await opened_by_the_doctor(app, UUID(where.split("/")[-1]))
    assert f"{said} : Ordonnance du Dr Petit" in text_of(await reader.get("/acces"))
    assert (await reader.post(f"{where}/supprimer")).status_code == 303
    seen = text_of(await reader.get("/acces"))
    assert f"{said} retiré depuis." in seen
    assert "Ordonnance" not in seen


@pytest.mark.parametrize("by", ["withdrawn", "disowned"])
async def test_who_opened_a_report_is_still_told_once_it_is_put_away(
    app: Litestar, reader: Browser, laboratory: Laboratory, reports: Reports, by: str
) -> None:
    report = another(reports["laura-bilan-sanguin-v1"].report, 951)
    assert "MSA|AA" in await laboratory.deposit(report)
    await reader.sign_in(LAURA)
    document = await only_document(app)
    said = await opened_by_the_doctor(app, document)
    if by == "withdrawn":
        assert "MSA|AA" in await laboratory.deposit(report, Action.DELETE)
    else:
        assert (await reader.post(f"/documents/{document}/pas-a-moi")).status_code == 303
    seen = text_of(await reader.get("/acces"))
    assert f"{said} retiré depuis." in seen
    assert report.header.title not in seen


@pytest.mark.parametrize("days", [0, 90])
async def test_what_was_withheld_and_withdrawn_stays_unknown(
    app: Litestar, reader: Browser, laboratory: Laboratory, reports: Reports, days: int
) -> None:
    await reader.sign_in(LAURA)
    before = text_of(await reader.get(PAGE))
    report = another(reports["laura-bilan-sanguin-v1"].report, 952)
    assert "MSA|AA" in await laboratory.deposit(report, flags={"INVISIBLE_PATIENT": True})
    await opened_by_the_doctor(app, await only_document(app))
    assert "MSA|AA" in await laboratory.deposit(report, Action.DELETE)
    await run(app, f"UPDATE document SET withheld_on = withheld_on - {days}")
    seen = text_of(await reader.get(PAGE))
    assert "retiré depuis" not in seen
    assert "un document" not in seen.replace(before, "")


async def test_what_was_hidden_from_a_parent_and_withdrawn_stays_unknown(
    app: Litestar, reports: Reports
) -> None:
    karim = await open_as(app, KARIM, LEA)
    before = text_of(await karim.get(PAGE))
    sent = reports["lea-bilan-v1"]
    laboratory = Laboratory(client_of(app), sent.laboratory.client_id)
    hidden = another(sent.report, 953)
    assert "MSA|AA" in await laboratory.deposit(hidden, flags={"INVISIBLE_REP_LEGAUX": True})
    assert "MSA|AA" in await laboratory.deposit(hidden, Action.DELETE)
    assert text_of(await karim.get(PAGE)) == before


async def only_document(app: Litestar) -> UUID:
    async with app.state.sessions() as db:
        document: UUID = (await db.scalars(select(Document.id))).one()
    return document


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
