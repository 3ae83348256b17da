"""Laura adds her papers, changes them, takes them away; nobody else does it for her."""

import asyncio
from collections.abc import Mapping
from uuid import UUID, uuid4

import pytest
from httpx import Response
from litestar import Litestar
from sqlalchemy import func, select, text

from backend.cli.fsck import check
from backend.demo.antivirus import EICAR
from backend.demo.people import KARIM, LAURA
from backend.demo.reports import DemoDeposit, write_message
from backend.gateways.antivirus import open_antivirus
from backend.gateways.files import Files
from backend.services import drawing
from backend.services.filing import Filing
from backend.storage.db import AsyncSession, utcnow
from backend.storage.documents import Document, StoredFile, Version, VisibilityChange
from tests.fixtures.application import client_of
from tests.gateways import pdf_files, person_files
from tests.gateways.person_files import photo
from tests.laboratory import Laboratory
from tests.pages import Browser, text_of

Reports = Mapping[str, DemoDeposit]
ADD = "/ajouter-un-document"
ABOUT = {"titre": "Ordonnance du Dr Petit", "categorie": "ordonnance", "date": "2026-03-12"}
PATIENCE = 20
PAPER = ("ordonnance.txt", "Paracétamol, un comprimé".encode())


async def added(reader: Browser, *files: tuple[str, bytes], **about: str) -> str:
    """The address of what was added."""
    answer = await reader.send(ADD, *(files or [PAPER]), **(ABOUT | about))
    assert answer.status_code == 303, text_of(answer)
    return str(answer.headers["location"].removesuffix("/document"))


async def drawn(app: Litestar) -> None:
    async with app.state.sessions() as db:
        while await db.scalar(  # noqa: ASYNC110 - another process’ work
            select(Version.id).where(Version.pages_state == "waiting")
        ):
            await asyncio.sleep(0.1)


async def test_what_is_added_is_in_the_list_is_read_and_is_found(
    app: Litestar, reader: Browser
) -> None:
    await reader.sign_in(LAURA)
    where = await added(reader)
    listed = text_of(await reader.get("/documents"))
    assert "Ordonnance du Dr Petit" in listed
    assert "Ajouté par vous" in listed
    assert "Non lu" not in listed
    assert (await reader.get(where)).headers["location"] == f"{where}/document"
    await drawn(app)
    page = await reader.get(f"{where}/document")
    assert "Paracétamol, un comprimé" in page.text
    assert "Ordonnances et soins · 12" in text_of(page)
    answer = await reader.post("/documents/recherche", mots="paracetamol")
    assert "Dr Petit" in (await reader.get(answer.headers["location"])).text
    original = await reader.get(f"{where}/original.pdf")
    assert original.content.startswith(b"%PDF-")


