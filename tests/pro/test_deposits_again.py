"""The same thing coming again: taken back and withheld, told in a structured report, cleaned."""

import json
from uuid import uuid4

import pytest
from httpx import Response
from litestar import Litestar
from msgspec.structs import replace
from sqlalchemy import select, text

from backend.demo.people import LAURA
from backend.domain.formats.cda_writer import write_cda
from backend.domain.formats.hl7v2_writer import Action
from backend.domain.reports import Identifier, Media, Report
from backend.storage.announcements import Announcement
from backend.storage.documents import Document, Receipt, Version
from tests import fhir
from tests.fixtures.application import client_of
from tests.gateways import pdf_files
from tests.laboratory import Laboratory
from tests.pages import Browser, text_of
from tests.pro.psc import Desk
from tests.pro.test_deposits import (
    NOW,
    Reports,
    about_pdf,
    at_work,
    chosen,
    clean,
    counted,
    deposited,
    document_of,
    file_of,
    fresh,
    morel,
    reader_of,
    replacing,
    scanned,
    traces,
)

__all__ = ["clean", "morel", "reader_of"]

LATER = {"visibilite": "apres-annonce"}
KEPT = "Ce compte rendu était invisible quand il a été retiré"


@pytest.fixture(autouse=True)
async def nothing_was_taken_back(clean: Litestar) -> None:
    """What other tests took back is not what these deposit again."""
    async with clean.state.engine.begin() as connection:
        past = "UPDATE document SET dated_on = dated_on - 400 WHERE status = 'withdrawn'"
        await connection.execute(text(past))


@pytest.fixture
async def diallo(clean: Litestar) -> Desk:
    """A secretary, who deposits and releases nothing."""
    return await at_work(clean, "diallo")


@pytest.fixture
async def lab(clean: Litestar) -> Laboratory:
    return Laboratory(client_of(clean), "sgl-estuaire")


async def withheld_then_taken_back(desk: Desk, file: str, pdf: bytes) -> dict[str, str]:
    """What was told about it."""
    draft = await chosen(desk, file, ("scan.pdf", pdf))
    told = await about_pdf(desk, draft)
    number, _ = await deposited(desk, draft, **told | LATER)
    assert (await desk.post(f"/pro/deposer/recus/{number}/annuler")).status_code == 303
    return told


async def latest(app: Litestar) -> Document:
    async with app.state.sessions() as db:
        query = select(Document).order_by(Document.deposited_at.desc()).limit(1)
        document: Document = (await db.scalars(query)).one()
        return document


@pytest.mark.parametrize("same_file", [True, False])
async def test_by_hand_it_stays_withheld_and_waits(
    diallo: Desk, clean: Litestar, *, same_file: bool
) -> None:
    file, pdf = await file_of(diallo), scanned()
    told = await withheld_then_taken_back(diallo, file, pdf)
    draft = await chosen(diallo, file, ("encore.pdf", pdf if same_file else scanned()))
    if same_file:
        assert KEPT in text_of(await diallo.get(draft))
    _, shown = await deposited(diallo, draft, **told | NOW)
    assert "consultation d’annonce d’abord" in shown
    async with clean.state.sessions() as db:
        of = (await latest(clean)).id
        wait = (await db.scalars(select(Announcement).where(Announcement.document_id == of))).one()
    assert wait.done_at is None


async def test_in_the_place_of_another_document_it_is_withheld_too(
    diallo: Desk, clean: Litestar
) -> None:
    file, pdf = await file_of(diallo), scanned()
    told = await withheld_then_taken_back(diallo, file, pdf)
    other = await chosen(diallo, file, ("autre.pdf", scanned()))
    number, _ = await deposited(diallo, other, **told | {"jour": "01/10/2026"})
    draft = await replacing(diallo, file, number, "encore.pdf", pdf)
    await deposited(diallo, draft, **told | {"jour": "01/10/2026"})
    assert (await document_of(clean, number)).withheld


async def test_masked_it_could_be_read_by_nobody(diallo: Desk, clean: Litestar) -> None:
    file, pdf = await file_of(diallo), scanned()
    told = await withheld_then_taken_back(diallo, file, pdf)
    draft, before = await chosen(diallo, file, ("encore.pdf", pdf)), await counted(clean, Document)
    answer = await diallo.post(draft, **told, visibilite="masque")
    assert (answer.status_code, "nul ne pourrait lire" in text_of(answer)) == (422, True)
    assert await counted(clean, Document) == before


async def test_who_may_release_it_deposits_it_visible(
    diallo: Desk, morel: Desk, clean: Litestar
) -> None:
    file, pdf = await file_of(diallo), scanned()
    await withheld_then_taken_back(diallo, file, pdf)
    draft = await chosen(morel, file, ("encore.pdf", pdf))
    assert KEPT not in text_of(await morel.get(draft))
    await deposited(morel, draft, **await about_pdf(morel, draft))
    assert not (await latest(clean)).withheld


