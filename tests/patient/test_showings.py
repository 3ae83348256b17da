"""« Montrer à un médecin »: a code opens chosen documents, for a while, until it is taken back."""

import re
from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

import pytest
from litestar import Litestar

from backend.demo.people import DOMINIQUE, KARIM, LAURA, LEA, Someone
from backend.demo.reports import DemoDeposit
from backend.services.limits import LIMITERS
from backend.storage.db import utcnow
from backend.storage.showings import Visit
from tests.pages import Browser, text_of
from tests.patient.changing import count, run
from tests.patient.test_activation import place
from tests.patient.test_caregivers import report_of
from tests.patient.test_profiles import file_for, open_as
from tests.showings import ENTER, NEW, PAGE, ROUX, SHOWN, code_of, make, visitor

READ, OTHER = "laura-bilan-sanguin-v1", "laura-ecbu-v1"


@pytest.fixture
async def laura(app: Litestar, reports: Mapping[str, DemoDeposit]) -> Browser:
    """Signed in, with two reports: `READ` comes first."""
    await file_for(app, reports, OTHER)
    await file_for(app, reports, READ)
    return await open_as(app, LAURA)


async def shown_to(app: Litestar, laura: Browser) -> tuple[Browser, str]:
    """A doctor who reads what Laura shows, and the address of that report for them."""
    report = await report_of(laura)
    assert place(await make(laura, report)) == PAGE
    doctor, answer = await visitor(app, await code_of(laura))
    assert place(answer) == SHOWN
    return doctor, f"/partage{report}"


async def test_a_doctor_reads_what_was_chosen_and_nothing_else(
    app: Litestar, laura: Browser
) -> None:
    doctor, report = await shown_to(app, laura)
    page = text_of(await doctor.get(SHOWN))
    assert "Documents de Laura Bernard, né(e) le 12 mai 1986" in page or "Laura Bernard" in page
    listed = re.findall(rf'href="({SHOWN}/[0-9a-f-]+)"', (await doctor.get(SHOWN)).text)
    assert listed == [report]
    assert "Hors des repères" in text_of(await doctor.get(report))
    pages = await doctor.get(f"{report}/document")
    assert pages.status_code == 200
    others = re.findall(r'href="(/documents/[0-9a-f-]{36})"', (await laura.get("/documents")).text)
    (other,) = {one for one in others if not report.endswith(one)}
    assert (await doctor.get(f"/partage{other}")).status_code == 404
    assert (await doctor.get("/documents")).status_code == 303, "no session of the space"
    assert (await doctor.get(f"{report}/original.pdf")).status_code == 404, "on the screen only"


async def test_a_doctor_reads_the_pages_of_what_the_person_added(
    app: Litestar, laura: Browser
) -> None:
    answer = await laura.send(
        "/ajouter-un-document",
        ("compte-rendu.txt", b"Tout va bien"),
        titre="Mon compte rendu",
        categorie="autre",
        date="2026-03-12",
    )
    own = str(answer.headers["location"]).removesuffix("/document")
    assert place(await make(laura, own)) == PAGE
    doctor, _ = await visitor(app, await code_of(laura))
    answer = await doctor.get(f"/partage{own}")
    assert (answer.status_code, answer.headers.get("location")) == (303, f"/partage{own}/document")
    assert "Mon compte rendu" in text_of(await doctor.get(f"/partage{own}/document"))
    assert answer.headers["cache-control"] == "no-store"


async def test_the_person_is_told_who_came_and_what_they_opened(
    app: Litestar, laura: Browser
) -> None:
    doctor, report = await shown_to(app, laura)
    await doctor.get(report)
    assert f"« {ROUX} » (nom non vérifié)" in text_of(await laura.get(PAGE))
    told = text_of(await laura.get("/acces?qui=tous"))
    assert f"« {ROUX} »" in told
    assert "a ouvert un document" in told
    assert 'class="unread"' in (await laura.get("/documents")).text, "it is still new to her"


async def test_taken_back_it_is_over_at_once(app: Litestar, laura: Browser) -> None:
    doctor, report = await shown_to(app, laura)
    code = await code_of(laura)
    found = re.search(r'name="id" value="([^"]+)"', (await laura.get(PAGE)).text)
    assert found
    about = await laura.about(PAGE)
    assert place(await laura.post(f"{PAGE}/arreter", id=found[1])) == PAGE
    for path in (SHOWN, report, f"{report}/document", f"{report}/page/1/800"):
        assert (await doctor.get(path)).status_code == 410
    _, answer = await visitor(app, code)
    assert answer.status_code == 422
    assert "Vous ne montrez rien en ce moment." in text_of(await laura.get(PAGE))
    assert (await laura.post(f"{PAGE}/arreter", id=found[1], **about)).status_code == 303


@pytest.mark.parametrize(
    "ending",
    [
        "UPDATE showing SET until = now() - interval '1 second'",
        "UPDATE visit SET ends_at = now() - interval '1 second'",
        "UPDATE account SET state = 'suspendu'",
        "UPDATE record SET state = 'ferme' WHERE id IN (SELECT record_id FROM showing)",
    ],
)
async def test_it_ends_with_its_time_and_with_the_right_of_whoever_shows(
    app: Litestar, laura: Browser, ending: str
) -> None:
    doctor, report = await shown_to(app, laura)
    await run(app, ending)
    assert (await doctor.get(report)).status_code in {404, 410}
    assert (await doctor.get(SHOWN)).status_code == 410