async def test_photos_are_one_document_without_their_places(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    where = await added(reader, ("a.jpg", photo()), ("b.TIFF", photo("TIFF")), IPHONE, LIAR)
    original = await reader.get(f"{where}/original.pdf")
    assert person_files.MAKER.encode() not in original.content
    await drawn(app)
    assert (await reader.get(f"{where}/document")).text.count('class="sheet"') == 4


IPHONE = ("IMG_1.HEIC", photo("HEIF"))
LIAR = ("IMG_2.jpg", photo("HEIF"))
"""What some telephones and mail programs make of the name."""
BAD = {
    "no file": ((), "Choisissez un fichier"),
    "zero bytes": ([("a.pdf", b"")], "Ce fichier est vide."),
    "another type behind the ending": ([("a.pdf", photo())], "n’est pas un PDF, malgré son nom"),
    "an unknown type": ([("a.exe", b"MZ")], "Nous prenons les fichiers PDF"),
    "a text called a photo": ([("a.HEIC", b"Paracetamol")], "n’est pas une image, malgré son nom"),
    "half a photo": ([("a.heic", photo("HEIF")[:-60])], "abîmé ou incomplet"),
    "a program called a text": ([("a.txt", b"MZ\0\0")], "caractères que nous ne savons pas"),
    "a locked PDF": ([("a.pdf", person_files.locked_pdf())], "a un mot de passe"),
    "a broken PDF": ([("a.pdf", pdf_files.report(1)[:-99])], "abîmé ou incomplet"),
    "a PDF with a script": (
        [("a.pdf", pdf_files.altered(pdf_files.opens_with_script))],
        "contient un script",
    ),
    "100,000 pixels": ([("a.png", person_files.huge_png())], "trop grande"),
    "a bomb in a TIFF": ([("a.tiff", person_files.tiff_bomb())], "trop grande"),
    "more than 5 MB": ([("a.pdf", b"%PDF-1.7" + bytes(5_000_000))], "plus de 5 Mo"),
    "far more": ([("a.pdf", b"%PDF-1.7" + bytes(30_000_000))], "plus de 5 Mo"),
    "a virus": ([("a.txt", EICAR)], "virus"),
    "eleven photos": ([("a.jpg", b"\xff\xd8\xff")] * 11, "10 photos"),
    "a PDF and a photo": ([("a.pdf", b"%PDF-1.7"), ("b.png", photo("PNG"))], "un seul fichier"),
}


@pytest.mark.parametrize("case", BAD)
async def test_a_bad_file_is_refused_in_place_and_what_was_typed_is_kept(
    app: Litestar, reader: Browser, case: str
) -> None:
    files, sentence = BAD[case]
    await reader.sign_in(LAURA)
    answer = await reader.send(ADD, *files, **ABOUT)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert 'value="Ordonnance du Dr Petit"' in answer.text
    assert 'value="ordonnance" selected' in answer.text
    async with app.state.sessions() as db:
        assert await db.scalar(select(func.count()).select_from(Document)) == 0


async def test_nothing_is_taken_while_the_scanner_is_down(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    object.__setattr__(app.state.outside, "antivirus", open_antivirus("tcp://127.0.0.1:1"))
    answer = await reader.send(ADD, PAPER, **ABOUT)
    assert answer.status_code == 422
    assert "Notre antivirus ne répond pas" in answer.text
    assert 'value="Ordonnance du Dr Petit"' in answer.text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"titre": " "}, "Donnez un titre"),
        ({"titre": "x" * 101}, "100 caractères au plus"),
        ({"categorie": "rien"}, "Choisissez une catégorie."),
        ({"date": "12/03"}, "Écrivez la date"),
        ({"date": "2999-01-01"}, "à venir"),
    ],
)
async def test_what_is_written_about_it_is_checked(
    reader: Browser, wrong: dict[str, str], sentence: str
) -> None:
    await reader.sign_in(LAURA)
    answer = await reader.send(ADD, PAPER, **(ABOUT | wrong))
    assert answer.status_code == 422
    assert sentence in text_of(answer)


