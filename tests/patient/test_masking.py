"""Masking one document or everything: said, done at once, undone, kept through new versions."""

from collections.abc import Mapping
from uuid import UUID, uuid4

import pytest
from httpx import Response
from litestar import Litestar
from msgspec.structs import replace
from sqlalchemy import func, select, text

from backend.access.actors import Professional
from backend.access.scopes import Moment, documents_for
from backend.demo.people import KARIM, LAURA, LEA, NADIA
from backend.demo.reports import DemoDeposit, write_message
from backend.domain.formats.hl7v2_writer import Action
from backend.domain.reports import Identifier
from backend.services import soundness
from backend.storage.db import utcnow
from tests.fixtures.application import client_of
from tests.laboratory import Laboratory
from tests.pages import Browser, text_of
from tests.patient.changing import record_of, run
from tests.patient.test_activation import place
from tests.patient.test_caregivers import report_of
from tests.patient.test_profiles import answer as answer_invitation
from tests.patient.test_profiles import choose, file_for, invited, open_as

ALL = "/compte/visibilite"
DOCTOR = UUID(int=77)
FIRST = "laura-bilan-sanguin-v1"


async def seen_by_her_doctor(app: Litestar, id_: UUID = DOCTOR) -> int:
    """How many documents a doctor of Laura's care team sees."""
    record, doctor = await record_of(app, LAURA), Professional(id_, uuid4(), "10")
    await run(
        app,
        "INSERT INTO professional (id, national_id, family, given, profession)"
        " VALUES (:id, :national, 'X', 'Y', '10') ON CONFLICT DO NOTHING",
        id=id_,
        national=f"8998{id_.int:08d}",
    )
    await run(
        app,
        "INSERT INTO care_link (id, record_id, professional_id, in_team, informed, blocked,"
        " objected, treating) VALUES (:doctor, :record, :doctor, true, true, false, false, false)"
        " ON CONFLICT DO NOTHING",
        record=record.id,
        doctor=id_,
    )
    query = documents_for(doctor, Moment.at(utcnow())).subquery()
    async with app.state.sessions() as db:
        return await db.scalar(select(func.count()).select_from(query)) or 0


@pytest.fixture
async def laura(app: Litestar, reports: Mapping[str, DemoDeposit]) -> Browser:
    """Signed in, with one report."""
    await file_for(app, reports, FIRST)
    return await open_as(app, LAURA)


async def test_masked_no_professional_sees_it_and_its_person_still_does(
    app: Litestar, laura: Browser
) -> None:
    assert await seen_by_her_doctor(app) == 1
    report = await report_of(laura)
    assert "Qui peut le voir" in text_of(await laura.get(report))
    page = f"{report}/visibilite"
    assert "Ce document est visible" in text_of(await laura.get(page))
    answer = await laura.post(page, choix="masquer")
    assert place(answer) == f"{page}?fait=oui"
    said = text_of(await laura.get(place(answer)))
    assert "Document masqué. Les professionnels ne le voient plus." in said
    assert await seen_by_her_doctor(app) == 0
    assert "Masqué aux professionnels" in text_of(await laura.get("/documents"))
    assert (await laura.get(report)).status_code == 200
    await laura.post(page, choix="montrer")
    assert await seen_by_her_doctor(app) == 1
    told = text_of(await laura.get("/acces?qui=tous"))
    assert "a masqué un document" in told
    assert "a montré un document" in told


async def test_from_its_row_the_row_alone_is_answered_with_its_undoing(
    app: Litestar, laura: Browser
) -> None:
    report = await report_of(laura)
    about = await laura.about("/documents")
    token = next(c.value for c in laura.client.cookies.jar if c.name.endswith("csrf"))

    async def tap(choice: str, path: str = report, **more: str) -> Response:
        fields = {"_csrf_token": token, "choix": choice} | about | more
        headers = {"hx-request": "true"}
        return await laura.client.post(f"{path}/visibilite", data=fields, headers=headers)

    row = await tap("masquer")
    assert row.status_code == 200
    assert row.text.lstrip().startswith("<li ")
    assert row.text.count("<li ") == 1, "no page around it"
    assert 'class="unread"' in row.text, "what was not read is still to read"
    assert "Document masqué. Les professionnels ne le voient plus. Annuler" in text_of(row)
    assert await seen_by_her_doctor(app) == 0
    assert "Montrer : " in text_of(await laura.get("/documents"))
    assert (await tap("masquer", profil=str(uuid4()))).status_code == 409
    assert (await tap("masquer", f"/documents/{uuid4()}")).status_code == 404
    undone = text_of(await tap("montrer"))
    assert "Document montré." in undone
    assert await seen_by_her_doctor(app) == 1