async def test_what_was_visible_or_is_another_days_or_persons_is_not_held(
    diallo: Desk, clean: Litestar
) -> None:
    file = await file_of(diallo)
    told = await withheld_then_taken_back(diallo, file, scanned())
    draft = await chosen(diallo, file, ("autre.pdf", scanned()))
    await deposited(diallo, draft, **told | {"jour": "01/10/2026"})
    assert not (await latest(clean)).withheld
    async with clean.state.engine.begin() as connection:
        shown = "UPDATE document SET dated_on = dated_on - 400 WHERE status = 'withdrawn'"
        await connection.execute(text(shown))
    pdf = scanned()
    draft = await chosen(diallo, file, ("visible.pdf", pdf))
    number, _ = await deposited(diallo, draft, **told)
    await diallo.post(f"/pro/deposer/recus/{number}/annuler")
    await deposited(diallo, await chosen(diallo, file, ("encore.pdf", pdf)), **told)
    assert not (await latest(clean)).withheld


@pytest.mark.parametrize("door", ["hl7v2", "fhir"])
async def test_the_same_pages_from_a_system_stay_withheld(
    diallo: Desk, clean: Litestar, lab: Laboratory, reports: Reports, door: str
) -> None:
    pdf = scanned()
    await withheld_then_taken_back(diallo, await file_of(diallo), pdf)
    await sent_by(lab, door, carrying(fresh(reports), pdf))
    assert (await latest(clean)).withheld
    await sent_by(lab, door, carrying(fresh(reports), scanned()))
    assert not (await latest(clean)).withheld


def carrying(report: Report, pdf: bytes, version: int | None = None) -> Report:
    """The structured report of these pages."""
    header = replace(report.header, version=version or report.header.version)
    return replace(report, header=header, media=(Media("application/pdf", pdf),))


async def sent_by(lab: Laboratory, door: str, report: Report, *labels: str) -> None:
    if door == "hl7v2":
        flags = {"INVISIBLE_PATIENT": "INVISIBLE_PATIENT" in labels}
        assert "MSA|AA" in (ack := await lab.deposit(report, flags=flags)), ack
        return
    answer: Response = await lab.client.post(
        "/fhir/DocumentReference",
        content=json.dumps(fhir.reference_of(report, *labels)).encode(),
        headers={
            "Authorization": f"Bearer {await lab.token()}",
            "Content-Type": "application/fhir+json",
        },
    )
    assert answer.status_code == 201, answer.text


async def versions_of(app: Litestar, document: Document) -> list[int]:
    async with app.state.sessions() as db:
        query = select(Version.number).where(Version.document_id == document.id)
        return sorted((await db.scalars(query)).all())


@pytest.mark.parametrize("door", ["hl7v2", "fhir"])
async def test_a_structured_report_is_the_next_version_of_its_pages(
    morel: Desk, clean: Litestar, lab: Laboratory, reports: Reports, door: str
) -> None:
    file, pdf = await file_of(morel), scanned()
    draft = await chosen(morel, file, ("scan.pdf", pdf))
    number, _ = await deposited(morel, draft, **await about_pdf(morel, draft))
    by_hand, before = await document_of(clean, number), await counted(clean, Document)
    report = carrying(fresh(reports), pdf, version=1)
    await sent_by(lab, door, report)
    assert await counted(clean, Document) == before
    assert await versions_of(clean, by_hand) == [1, 2]
    assert (await latest(clean)).id == by_hand.id
    assert "retiré ou remplacé" in text_of(await morel.get(f"/pro/deposer/recus/{number}"))
    own = Identifier(f"2.25.{uuid4().int}")
    header = replace(report.header, id=own, version=2, replaces=(Identifier("2.25.1"),))
    second = replace(report, header=header)
    assert "MSA|AA" in await lab.deposit(second, Action.REPLACE), "its own second version"
    assert await versions_of(clean, by_hand) == [1, 2, 3]
    stale = replace(second, header=replace(header, id=Identifier(f"2.25.{uuid4().int}")))
    assert "900" in await lab.deposit(stale, Action.REPLACE), "the same number twice"
    assert await versions_of(clean, by_hand) == [1, 2, 3]


async def test_what_is_masked_or_withheld_stays_so(
    morel: Desk, clean: Litestar, lab: Laboratory, reports: Reports, reader_of: Browser
) -> None:
    file = await file_of(morel)
    for asked in ("masque", "apres-annonce"):
        pdf = scanned()
        draft = await chosen(morel, file, ("scan.pdf", pdf))
        told = await about_pdf(morel, draft)
        me = (await morel.get(draft)).text.partition('name="annonceur"')[2]
        owner = me.partition('" selected')[0].rpartition('"')[2]
        await deposited(morel, draft, **told | {"visibilite": asked, "annonceur": owner})
        await sent_by(lab, "hl7v2", carrying(fresh(reports), pdf))
        document = await latest(clean)
        assert await versions_of(clean, document) == [1, 2]
        assert (document.masked, document.withheld) == (asked == "masque", asked != "masque")
        read = await reader_of.get(f"/documents/{document.id}")
        assert read.status_code == (200 if asked == "masque" else 404)


