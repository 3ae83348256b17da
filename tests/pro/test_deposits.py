"""Deposits by hand: looked at, kept an hour, filed as a machine’s, taken back in ten minutes."""

import asyncio
import re
import signal
from collections.abc import Mapping, Sequence
from dataclasses import replace as replaced
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from litestar import Litestar
from msgspec.structs import replace
from sqlalchemy import func, select, text

from backend.access.scopes import Policy
from backend.demo.antivirus import EICAR, open_scanner
from backend.demo.people import JULIE, KARIM, LAURA, LEA, PRACTITIONERS
from backend.demo.reports import DemoDeposit
from backend.domain.calendar import civil_day
from backend.domain.formats.cda_writer import write_cda
from backend.domain.reports import Identifier, Media, Person, Report
from backend.gateways import annuaire, official
from backend.gateways.antivirus import open_antivirus
from backend.gateways.files import open_files
from backend.gateways.official import OfficialChecks
from backend.services import handing, limits
from backend.services.handing import drafts, forget_drafts, inspecting, readying
from backend.services.identification import asking
from backend.settings import Official
from backend.storage.announcements import Announcement
from backend.storage.db import utcnow
from backend.storage.dispatches import Dispatch
from backend.storage.documents import Document, Receipt, Version
from backend.storage.drafts import DepositDraft
from backend.storage.records import Identity, ins_index
from backend.storage.traces import Trace
from backend.web import shedding
from tests.fixtures.application import client_of
from tests.fixtures.patience import LIMITS
from tests.gateways import pdf_files
from tests.laboratory import Laboratory
from tests.official import HAS_ENGINE, WITHOUT_ENGINE, lay_out
from tests.pages import Browser, text_of
from tests.pro.psc import Desk

Reports = Mapping[str, DemoDeposit]
BORN = f"{LAURA.traits.birth_date:%d/%m/%Y}"
PAUL = next(one for one in PRACTITIONERS if one.person.family.upper() == "MARTIN")
NOW = {"visibilite": "tout-de-suite"}
BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbb">]><ClinicalDocument>&b;</ClinicalDocument>'


@pytest.fixture
async def clean(office: Litestar) -> Litestar:
    """No draft, no dispatch, no choice at the desk; what was deposited before stays."""
    async with office.state.engine.begin() as connection:
        await connection.execute(text("LOCK TABLE dispatch"))  # the worker may be sending some
        for table in ("deposit_draft", "dispatch_event", "dispatch", "desk_visit"):
            await connection.execute(text(f"DELETE FROM {table}"))
    return office


@pytest.fixture
async def morel(clean: Litestar) -> Desk:
    return await at_work(clean, "morel")


@pytest.fixture
async def reader_of(clean: Litestar) -> Browser:
    """Laura, on her phone."""
    phone = Browser(clean, client_of(clean))
    await phone.sign_in(LAURA)
    return phone


async def at_work(app: Litestar, who: str) -> Desk:
    desk = Desk(app)
    await desk.works(who)
    return desk


async def file_of(desk: Desk, born: str = BORN, name: str = "bern") -> str:
    """Where documents of somebody of the desk are deposited."""
    shown = await desk.post("/pro/patients/recherche", naissance=born, nom=name)
    (id_,) = set(re.findall(r"/pro/patients/([0-9a-f-]{36})", shown.text))
    return f"/pro/deposer/{id_}"


def fresh(reports: Reports, name: str = "laura-bilan-sanguin-v1") -> Report:
    """A report that nobody has sent."""
    report, number = reports[name].report, Identifier(f"2.25.{uuid4().int}")
    return replace(report, header=replace(report.header, id=number, set_id=number))


def scanned() -> bytes:
    """A PDF that nobody has sent."""
    return pdf_files.filled_form(uuid4().hex)


async def chosen(desk: Desk, file: str, *files: tuple[str, bytes]) -> str:
    """Where the one file that was chosen is checked."""
    answer = await desk.send(file, *files)
    assert answer.status_code == 303, text_of(answer)
    return str(answer.headers["location"])


async def about_pdf(desk: Desk, draft: str) -> dict[str, str]:
    """The form of a PDF as its page proposes it."""
    page = (await desk.get(draft)).text
    day = re.search(r'name="jour"[^>]*?value="([^"]+)"', page)
    who = re.search(r'<option value="(\d+)"[^>]*>Dr Claire Morel', page)
    assert day
    assert who
    return {
        "type": "11502-2",
        "jour": day[1],
        "prescripteur": "Dr Paul Martin",
        "validateur": who[1],
        "relu": "oui",
    }