async def test_a_mask_outlives_a_new_version_and_the_store_stays_sound(
    app: Litestar, reports: Mapping[str, DemoDeposit]
) -> None:
    await file_for(app, reports, "laura-ionogramme-v1")
    laura = await open_as(app, LAURA)
    await laura.post(f"{await report_of(laura)}/visibilite", choix="masquer")
    sent = reports["laura-ionogramme-v2"]
    laboratory = Laboratory(client_of(app), sent.laboratory.client_id)
    assert "MSA|AA" in await laboratory.send(write_message(sent))
    assert "Masqué aux professionnels" in text_of(await laura.get("/documents"))
    found = await soundness.check(app.state.sessions, app.state.outside.files, now=utcnow())
    assert not found.faults


async def test_only_its_person_lifts_their_mask_whatever_was_said_since(
    app: Litestar, reports: Mapping[str, DemoDeposit], laura: Browser
) -> None:
    sent = reports[FIRST]
    laboratory = Laboratory(client_of(app), sent.laboratory.client_id)
    page, report, number = f"{await report_of(laura)}/visibilite", sent.report, 1

    async def corrected(**flags: bool) -> bool:
        """Whether it is masked after one more version."""
        nonlocal number
        number += 1
        own = Identifier(f"2.25.{uuid4().int}")
        header = replace(report.header, id=own, version=number, replaces=(report.header.id,))
        again = replace(report, header=header)
        assert "MSA|AA" in await laboratory.deposit(again, Action.REPLACE, flags=flags)
        async with app.state.engine.connect() as db:
            return bool(await db.scalar(text("SELECT masked FROM document")))

    await laura.post(page, choix="masquer")
    assert [await corrected() for _ in range(3)] == [True, True, True]
    await laura.post(page, choix="montrer")
    assert not await corrected()
    assert await corrected(MASQUE_PS=True), "the laboratory’s own"
    assert not await corrected()


async def test_masking_twice_is_masking_once(app: Litestar, laura: Browser) -> None:
    page = f"{await report_of(laura)}/visibilite"
    for _ in range(2):
        assert (await laura.post(page, choix="masquer")).status_code == 303
    async with app.state.engine.connect() as db:
        changes = await db.scalar(text("SELECT max(visibility_number) FROM document"))
    assert changes == 1


async def test_showing_again_asks_who_is_there(app: Litestar, laura: Browser) -> None:
    page = f"{await report_of(laura)}/visibilite"
    await laura.post(page, choix="masquer")
    await laura.post(ALL, choix="masquer")
    await run(app, "UPDATE browser_session SET stepped_up_at = now() - interval '1 hour'")
    for path in (page, ALL):
        assert place(await laura.post(path, choix="montrer")).startswith("/confirmer?suite=")
    assert await seen_by_her_doctor(app) == 0


async def test_everything_is_masked_what_comes_included(
    app: Litestar, laura: Browser, reports: Mapping[str, DemoDeposit]
) -> None:
    said = text_of(await laura.get(place(await laura.post(ALL, choix="masquer"))))
    assert "Tout est masqué" in said
    await file_for(app, reports, "laura-ecbu-v1")
    assert await seen_by_her_doctor(app) == 0
    page = f"{await report_of(laura)}/visibilite"
    assert "Tout le dossier est masqué" in text_of(await laura.get(page))
    await laura.post(ALL, choix="montrer")
    assert await seen_by_her_doctor(app) == 2


@pytest.mark.parametrize("flag", ["withheld", "status"])
async def test_what_one_may_not_know_is_not_masked(
    app: Litestar, laura: Browser, flag: str
) -> None:
    page = f"{await report_of(laura)}/visibilite"
    about = await laura.about(page)
    value = "'withdrawn'" if flag == "status" else "true"
    await run(app, f"UPDATE document SET {flag} = {value}")
    assert (await laura.get(page)).status_code == 404
    assert (await laura.post(page, choix="masquer", **about)).status_code == 404


