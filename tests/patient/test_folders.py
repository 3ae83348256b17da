"""« Mes dossiers »: Laura puts her documents away; a hidden one is in no folder."""

import re
from collections.abc import Mapping
from uuid import uuid4

import pytest
from litestar import Litestar
from sqlalchemy import func, select, text

from backend.access.scopes import Policy
from backend.cli.fsck import check
from backend.demo.people import KARIM, LAURA, LEA
from backend.demo.reports import DemoDeposit
from backend.domain.folders import MOST
from backend.domain.formats.hl7v2_writer import Action
from backend.storage.db import utcnow
from backend.storage.documents import Document
from backend.storage.folders import Folder, Placement
from tests.fixtures.application import client_of
from tests.hiding import FROM_GUARDIANS, another
from tests.laboratory import Laboratory
from tests.pages import Browser, text_of
from tests.patient.telling import traced
from tests.patient.test_activation import place
from tests.patient.test_caregivers import helping
from tests.patient.test_own_documents import added
from tests.patient.test_profiles import file_for, open_as

Reports = Mapping[str, DemoDeposit]
PAGE = "/dossiers"
ID = re.compile(r'href="/documents/([0-9a-f-]{36})"')


@pytest.fixture
async def laura(app: Litestar, reports: Reports) -> Browser:
    """Signed in, with two reports."""
    for name in ("laura-premier-bilan-v1", "laura-bilan-sanguin-v1"):
        await file_for(app, reports, name)
    return await open_as(app, LAURA)


async def made(browser: Browser, name: str = "Grossesse") -> str:
    """The address of a new folder."""
    answer = await browser.post(PAGE, nom=name)
    assert answer.status_code == 303, text_of(answer)
    return place(answer).removesuffix("/ranger")


async def ids(browser: Browser, path: str = "/documents") -> list[str]:
    """The documents that a page lists."""
    return list(dict.fromkeys(ID.findall((await browser.get(path)).text)))


async def put(browser: Browser, folder: str, *documents: str) -> None:
    answer = await browser.post(f"{folder}/ranger", document=documents)
    assert place(answer) == folder, text_of(answer)


async def rows(app: Litestar, table: type[Folder | Placement]) -> int:
    async with app.state.sessions() as db:
        return await db.scalar(select(func.count()).select_from(table)) or 0


async def test_a_folder_is_made_filled_and_filters_the_list(app: Litestar, laura: Browser) -> None:
    assert "Mes dossiers" in text_of(await laura.get("/documents"))
    folder = await made(laura)
    first, second = await ids(laura)
    await put(laura, folder, first)
    assert "1 document" in text_of(await laura.get(PAGE))
    assert await ids(laura, folder) == [first]
    narrowed = f"/documents?dossier={folder.rpartition('/')[2]}"
    shown = await laura.get(narrowed)
    assert "Gérer ce dossier" in text_of(shown)
    assert ID.findall(shown.text) == [first]
    answer = await laura.post("/documents/recherche", mots="", dossier=narrowed.rpartition("=")[2])
    assert place(answer) == narrowed
    assert await ids(laura) == [first, second]
    async with app.state.engine.begin() as connection:
        sealed = (await connection.execute(text("SELECT sealed_name FROM folder"))).scalar_one()
    assert b"Grossesse" not in sealed


async def test_a_document_is_in_one_folder(app: Litestar, laura: Browser) -> None:
    one, other = await made(laura), await made(laura, "Sport")
    first, second = await ids(laura)
    await put(laura, one, first, second)
    assert "Rangé dans « Grossesse »" in text_of(await laura.get(f"{other}/ranger"))
    await put(laura, other, first, first)
    assert await ids(laura, one) == [second]
    assert await ids(laura, other) == [first]
    assert await rows(app, Placement) == 2
    about = await laura.about(one)
    answer = await laura.post(f"{one}/sortir", document=(first, second), **about)
    assert place(answer) == one
    assert await ids(laura, one) == []
    assert await ids(laura, other) == [first]


async def test_one_document_is_put_away_from_its_own_page(laura: Browser) -> None:
    first, _ = await ids(laura)
    where = f"/documents/{first}/dossier"
    assert "Ranger dans un dossier" in text_of(await laura.get(f"/documents/{first}"))
    assert "Vous n’avez pas encore de dossier" in text_of(await laura.get(where))
    folder = await made(laura)
    assert place(await laura.post(where, dossier=folder.rpartition("/")[2])) == folder
    assert await ids(laura, folder) == [first]
    assert place(await laura.post(where, dossier="")) == PAGE
    assert await ids(laura, folder) == []
    for wrong in (str(uuid4()), "x"):
        assert (await laura.post(where, dossier=wrong)).status_code == 404


async def test_a_folder_is_renamed_and_deleted_and_documents_stay(
    app: Litestar, laura: Browser
) -> None:
    folder, documents = await made(laura), await ids(laura)
    await put(laura, folder, *documents)
    about = await laura.about(folder)
    assert place(await laura.post(f"{folder}/nom", nom="Bébé", **about)) == folder
    assert "Bébé" in text_of(await laura.get(PAGE))
    assert place(await laura.post(f"{folder}/nom", nom="BÉBÉ", **about)) == folder
    assert "Ses documents ne sont pas supprimés" in text_of(await laura.get(f"{folder}/supprimer"))
    assert place(await laura.post(f"{folder}/supprimer")) == PAGE
    assert (await laura.get(folder)).status_code == 404
    assert await ids(laura) == documents
    assert await rows(app, Folder) == await rows(app, Placement) == 0
    assert "a supprimé un dossier de rangement" in text_of(await laura.get("/acces?qui=tous"))