@pytest.mark.parametrize("flag", ["withheld = true", "status = 'withdrawn'"])
async def test_what_goes_away_is_no_longer_shown(app: Litestar, laura: Browser, flag: str) -> None:
    doctor, report = await shown_to(app, laura)
    await run(app, f"UPDATE document SET {flag}")
    assert (await doctor.get(report)).status_code in {404, 410}
    assert "Aucun document" in text_of(await doctor.get(SHOWN))


async def test_a_masked_document_may_be_shown_by_its_person(app: Litestar, laura: Browser) -> None:
    await laura.post(f"{await report_of(laura)}/visibilite", choix="masquer")
    assert "ce médecin le verra" in text_of(await laura.get(NEW))
    doctor, report = await shown_to(app, laura)
    assert (await doctor.get(report)).status_code == 200


async def test_a_parent_shows_nothing_that_was_hidden_from_parents(
    app: Litestar, reports: Mapping[str, DemoDeposit]
) -> None:
    await file_for(app, reports, "lea-bilan-v1")
    karim = await open_as(app, KARIM, LEA)
    doctor, report = await shown_to(app, karim)
    assert "Lea" in text_of(await doctor.get(report))
    await run(app, "UPDATE document SET hidden_from_guardians = true")
    assert (await doctor.get(report)).status_code == 404


async def test_somebody_elses_document_cannot_be_shown(
    app: Litestar, laura: Browser, reports: Mapping[str, DemoDeposit]
) -> None:
    for document in (f"/documents/{uuid4()}", "/documents/rien"):
        assert (await make(laura, document)).status_code == 404
    await file_for(app, reports, "dominique-trod-v1")
    theirs = await report_of(await open_as(app, DOMINIQUE))
    assert (await make(laura, theirs)).status_code == 404
    assert (await laura.get(f"{NEW}?document={theirs.rsplit('/', 1)[1]}")).status_code == 404


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"duree": "10ans"}, "Choisissez une durée."),
        ({"pour": "x" * 81}, "80 lettres au plus"),
    ],
)
async def test_a_wrong_answer_keeps_what_was_typed(
    laura: Browser, changed: dict[str, str], said: str
) -> None:
    answer = await make(laura, await report_of(laura), **changed)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert answer.text.count('name="documents"') == 2
    assert len(re.findall(r'name="documents" value="[^"]+" checked', answer.text)) == 1


async def test_nothing_chosen_or_too_many_at_once(laura: Browser) -> None:
    assert "Choisissez entre 1 et 20 documents" in text_of(await make(laura))
    report = await report_of(laura)
    for _ in range(5):
        assert (await make(laura, report)).status_code == 303
    assert "Cinq partages sont en cours" in text_of(await make(laura, report))


@pytest.mark.parametrize("code", ["7KXM 4PQR 9TWB", "", "trop court", "<script>"])
async def test_a_wrong_code_says_the_same_whoever_has_one(
    app: Litestar, laura: Browser, code: str
) -> None:
    await make(laura, await report_of(laura))
    _, answer = await visitor(app, code)
    assert answer.status_code == 422
    assert ROUX in answer.text, "what was typed is kept"
    assert await count(app, Visit) == 0


async def test_who_comes_says_who_they_are(app: Litestar, laura: Browser) -> None:
    await make(laura, await report_of(laura))
    code = await code_of(laura)
    for who in ("", "x", "y" * 81, "Dr\u202e Roux"):
        _, answer = await visitor(app, code, who)
        assert "Écrivez votre nom et votre métier" in text_of(answer)


async def test_codes_are_not_guessed(app: Litestar, laura: Browser) -> None:
    await make(laura, await report_of(laura))
    for _ in range(LIMITERS["showing-ip"].burst):
        await visitor(app, "7KXM 4PQR 9TWB")
    _, answer = await visitor(app, await code_of(laura))
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


async def test_showing_asks_who_is_there(app: Litestar, laura: Browser) -> None:
    await run(app, "UPDATE browser_session SET stepped_up_at = now() - interval '1 hour'")
    assert place(await make(laura, await report_of(laura))).startswith("/confirmer?suite=")


async def test_leaving_ends_the_visit(app: Litestar, laura: Browser) -> None:
    doctor, report = await shown_to(app, laura)
    kept = doctor.client.cookies["partage"]
    assert place(await doctor.post("/partage/quitter")) == ENTER
    doctor.client.cookies.set("partage", kept, domain="127.0.0.1")
    assert (await doctor.get(report)).status_code == 410


async def test_the_code_is_in_no_address_and_in_no_row(app: Litestar, laura: Browser) -> None:
    await make(laura, await report_of(laura))
    code = (await code_of(laura)).replace(" ", "")
    async with app.state.engine.connect() as db:
        rows = (await db.exec_driver_sql("SELECT * FROM showing")).all()
    assert code.encode() not in repr(rows).encode()
    assert rows[0].until - utcnow() <= timedelta(hours=1)


@pytest.mark.parametrize("someone", [KARIM])
async def test_nobody_takes_back_what_is_not_theirs(
    app: Litestar, laura: Browser, someone: Someone
) -> None:
    await make(laura, await report_of(laura))
    found = re.search(r'name="id" value="([^"]+)"', (await laura.get(PAGE)).text)
    assert found
    karim = await open_as(app, someone)
    about = await karim.about(NEW)
    assert (await karim.post(f"{PAGE}/arreter", id=found[1], **about)).status_code == 404