async def test_it_is_changed_and_found_by_its_new_name(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    where = await added(reader)
    await drawn(app)
    new = {"titre": "Certificat de judo", "categorie": "certificat", "date": "2025-09-01"}
    assert (await reader.post(f"{where}/modifier", **(new | {"titre": ""}))).status_code == 422
    assert (await reader.post(f"{where}/modifier", **new)).status_code == 303
    listed = text_of(await reader.get("/documents"))
    assert "Certificat de judo" in listed
    assert "Septembre 2025" in listed
    for words, there in (("judo", True), ("petit", False), ("paracetamol", True)):
        answer = await reader.post("/documents/recherche", mots=words)
        found = (await reader.get(answer.headers["location"])).text
        assert ("Certificat de judo" in found) is there, words


async def test_it_is_taken_away_with_all_that_belongs_to_it(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    where, other = await added(reader), await added(reader)
    await drawn(app)
    assert "Supprimer ce document" in (await reader.get(f"{where}/supprimer")).text
    assert (await reader.post(f"{where}/supprimer")).status_code == 303
    assert (await reader.get(f"{where}/document")).status_code == 404
    assert (await reader.get(f"{other}/document")).status_code == 200
    gone = UUID(where.rpartition("/")[2])
    async with app.state.sessions() as db:
        for table in (Version, VisibilityChange):
            rows = select(func.count()).where(table.document_id == gone)
            assert await db.scalar(rows) == 0
        assert await db.scalar(select(func.count()).select_from(StoredFile)) == 3
    assert "a supprimé un document" in (await reader.get("/acces?qui=tous")).text
    found = await check(app.state.settings, now=utcnow())
    assert found.broken == ()


async def test_a_document_of_a_laboratory_is_not_hers_to_change(
    app: Litestar, reader: Browser, laboratory: Laboratory, reports: Reports
) -> None:
    await laboratory.send(write_message(reports["laura-bilan-sanguin-v1"]))
    await reader.sign_in(LAURA)
    async with app.state.sessions() as db:
        document = await db.scalar(select(Document.id))
    about = await reader.about("/ajouter-un-document")
    for id_ in (document, uuid4()):
        for what in ("modifier", "supprimer"):
            assert (await reader.get(f"/documents/{id_}/{what}")).status_code == 404
            answer = await reader.post(f"/documents/{id_}/{what}", **(ABOUT | about))
            assert answer.status_code == 404
    assert "Modifier ou supprimer" not in (await reader.get(f"/documents/{document}")).text


async def test_nobody_else_reads_or_changes_it(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    where = await added(reader)
    await reader.sign_in(KARIM)
    for path in (where, f"{where}/document", f"{where}/modifier", f"{where}/supprimer"):
        assert (await reader.get(path)).status_code == 404
    stranger = client_of(app)
    assert (await stranger.get(ADD)).headers["location"] == "/connexion"


async def test_a_form_with_files_needs_its_token_and_no_other_page_takes_one(
    reader: Browser,
) -> None:
    await reader.sign_in(LAURA)
    fields = await reader.about(ADD) | ABOUT
    files = [("fichiers", PAPER)]
    client = reader.client
    assert (await client.post(ADD, data=fields, files=files)).status_code == 403
    wrong = {"_csrf_token": "0" * 128}
    assert (await client.post(ADD, data=fields | wrong, files=files)).status_code == 403
    assert (await client.post("/documents/recherche", data=fields, files=files)).status_code == 400
    named = b'--x\r\nContent-Disposition: form-data; name="a"\r\n'
    for boundary, body in (
        *(("x", body) for body in (b"", b"--x", b"--y--", named, named + b"\r\n\xff\r\n--x--")),
        ("x", b"--x\r\nContent-Disposition: form-data\r\n\r\nb\r\n--x--"),
        ("x", (named + b"\r\nb\r\n") * 100 + b"--x--"),
        *((boundary, b"--x--") for boundary in ("", '""', "b" * 5_000, "x; boundary=y")),
    ):
        kind = {"content-type": f"multipart/form-data; boundary={boundary}"}
        answer = await client.post(ADD, content=body, headers=kind)
        assert answer.status_code in {400, 403}, (boundary[:9], body[:80])


async def test_what_is_kept_is_sound(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await added(reader)
    await added(reader, ("a.pdf", person_files.signed_pdf()))
    await drawn(app)
    assert (await check(app.state.settings, now=utcnow())).broken == ()
    async with app.state.engine.begin() as connection:
        stored = await connection.execute(text("SELECT sealed_summary FROM version"))
        assert all(b"Petit" not in row.sealed_summary for row in stored)


async def test_one_whose_pages_are_just_being_drawn_goes_with_them(
    app: Litestar, reader: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, go_on = asyncio.Event(), asyncio.Event()

    class Slow(Filing):
        async def write(self, db: AsyncSession, files: Files) -> None:
            await super().write(db, files)
            written.set()
            await go_on.wait()

    monkeypatch.setattr(drawing, "Filing", Slow)
    await reader.sign_in(LAURA)
    where = await added(reader)
    async with asyncio.timeout(PATIENCE):
        await written.wait()
        leaving = asyncio.create_task(reader.post(f"{where}/supprimer"))
        while not await waits(app):  # noqa: ASYNC110 - it is a lock of the database
            await asyncio.sleep(0.02)
        go_on.set()
        assert (await leaving).status_code == 303
    assert (await check(app.state.settings, now=utcnow())).broken == ()


async def waits(app: Litestar) -> bool:
    """One transaction waits for another."""
    blocked = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with app.state.sessions() as db:
        return bool(await db.scalar(text(blocked)))


SEVERAL, CONFIRM = "/supprimer-des-documents", "/supprimer-des-documents/confirmer"


async def take_away(reader: Browser, *ids: str, **other: str) -> Response:
    """The answer to the form that asks."""
    return await reader.post(CONFIRM, document=ids, **(await reader.about(ADD) | other))


async def test_several_are_chosen_asked_about_and_taken_away(
    app: Litestar, reader: Browser, laboratory: Laboratory, reports: Reports
) -> None:
    await laboratory.send(write_message(reports["laura-bilan-sanguin-v1"]))
    await reader.sign_in(LAURA)
    assert "Supprimer des documents" not in text_of(await reader.get("/documents"))
    wheres = [await added(reader, titre=f"Papier {number}") for number in range(3)]
    ids = [where.rpartition("/")[2] for where in wheres]
    assert "Supprimer des documents" in text_of(await reader.get("/documents"))
    chosen = await reader.get(SEVERAL)
    assert "Papier 2" in chosen.text
    assert "Bilan sanguin" not in text_of(chosen)
    asked = await reader.get(f"{CONFIRM}?document={ids[0]}&document={ids[1]}&document={ids[0]}")
    assert "Supprimer ces 2 documents ?" in text_of(asked)
    assert "Papier 2" not in text_of(asked)
    answer = await take_away(reader, *ids[:2])
    assert answer.headers["location"] == f"{SEVERAL}?fait=2"
    assert "2 documents supprimés." in text_of(await reader.get(answer.headers["location"]))
    statuses = [(await reader.get(f"{where}/document")).status_code for where in wheres]
    assert statuses == [404, 404, 200]
    assert (await check(app.state.settings, now=utcnow())).broken == ()


async def test_all_of_them_or_none(
    app: Litestar, reader: Browser, laboratory: Laboratory, reports: Reports
) -> None:
    await laboratory.send(write_message(reports["laura-bilan-sanguin-v1"]))
    await reader.sign_in(LAURA)
    mine = (await added(reader)).rpartition("/")[2]
    async with app.state.sessions() as db:
        theirs = await db.scalar(select(Document.id).where(Document.structure_id.is_not(None)))
    for other in (str(theirs), str(uuid4())):
        assert (await reader.get(f"{CONFIRM}?document={mine}&document={other}")).status_code == 404
        assert (await take_away(reader, mine, other)).status_code == 404
    assert (await take_away(reader, "x")).status_code == 404
    assert (await reader.get(f"{CONFIRM}?document=x")).status_code in {400, 404}
    for query, said in (
        ("", "Cochez au moins un document"),
        ("&".join(f"document={uuid4()}" for _ in range(21)), "20 documents au plus"),
    ):
        answer = await reader.get(f"{CONFIRM}?{query}")
        assert answer.status_code == 422
        assert said in text_of(answer)
    assert "supprimé" not in text_of(await reader.get(f"{SEVERAL}?fait=1000"))
    answer = await take_away(reader, mine, profil=str(uuid4()))
    assert answer.status_code == 409
    assert (await reader.get(f"/documents/{mine}/document")).status_code == 200
    await reader.sign_in(KARIM)
    assert (await take_away(reader, mine)).status_code == 404
    assert (await reader.get(SEVERAL)).status_code == 200