async def test_what_is_wrong_is_said_in_place(laura: Browser) -> None:
    folder, other = await made(laura), await made(laura, "Sport")
    about = await laura.about(folder)
    for path in (PAGE, f"{folder}/nom"):
        for typed, said in (("", "Donnez un nom"), ("a" * 61, "60 lettres"), ("SPORT", "déjà un")):
            answer = await laura.post(path, nom=typed, **about)
            assert answer.status_code == 422
            assert said in text_of(answer)
            assert f'value="{typed}"' in answer.text
    for what in ("ranger", "sortir"):
        answer = await laura.post(f"{folder}/{what}", **about)
        assert answer.status_code == 422
        assert ("Cochez au moins un document" in text_of(answer)) or what == "sortir"
        for wrong in (str(uuid4()), "x"):
            answer = await laura.post(f"{other}/ranger", document=wrong)
            assert answer.status_code == 404
    assert (await laura.post(f"{folder}/nom", nom="x", profil=str(uuid4()))).status_code == 409


async def test_there_are_fifty_at_most(laura: Browser) -> None:
    for number in range(MOST):
        await made(laura, f"Dossier {number}")
    answer = await laura.post(PAGE, nom="Un de plus")
    assert answer.status_code == 422
    assert "Vous avez déjà 50 dossiers" in text_of(answer)


async def test_folders_of_others_do_not_exist(app: Litestar, laura: Browser) -> None:
    folder, (first, _) = await made(laura), await ids(laura)
    await put(laura, folder, first)
    karim = await open_as(app, KARIM)
    about = await karim.about(PAGE)
    for path in (folder, f"{folder}/ranger", f"{folder}/supprimer", f"/documents/{first}/dossier"):
        assert (await karim.get(path)).status_code == 404
    for path in ("ranger", "sortir", "nom", "supprimer"):
        answer = await karim.post(f"{folder}/{path}", document=first, nom="x", **about)
        assert answer.status_code == 404
    theirs = await made(karim, "À moi")
    assert (await karim.post(f"{theirs}/ranger", document=first, **about)).status_code == 404
    assert "Gérer" not in text_of(await karim.get(f"/documents?dossier={folder[10:]}"))
    stranger = client_of(app)
    assert (await stranger.get(PAGE)).headers["location"] == "/connexion"


@pytest.mark.parametrize("mandate", ["lire", "garder"])
async def test_an_aidant_sees_no_folder(app: Litestar, reports: Reports, mandate: str) -> None:
    app.state.policy = Policy(caregivers=True)
    await file_for(app, reports, "laura-premier-bilan-v1")
    laura, nadia = await helping(app, droit=mandate)
    folder, (first,) = await made(laura), await ids(laura)
    await put(laura, folder, first)
    assert "dossiers" not in text_of(await nadia.get("/documents"))
    assert "Grossesse" not in (await nadia.get(f"/documents?dossier={folder[10:]}")).text
    assert "Ranger" not in text_of(await nadia.get(f"/documents/{first}"))
    about = {"profil": (await laura.about(PAGE))["profil"]}
    for path in (PAGE, folder, f"{folder}/ranger"):
        assert (await nadia.get(path)).status_code in {403, 404}
    assert (await nadia.post(PAGE, nom="x", **about)).status_code in {403, 404}


async def test_what_is_hidden_afterwards_is_in_no_folder(app: Litestar, reports: Reports) -> None:
    laboratory = Laboratory(client_of(app), "sgl-estuaire")
    report = reports["lea-bilan-v1"].report
    await laboratory.deposit(another(report, 900), Action.NEW, flags={})
    await laboratory.deposit(another(report, 901, days=2), Action.NEW, flags={})
    karim = await open_as(app, KARIM, LEA)
    folder, documents = await made(karim, "École"), await ids(karim)
    await put(karim, folder, *documents)
    assert "2 documents" in text_of(await karim.get(PAGE))
    hidden = another(report, 900, version=2)
    assert "MSA|AA" in await laboratory.deposit(hidden, Action.REPLACE, flags=FROM_GUARDIANS)
    (left,) = await ids(karim)
    assert "1 document" in text_of(await karim.get(PAGE))
    assert await ids(karim, folder) == [left]
    assert await ids(karim, f"/documents?dossier={folder[10:]}") == [left]
    assert "Son document n’est pas supprimé" in text_of(await karim.get(f"{folder}/supprimer"))
    await karim.post(f"{folder}/supprimer")
    assert await rows(app, Placement) == 0
    async with app.state.sessions() as db:
        assert await db.scalar(select(func.count()).select_from(Document)) == 2


async def test_an_own_document_leaves_its_folder_when_it_is_taken_away(
    app: Litestar, reader: Browser
) -> None:
    await reader.sign_in(LAURA)
    where, folder = await added(reader), await made(reader)
    await put(reader, folder, where.rpartition("/")[2])
    assert (await reader.post(f"{where}/supprimer")).status_code == 303
    assert "Ce dossier est vide" in text_of(await reader.get(folder))
    assert await rows(app, Placement) == 0
    assert (await check(app.state.settings, now=utcnow())).broken == ()


async def test_whoever_reads_the_names_of_folders_leaves_a_line(
    app: Litestar, laura: Browser
) -> None:
    await made(laura)
    document = (await ids(laura))[0]
    for path in (PAGE, f"/documents/{document}/dossier"):
        before = await traced(app, "document:list")
        assert "Grossesse" in (await laura.get(path)).text
        assert await traced(app, "document:list") == before + 1, path