async def test_nobody_masks_for_somebody_else(app: Litestar, laura: Browser) -> None:
    page = f"{await report_of(laura)}/visibilite"
    karim = await open_as(app, KARIM)
    own = str((await record_of(app, KARIM)).id)
    assert (await karim.get(page)).status_code == 404
    assert (await karim.post(page, choix="masquer", profil=own)).status_code == 404
    unknown = f"/documents/{UUID(int=5)}/visibilite"
    assert (await karim.post(unknown, choix="masquer", profil=own)).status_code == 404


async def test_either_parent_masks_and_both_see_it(
    app: Litestar, reports: Mapping[str, DemoDeposit]
) -> None:
    await file_for(app, reports, "lea-bilan-v1")
    karim, nadia = await invited(app), await open_as(app, NADIA)
    await answer_invitation(nadia, "accepter")
    await choose(nadia, LEA)
    await nadia.post(f"{await report_of(nadia)}/visibilite", choix="masquer")
    assert "Masqué aux professionnels" in text_of(await karim.get("/documents"))
    assert "Nadia Cherif" in text_of(await karim.get("/acces?qui=tous"))


SEVERAL, CATEGORIES = "/masquer-des-documents", "/compte/visibilite/categories"


async def tick(browser: Browser, choice: str, documents: list[str]) -> Response:
    """The form of the list, with these boxes."""
    about = await browser.about(SEVERAL)
    token = next(c.value for c in browser.client.cookies.jar if c.name.endswith("csrf"))
    form = {"_csrf_token": token, **about, "choix": choice, "document": documents}
    return await browser.client.post(SEVERAL, data=form, follow_redirects=False)


async def test_several_are_masked_at_once_and_shown_again_by_one_button(
    app: Litestar, laura: Browser, reports: Mapping[str, DemoDeposit]
) -> None:
    await file_for(app, reports, "laura-ecbu-v1")
    boxes = (await laura.get(SEVERAL)).text.split('name="document" value="')[1:]
    both = [box[:36] for box in boxes]
    assert len(both) == 2
    assert (await tick(laura, "masquer", [*both, str(uuid4())])).status_code == 404
    assert await seen_by_her_doctor(app) == 2
    answer = await tick(laura, "masquer", both)
    said = await laura.get(place(answer))
    assert "2 documents masqués. Les professionnels ne les voient plus." in text_of(said)
    assert "Annuler, les montrer" in said.text
    assert await seen_by_her_doctor(app) == 0
    assert place(await tick(laura, "montrer", both)) == SEVERAL
    assert await seen_by_her_doctor(app) == 2
    nothing = await tick(laura, "masquer", [])
    assert nothing.status_code == 422
    assert "Cochez au moins un document" in text_of(nothing)


async def test_a_category_is_masked_what_comes_included(
    app: Litestar, laura: Browser, reports: Mapping[str, DemoDeposit]
) -> None:
    assert place(await laura.post(CATEGORIES, categorie="biologie")) == f"{ALL}?fait=categories"
    assert "C’est enregistré." in text_of(await laura.get(f"{ALL}?fait=categories"))
    await file_for(app, reports, "laura-ecbu-v1")
    assert await seen_by_her_doctor(app) == 0
    assert "Cette catégorie est masquée" in text_of(
        await laura.get(f"{await report_of(laura)}/visibilite")
    )
    await run(app, "UPDATE browser_session SET stepped_up_at = now() - interval '1 hour'")
    assert place(await laura.post(CATEGORIES)).startswith("/confirmer?suite=")
    assert (await laura.post(CATEGORIES, categorie="tout")).status_code == 409
    await run(app, "UPDATE browser_session SET stepped_up_at = now()")
    await laura.post(CATEGORIES, categorie="imagerie")
    assert await seen_by_her_doctor(app) == 2
    told = text_of(await laura.get("/acces?qui=tous"))
    assert "a masqué des catégories de documents" in told
    assert "a montré des catégories de documents" in told


@pytest.mark.parametrize("choice", ["", "tout"])
async def test_neither_one_nor_the_other_changes_nothing(laura: Browser, choice: str) -> None:
    page = f"{await report_of(laura)}/visibilite"
    assert (await laura.post(page, choix=choice)).status_code == 409
    assert "Ce document est visible" in text_of(await laura.get(page))