async def test_the_patients_own_mask_stays(
    morel: Desk, clean: Litestar, lab: Laboratory, reports: Reports, reader_of: Browser
) -> None:
    pdf = scanned()
    draft = await chosen(morel, await file_of(morel), ("scan.pdf", pdf))
    number, _ = await deposited(morel, draft, **await about_pdf(morel, draft))
    document = await document_of(clean, number)
    await reader_of.post(f"/documents/{document.id}/visibilite", choix="masquer")
    await sent_by(lab, "hl7v2", carrying(fresh(reports), pdf))
    assert (await latest(clean)).id == document.id
    assert (await latest(clean)).masked


async def test_other_pages_another_person_or_laboratory_make_a_document(
    morel: Desk, clean: Litestar, lab: Laboratory, reports: Reports
) -> None:
    pdf = scanned()
    draft = await chosen(morel, await file_of(morel), ("scan.pdf", pdf))
    await deposited(morel, draft, **await about_pdf(morel, draft))
    before = await counted(clean, Document)
    somebody = next(
        fresh(reports, name)
        for name, one in reports.items()
        if (one.laboratory.client_id, one.report.level) == ("sgl-estuaire", 3)
        and one.patient.key != LAURA.key
    )
    await sent_by(lab, "hl7v2", carrying(fresh(reports), scanned()))
    await sent_by(lab, "hl7v2", carrying(somebody, pdf))
    elsewhere = Laboratory(client_of(clean), "sgl-tilleuls")
    theirs, structure = fresh(reports), elsewhere.data.structure
    header = replace(
        theirs.header, custodian=structure, author_organisation=structure, performer=structure
    )
    await sent_by(elsewhere, "hl7v2", carrying(replace(theirs, header=header), pdf))
    assert await counted(clean, Document) == before + 3


async def test_by_hand_too_the_structured_report_is_the_next_version(
    morel: Desk, clean: Litestar, reports: Reports
) -> None:
    file, pdf = await file_of(morel), scanned()
    draft = await chosen(morel, file, ("scan.pdf", pdf))
    number, _ = await deposited(
        morel,
        draft,
        **await about_pdf(morel, draft) | LATER | owner_in((await morel.get(draft)).text),
    )
    draft = await chosen(morel, file, ("cr.xml", write_cda(carrying(fresh(reports), pdf))))
    page = await morel.get(draft)
    assert "Ce résultat attend son annonce" in text_of(page)
    await deposited(morel, draft, **LATER | owner_in(page.text))
    document = await document_of(clean, number)
    assert (await versions_of(clean, document), document.withheld) == ([1, 2], True)


def owner_in(page: str) -> dict[str, str]:
    """Who announces it, as the form proposes."""
    after = page.partition('name="annonceur"')[2]
    return {"annonceur": after.partition('" selected')[0].rpartition('"')[2]}


async def test_an_active_pdf_is_cleaned_told_and_filed(
    morel: Desk, clean: Litestar, reader_of: Browser
) -> None:
    sent = pdf_files.altered(pdf_files.carries_a_file)
    file = await file_of(morel)
    draft = await chosen(morel, file, ("joint.pdf", sent))
    page = text_of(await morel.get(draft))
    assert "nous en avons retiré des fichiers joints" in page
    assert "le fichier d’origine n’est pas gardé" in page
    assert "et nettoyé" in text_of(await morel.get(file))
    number, _ = await deposited(morel, draft, **await about_pdf(morel, draft))
    document = await document_of(clean, number)
    taken = await reader_of.client.get(f"/documents/{document.id}/original.pdf")
    assert taken.content[:5] == b"%PDF-"
    for leftover in (b"facture.exe", b"MZMZ", b"EmbeddedFile"):
        assert leftover not in taken.content
    again = await chosen(morel, file, ("joint.pdf", sent))
    assert "déjà déposé" in text_of(await morel.get(again)), "the same file is the same document"


async def test_an_active_pdf_in_a_cda_is_still_refused(
    morel: Desk, clean: Litestar, lab: Laboratory, reports: Reports
) -> None:
    active = carrying(fresh(reports), pdf_files.altered(pdf_files.opens_with_script))
    before = await counted(clean, Receipt)
    answer = await morel.send(await file_of(morel), ("cr.xml", write_cda(active)))
    assert (answer.status_code, "contient un script" in text_of(answer)) == (422, True)
    assert "contient un script" in await lab.deposit(active)
    assert await counted(clean, Receipt) == before
    assert (await traces(clean, "deposit:refused"))[-1].allowed is False