async def deposited(desk: Desk, draft: str, **form: str | Sequence[str]) -> tuple[str, str]:
    """The number of the receipt, and its page."""
    answer = await desk.post(draft, **NOW | form)
    assert answer.status_code == 303, text_of(answer)
    page = answer.headers["location"]
    shown = text_of(await desk.get(page))
    return page.rpartition("/")[2], shown


async def counted(app: Litestar, kind: type[Document | DepositDraft | Receipt]) -> int:
    async with app.state.sessions() as db:
        return await db.scalar(select(func.count()).select_from(kind)) or 0


async def traces(app: Litestar, action: str) -> list[Trace]:
    async with app.state.sessions() as db:
        query = select(Trace).where(Trace.action == action).order_by(Trace.at)
        return list((await db.scalars(query)).all())


async def test_a_report_is_deposited_by_who_answers_for_it(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    file = await file_of(morel)
    assert "INS qualifiée" in (shown := text_of(await morel.get(file)))
    assert LAURA.traits.matricule[:13] in shown
    draft = await chosen(morel, file, ("cr.xml", write_cda(fresh(reports))))
    page = text_of(await morel.get(draft))
    assert "Celle de la personne affichée, lettre à lettre" in page
    assert "Doublon Aucun." in page
    seen = text_of(await morel.get(f"{draft}/apercu"))
    assert "résultats sur" in seen, "the patient’s own page"
    number, shown = await deposited(morel, draft)
    assert re.fullmatch(r"R-\d{8}-[0-9A-F]{10}", number)
    assert "Claire Morel" in shown
    assert await counted(clean, DepositDraft) == 0
    again = await morel.post(draft, **NOW)
    assert again.headers["location"].endswith(number), "a second click is the same deposit"
    async with clean.state.sessions() as db:
        receipt = (await db.scalars(select(Receipt).where(Receipt.number == number))).one()
        version = await db.get_one(Version, receipt.version_id)
        document = await db.get_one(Document, version.document_id)
    line = (await traces(clean, "document:deposit"))[-1]
    assert (receipt.client_id, document.author_id) == (None, receipt.professional_id)
    assert (line.actor_kind, line.actor_id) == ("Professional", document.author_id)
    assert (line.thing_id, document.withheld, document.masked) == (document.id, False, False)


async def test_the_file_of_another_person_is_stopped(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    file = await file_of(morel)
    before = await counted(clean, Document)
    wrong = write_cda(other(reports))
    answer = await morel.send(file, ("autre.xml", wrong))
    said = text_of(answer)
    assert answer.status_code == 422
    assert "n’est pas celle de la personne affichée. Le dépôt est bloqué" in said
    assert "Ouvrir une anomalie" in said
    assert "<del>" in answer.text
    assert (await counted(clean, Document), await counted(clean, DepositDraft)) == (before, 0)
    line = (await traces(clean, "deposit:refused"))[-1]
    assert (line.allowed, line.reason, line.actor_kind) == (False, "904", "Professional")
    assert str(line.thing_id) in file


def other(reports: Reports) -> Report:
    return next(one.report for one in reports.values() if one.patient.key == KARIM.key)


async def test_what_cannot_be_taken_is_said_in_place(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    file = await file_of(morel)
    good = ("bon.xml", write_cda(fresh(reports)))
    for name, content, words in (
        ("vide.pdf", b"", "Ce fichier est vide"),
        ("casse.pdf", b"%PDF-1.7 nothing more", "abîmé"),
        ("script.pdf", pdf_files.altered(pdf_files.acts_and_is_signed), "contient un script"),
        ("bombe.xml", BOMB, "DTD ou une entité"),
        ("gros.pdf", b"%PDF-1.7" + bytes(6_000_000), "plus de 5 Mo"),
        ("photo.png", b"\x89PNG\r\n\x1a\n", "ni un PDF, ni un document CDA"),
        ("message.hl7", b"MSH|^~\\&|", "système du laboratoire"),
    ):
        answer = await morel.send(file, good, (name, content))
        assert answer.status_code == 422, name
        assert words in text_of(answer), name
        assert "bon.xml" in text_of(answer), "the good one waits"
    nothing = await morel.send(file)
    assert (nothing.status_code, "Choisissez au moins un fichier" in text_of(nothing)) == (
        422,
        True,
    )
    assert {one.reason for one in (await traces(clean, "deposit:refused"))[-7:]} == {"906"}


@pytest.mark.skipif(not HAS_ENGINE, reason=WITHOUT_ENGINE)
async def test_the_official_checks_are_a_line_and_their_rules_are_folded(
    morel: Desk,
    clean: Litestar,
    reports: Reports,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chosen_folder = Official(lay_out(tmp_path / "official"))
    async with OfficialChecks(chosen_folder) as checks:
        assert await checks.ready()
        whole = replaced(clean.state.outside, official=checks)
        monkeypatch.setattr(clean.state, "outside", whole)
        file = await file_of(morel)
        sound = await chosen(morel, file, ("cr.xml", write_cda(fresh(reports))))
        assert "Contrôle officiel Conforme : CDA_extended.xsd" in text_of(await morel.get(sound))
        report = fresh(reports)
        wrong = replace(report, header=replace(report.header, title="compte rendu"))
        draft = await chosen(morel, file, ("cr.xml", write_cda(wrong)))
        page = await morel.get(draft)
        assert "1 règle officielle n’est pas respectée" in text_of(page)
        assert "<summary>Lire 1 remarque</summary>" in page.text
        await deposited(morel, draft)
        assert (await traces(clean, "document:deposit"))[-1].reason == "official-1"
        monkeypatch.setattr(checks, "_chosen", replaced(chosen_folder, refuses=True))
        answer = await morel.send(file, ("cr.xml", write_cda(wrong)))
        assert answer.status_code == 422
        assert "Contrôle officiel : à corriger" in text_of(answer)
        pdf = await chosen(morel, file, ("scan.pdf", scanned()))
        assert "Contrôle officiel" not in text_of(await morel.get(pdf)), "we write its CDA"
        await deposited(morel, pdf, **await about_pdf(morel, pdf))
        assert (await traces(clean, "document:deposit"))[-1].reason == "", "and it conforms"


async def test_a_validator_that_hangs_costs_no_deposit_and_is_not_ended_for_it(
    morel: Desk, clean: Litestar, tmp_path: Path, limits_of_production: pytest.MonkeyPatch
) -> None:
    limits_of_production.setattr(readying, "OFFICIAL", 1.0)  # on a busy machine, more is much
    async with OfficialChecks(Official(lay_out(tmp_path / "official"))) as checks:
        assert await checks.ready()
        whole = replaced(clean.state.outside, official=checks)
        limits_of_production.setattr(clean.state, "outside", whole)
        file, process = await file_of(morel), (await checks._start()).process
        draft = await chosen(morel, file, ("scan.pdf", scanned()))
        process.send_signal(signal.SIGSTOP)
        number, _ = await deposited(morel, draft, **await about_pdf(morel, draft))
        assert f"/pro/deposer/recus/{number}" in (await morel.get("/pro/deposer")).text
        assert (await traces(clean, "document:deposit"))[-1].reason == "official-unavailable"
        process.send_signal(signal.SIGCONT)
        draft = await chosen(morel, file, ("scan.pdf", scanned()))
        await deposited(morel, draft, **await about_pdf(morel, draft))
        assert (await traces(clean, "document:deposit"))[-1].reason != "official-unavailable"
        assert (await checks._start()).process is process, "it goes on"


async def test_a_validator_that_gets_ready_costs_no_deposit_and_no_file(
    morel: Desk,
    clean: Litestar,
    reports: Reports,
    tmp_path: Path,
    limits_of_production: pytest.MonkeyPatch,
) -> None:
    async def late(folder: Path, seconds: float) -> official.Child:
        await asyncio.sleep(60)
        return await started(folder, seconds)

    started = official._started
    limits_of_production.setattr(official, "_started", late)
    limits_of_production.setattr(readying, "OFFICIAL", 1.0)
    limits_of_production.setattr(inspecting, "OFFICIAL", 1.0)
    async with OfficialChecks(Official(lay_out(tmp_path / "official"))) as checks:
        whole = replaced(clean.state.outside, official=checks)
        limits_of_production.setattr(clean.state, "outside", whole)
        file = await file_of(morel)
        several = [(f"cr{n}.xml", write_cda(fresh(reports))) for n in range(5)]
        assert (await morel.send(file, *several)).status_code == 303
        assert await counted(clean, DepositDraft) == 5
        draft = await chosen(morel, file, ("scan.pdf", scanned()))
        await deposited(morel, draft, **await about_pdf(morel, draft))
        assert (await traces(clean, "document:deposit"))[-1].reason == "official-unavailable"


def test_what_a_page_waits_for_leaves_it_the_time_to_be_written() -> None:
    page, files = (seconds for module, _, seconds in LIMITS if module is shedding)
    assert max(annuaire.PATIENCE, readying.OFFICIAL, asking.PATIENCE) <= page - 1
    assert files / 2 >= inspecting.OFFICIAL, "the files are looked for viruses, then opened"


async def test_a_pdf_becomes_a_document_and_its_answers_are_kept(
    morel: Desk, clean: Litestar
) -> None:
    made = (await morel.get("/demo/fichiers/laura.pdf")).content
    draft = await chosen(morel, await file_of(morel), ("scan.pdf", made))
    image = await morel.client.get(f"{draft}/premiere-page")
    assert (image.status_code, image.content[8:12]) == (200, b"WEBP")
    told = await about_pdf(morel, draft)
    for changed, words in (
        ({"jour": "31/02/2026"}, "Écrivez le jour du prélèvement"),
        ({"validateur": ""}, "Choisissez le biologiste"),
        ({"relu": ""}, "Lisez sur le PDF le nom"),
        ({"visibilite": ""}, "Choisissez quand la personne verra"),
        ({"adresse": "paul@exemple.fr"}, "MSSanté"),
        ({"secret": "oui"}, "pour les personnes mineures"),
    ):
        answer = await morel.post(draft, **NOW | told | changed)
        assert answer.status_code == 422, changed
        assert words in text_of(answer), changed
        assert 'value="Dr Paul Martin"' in answer.text, "what was typed is kept"
    _number, shown = await deposited(morel, draft, **told, adresse=PAUL.mailbox)
    assert "Compte rendu de biologie" in shown
    assert "Dr Paul Martin" in shown
    async with clean.state.sessions() as db:
        dispatch = (await db.scalars(select(Dispatch))).one()
    assert (dispatch.role, dispatch.client_id) == ("copy", None)
    assert "Dr Paul Martin" in text_of(await morel.get("/pro/envois"))


async def test_a_secretary_names_the_validator(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    desk, report = await at_work(clean, "diallo"), fresh(reports)
    nobody = replace(report, header=replace(report.header, authenticator=Person()))
    draft = await chosen(desk, await file_of(desk), ("cr.xml", write_cda(nobody)))
    assert "ne nomme pas le biologiste" in text_of(await desk.get(draft))
    assert (await desk.post(draft, **NOW)).status_code == 422
    draft = await chosen(desk, await file_of(desk), ("scan.pdf", scanned()))
    told = await about_pdf(desk, draft)
    assert "selected>Dr Claire Morel" not in (await desk.get(draft)).text
    answer = await desk.post(draft, **NOW | told | {"validateur": ""})
    assert (answer.status_code, "Choisissez le biologiste" in text_of(answer)) == (422, True)
    await deposited(desk, draft, **told)


async def test_the_same_pages_by_two_ways_are_one_document(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    file, lab = await file_of(morel), Laboratory(client_of(clean), "sgl-estuaire")
    for first in ("machine", "hand"):
        pdf = scanned()
        sent = replace(fresh(reports), level=1, results=(), media=(Media("application/pdf", pdf),))
        if first == "machine":
            assert "MSA|AA" in await lab.deposit(sent)
        draft = await chosen(morel, file, ("scan.pdf", pdf))
        before = await counted(clean, Document)
        if first == "machine":
            assert "déjà déposé" in text_of(await morel.get(draft))
            answer = await morel.post(draft, **NOW | {"type": "11502-2"})
            assert answer.status_code == 422
        else:
            number, _ = await deposited(morel, draft, **await about_pdf(morel, draft))
            assert number in await lab.deposit(sent)
            before += 1
        assert await counted(clean, Document) == before
    report = fresh(reports)
    draft = await chosen(morel, file, ("cr.xml", write_cda(report)))
    number, _ = await deposited(morel, draft)
    assert number in await lab.deposit(report), "the same CDA, the same receipt"


async def test_it_is_taken_back_within_ten_minutes_if_nobody_read_it(
    morel: Desk, clean: Litestar, reports: Reports, reader_of: Browser
) -> None:
    file = await file_of(morel)
    numbers = []
    for _ in range(3):
        draft = await chosen(morel, file, ("cr.xml", write_cda(fresh(reports))))
        numbers.append((await deposited(morel, draft))[0])
    unread, read, late = (f"/pro/deposer/recus/{number}" for number in numbers)
    answer = await morel.post(f"{unread}/annuler")
    assert answer.status_code == 303
    assert "retiré ou remplacé" in text_of(await morel.get(unread))
    async with clean.state.sessions() as db:
        query = (
            select(Document.id)
            .join(Version, Version.document_id == Document.id)
            .join(Receipt, Receipt.version_id == Version.id)
            .where(Receipt.number == numbers[1])
        )
        document_id = (await db.scalars(query)).one()
    assert (await reader_of.get(f"/documents/{document_id}")).status_code == 200
    answer = await morel.post(f"{read}/annuler")
    assert (answer.status_code, "déjà lu ce document : remplacez-le" in text_of(answer)) == (
        422,
        True,
    )
    async with clean.state.engine.begin() as connection:
        moved = "UPDATE receipt SET at = at - interval '11 minutes' WHERE number = :number"
        await connection.execute(text(moved), {"number": numbers[2]})
    answer = await morel.post(f"{late}/annuler")
    assert (answer.status_code, "dix minutes sont passées" in text_of(answer)) == (422, True)
    assert "Remplacer par une nouvelle version" in text_of(answer)


async def test_values_seen_among_others_are_read(
    morel: Desk, clean: Litestar, reports: Reports, reader_of: Browser
) -> None:
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    number, shown = await deposited(morel, draft)
    assert "Retirer ce dépôt" in shown
    assert (await reader_of.get("/analyses")).status_code == 200
    answer = await morel.post(f"/pro/deposer/recus/{number}/annuler")
    assert (answer.status_code, "déjà lu ce document" in text_of(answer)) == (422, True)


async def test_taken_from_a_message_it_is_read(
    morel: Desk, clean: Litestar, reader_of: Browser
) -> None:
    file = await file_of(morel)
    draft = await chosen(morel, file, ("scan.pdf", scanned()))
    number, _ = await deposited(morel, draft, **await about_pdf(morel, draft))
    told = {"identite": "oui", "objet": "Votre compte rendu", "texte": "Le voici."}
    document = str((await document_of(clean, number)).id)
    page = f"/pro/messages/nouveau?dossier={file.rpartition('/')[2]}"
    thread = (await morel.post(page, **told, document=document)).headers["location"]
    (piece,) = set(re.findall(rf"{thread}/pieces/[0-9a-f-]+", (await morel.get(thread)).text))
    taken = await reader_of.get(piece.removeprefix("/pro"))
    assert (taken.status_code, taken.content[:5]) == (200, b"%PDF-")
    answer = await morel.post(f"/pro/deposer/recus/{number}/annuler")
    assert (answer.status_code, "déjà lu ce document" in text_of(answer)) == (422, True)


async def test_what_was_there_before_a_replacement_does_not_leave_with_it(
    morel: Desk, clean: Litestar, reader_of: Browser
) -> None:
    file = await file_of(morel)
    draft = await chosen(morel, file, ("scan.pdf", scanned()))
    told = await about_pdf(morel, draft)
    first, _ = await deposited(morel, draft, **told)
    id_ = (await document_of(clean, first)).id
    assert (
        await reader_of.post(f"/documents/{id_}/visibilite", choix="masquer")
    ).status_code == 303
    assert "masqué aux autres" not in text_of(await morel.get(f"/pro/deposer/recus/{first}"))
    draft = await replacing(morel, file, first, "scan-2.pdf", scanned())
    assert re.search(r'value="tout-de-suite" checked', (await morel.get(draft)).text)
    second, shown = await deposited(morel, draft, **told)
    assert "masqué aux autres" not in shown
    assert (await document_of(clean, second)).masked
    answer = await morel.post(f"/pro/deposer/recus/{second}/annuler")
    assert (answer.status_code, "remplace une version déjà là" in text_of(answer)) == (422, True)
    assert (await reader_of.get(f"/documents/{id_}")).status_code == 200


async def test_no_file_is_opened_for_who_may_not_or_asks_too_much(
    morel: Desk, clean: Litestar, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await file_of(morel)

    async def opened(*_: object) -> None:
        pytest.fail("a file was opened")

    pdf = ("scan.pdf", scanned())
    await chosen(morel, file, pdf)
    elsewhere, not_theirs = await at_work(clean, "guillou"), await at_work(clean, "caradec")
    monkeypatch.setattr(handing, "look", opened)
    assert (await elsewhere.send(file, pdf)).status_code == 404
    assert (await not_theirs.send(file, pdf)).status_code == 403
    with monkeypatch.context() as few:
        few.setattr(drafts, "MOST", 1)
        answer = await morel.send(file, pdf)
        assert (answer.status_code, "Trop de fichiers attendent" in text_of(answer)) == (422, True)
    monkeypatch.setitem(limits.LIMITERS, "deposit-file", limits.Limiter(1, timedelta(hours=1)))
    answer = await morel.send(file, pdf, pdf)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


async def test_a_virus_is_found_inside_a_cda(
    morel: Desk, clean: Litestar, reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, infected = fresh(reports), Media("application/pdf", scanned() + b"\n%" + EICAR)
    cda = write_cda(replace(report, media=(infected,)))
    assert EICAR not in cda
    async with open_scanner() as url:
        whole = replaced(clean.state.outside, antivirus=open_antivirus(url))
        monkeypatch.setattr(clean.state, "outside", whole)
        answer = await morel.send(await file_of(morel), ("cr.xml", cda))
    assert (answer.status_code, "a trouvé un virus" in text_of(answer)) == (422, True)


async def test_a_new_version_takes_the_place_of_a_pdf(morel: Desk, clean: Litestar) -> None:
    file = await file_of(morel)
    draft = await chosen(morel, file, ("scan.pdf", scanned()))
    told = await about_pdf(morel, draft)
    first, _ = await deposited(morel, draft, **told)
    before = await counted(clean, Document)
    asked = await morel.send(file, ("scan-2.pdf", scanned()), remplace=first)
    draft = str(asked.headers["location"])
    assert "Remplacer un compte rendu" in text_of(await morel.get(draft))
    second, _ = await deposited(morel, draft, **told)
    assert await counted(clean, Document) == before
    assert "retiré ou remplacé" in text_of(await morel.get(f"/pro/deposer/recus/{first}"))
    assert "Compte rendu déposé" in text_of(await morel.get(f"/pro/deposer/recus/{second}"))


async def test_what_is_another_ones_is_not_there(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    file = await file_of(morel)
    draft = await chosen(morel, file, ("cr.xml", write_cda(fresh(reports))))
    elsewhere, again = await at_work(clean, "guillou"), await at_work(clean, "diallo")
    for desk in (elsewhere, again):
        for path in (draft, f"{draft}/apercu", f"{draft}/premiere-page"):
            assert (await desk.get(path)).status_code == 404, "another session’s draft"
        assert (await desk.post(draft, **NOW)).status_code == 404
        assert (await desk.post(f"{draft}/retirer")).status_code == 404
    assert (await elsewhere.get(file)).status_code == 404, "another laboratory’s file"
    assert (await elsewhere.send(file, ("a.pdf", scanned()))).status_code == 404
    number, _ = await deposited(morel, draft)
    assert (await elsewhere.get(f"/pro/deposer/recus/{number}")).status_code == 404
    assert (await elsewhere.post(f"/pro/deposer/recus/{number}/annuler")).status_code == 404
    assert (await again.get(f"/pro/deposer/recus/{number}")).status_code == 200
    for who in ("caradec", "riou"):
        assert (
            await (await at_work(clean, who)).send(file, ("a.pdf", scanned()))
        ).status_code == 403


async def test_what_the_desk_was_told_holds(morel: Desk, clean: Litestar, reports: Reports) -> None:
    file = await file_of(morel)
    patient = file.replace("deposer", "patients")
    draft = await chosen(morel, file, ("scan.pdf", scanned()))
    told = await about_pdf(morel, draft)
    await morel.post(f"{patient}/visite", oppose="oui")
    page = await morel.get(draft)
    assert "s’est opposée à ce dépôt" in text_of(page)
    assert "Déposer et envoyer" not in text_of(page)
    assert (await morel.post(draft, **NOW | told)).status_code == 422
    await morel.post(f"{patient}/visite", informe="oui", annonce="apres-un-entretien")
    asked, rule = text_of(await morel.get(draft)), "La loi le rend visible un mois après le dépôt"
    assert ("Il s’applique à ce dépôt" in asked, rule in asked) == (True, True)
    clean.state.policy, law = Policy(), clean.state.policy
    assert rule not in text_of(await morel.get(draft)), "its laboratory alone does, there"
    clean.state.policy = law
    masked = await morel.post(draft, **told, visibilite="masque")
    assert (masked.status_code, "nul ne pourrait lire" in text_of(masked)) == (422, True)
    _, shown = await deposited(morel, draft, **told)
    assert "consultation d’annonce d’abord" in shown
    julie = await file_of(morel, f"{JULIE.traits.birth_date:%d/%m/%Y}", "more")
    assert "L’identité n’est pas qualifiée" in text_of(await morel.get(julie))
    assert (await morel.send(julie, ("a.pdf", scanned()))).status_code == 422


async def test_a_draft_lasts_an_hour_and_no_longer_than_its_session(
    morel: Desk, clean: Litestar
) -> None:
    file = await file_of(morel)
    draft = await chosen(morel, file, ("scan.pdf", scanned()))
    await chosen(morel, file, ("autre.pdf", scanned()))
    async with clean.state.engine.begin() as connection:
        late = "UPDATE deposit_draft SET ends_at = ends_at - interval '61 minutes' WHERE id = :id"
        await connection.execute(text(late), {"id": draft.rpartition("/")[2]})
    assert (await morel.get(draft)).status_code == 404
    async with clean.state.sessions.begin() as db:
        assert await forget_drafts(db) == 1
    await morel.post("/pro/deconnexion")
    assert await counted(clean, DepositDraft) == 0


async def test_what_is_withheld_has_somebody_to_announce_it(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    file = await file_of(morel)
    draft = await chosen(morel, file, ("cr.xml", write_cda(fresh(reports))))
    page = (await morel.get(draft)).text
    found = re.search(r'name="annonceur".*?<option value="([0-9a-f-]+)" selected', page, re.DOTALL)
    assert found
    later = {"visibilite": "apres-annonce", "annonceur": found[1], "motif": "À dire de vive voix"}
    for changed, words in (
        ({"annonceur": ""}, "Choisissez qui fera l’annonce"),
        ({"rappel": "01/01/2020"}, "un jour à venir"),
    ):
        answer = await morel.post(draft, **later | changed)
        assert (answer.status_code, words in text_of(answer)) == (422, True)
        assert 'value="À dire de vive voix"' in answer.text
    number, shown = await deposited(morel, draft, **later)
    assert "consultation d’annonce d’abord" in shown
    async with clean.state.sessions() as db:
        query = (
            select(Announcement.owner_id, Receipt.professional_id, Document.withheld)
            .join(Document, Document.id == Announcement.document_id)
            .join(Version, Version.document_id == Document.id)
            .join(Receipt, Receipt.version_id == Version.id)
            .where(Receipt.number == number)
        )
        owner, depositor, withheld = (await db.execute(query)).one()
    assert (owner, withheld) == (depositor, True)


async def replacing(desk: Desk, file: str, number: str, name: str, content: bytes) -> str:
    """Where the next version of what this receipt is about is checked."""
    asked = await desk.send(file, (name, content), remplace=number)
    assert asked.status_code == 303, text_of(asked)
    return str(asked.headers["location"])


async def document_of(app: Litestar, number: str) -> Document:
    async with app.state.sessions() as db:
        query = (
            select(Document)
            .join(Version, Version.document_id == Document.id)
            .join(Receipt, Receipt.version_id == Version.id)
            .where(Receipt.number == number)
        )
        document: Document = (await db.scalars(query)).one()
        return document


async def test_what_waits_is_not_shown_by_replacing_it(clean: Litestar) -> None:
    desk = await at_work(clean, "diallo")
    file = await file_of(desk)
    draft = await chosen(desk, file, ("scan.pdf", scanned()))
    told = await about_pdf(desk, draft)
    number, _ = await deposited(desk, draft, **told, visibilite="apres-annonce")
    draft = await replacing(desk, file, number, "scan-2.pdf", scanned())
    page = await desk.get(draft)
    assert "Ce résultat attend son annonce" in text_of(page)
    assert 'value="tout-de-suite"' not in page.text
    before = await counted(clean, Receipt)
    for asked in ("tout-de-suite", "masque"):
        answer = await desk.post(draft, **told, visibilite=asked)
        assert answer.status_code == 422
        assert "un biologiste le rend visible depuis « Annonces »" in text_of(answer)
    assert await counted(clean, Receipt) == before
    assert (await document_of(clean, number)).withheld
    await deposited(desk, draft, **told, visibilite="apres-annonce")
    async with clean.state.sessions() as db:
        of = (await document_of(clean, number)).id
        wait = (await db.scalars(select(Announcement).where(Announcement.document_id == of))).one()
    assert wait.done_at is None


async def test_a_reminder_is_counted_from_the_first_day_before_anything_is_filed(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    file, first = await file_of(morel), fresh(reports)
    draft = await chosen(morel, file, ("cr.xml", write_cda(first)))
    me = re.search(
        r'name="annonceur".*?<option value="([^"]+)" selected',
        (await morel.get(draft)).text,
        re.DOTALL,
    )
    assert me
    later = {"visibilite": "apres-annonce", "annonceur": me[1]}
    number, _ = await deposited(morel, draft, **later)
    document = await document_of(clean, number)
    async with clean.state.engine.begin() as connection:
        moved = "UPDATE document SET withheld_on = withheld_on - 20 WHERE id = :id"
        await connection.execute(text(moved), {"id": document.id})
    header = replace(
        first.header, id=Identifier(f"2.25.{uuid4().int}"), replaces=(first.header.id,)
    )
    second = write_cda(replace(first, header=replace(header, version=(header.version or 1) + 1)))
    draft, before = await chosen(morel, file, ("cr.xml", second)), await counted(clean, Receipt)
    day = f"{civil_day(utcnow()) + timedelta(25):%d/%m/%Y}"
    answer = await morel.post(draft, **later, rappel=day)
    assert (answer.status_code, "à moins d’un mois" in text_of(answer)) == (422, True)
    assert (await document_of(clean, number)).version_id == document.version_id
    assert await counted(clean, Receipt) == before
    await deposited(morel, draft, **later)


async def test_all_of_a_deposit_is_written_or_nothing(
    morel: Desk, clean: Litestar, reports: Reports, tmp_path: Path
) -> None:
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    before = await counted(clean, Document), await counted(clean, Receipt)
    whole = clean.state.outside
    clean.state.outside = replaced(whole, files=open_files(f"file://{tmp_path}/nowhere"))
    (tmp_path / "nowhere").rmdir()
    (tmp_path / "nowhere").touch()
    broken = await morel.post(draft, **NOW)
    clean.state.outside = whole
    assert broken.status_code == 503
    assert (await counted(clean, Document), await counted(clean, Receipt)) == before
    assert await counted(clean, DepositDraft) == 1
    await deposited(morel, draft)


async def test_nothing_enters_a_space_that_is_closed(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    async with clean.state.sessions() as db:
        index = ins_index(clean.state.vault, LAURA.traits.oid, LAURA.traits.matricule)
        record = await db.scalar(select(Identity.record_id).where(Identity.ins_index == index))
    become = text("UPDATE record SET state = :state WHERE id = :id")
    async with clean.state.engine.begin() as connection:
        await connection.execute(become, {"state": "ferme", "id": record})
    page, answer = await morel.get(draft), await morel.post(draft, **NOW)
    async with clean.state.engine.begin() as connection:
        await connection.execute(become, {"state": "actif", "id": record})
    assert "n’a pas d’espace ouvert" in text_of(page)
    assert answer.status_code == 422
    assert (await traces(clean, "deposit:refused"))[-1].reason == "902"


async def test_a_minor_may_keep_it_from_their_parents(morel: Desk, clean: Litestar) -> None:
    file = await file_of(morel, f"{LEA.traits.birth_date:%d/%m/%Y}", "bena")
    patient = file.replace("deposer", "patients")
    await morel.post(f"{patient}/insi")
    await morel.post(
        f"{patient}/piece", piece="livret-de-famille", memes_traits="oui", parent="oui"
    )
    draft = await chosen(morel, file, ("scan.pdf", scanned()))
    assert "Connexion secrète" in text_of(await morel.get(draft))
    _, shown = await deposited(morel, draft, **await about_pdf(morel, draft), secret="oui")
    assert "Caché aux représentants légaux" in shown
