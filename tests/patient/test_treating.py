"""The médecin traitant: said by the patient, one at most, and what it opens under each setting."""

import asyncio
from collections.abc import Mapping
from uuid import UUID, uuid4

import pytest
from litestar import Litestar
from sqlalchemy import text

from backend.access.scopes import Policy
from backend.demo.people import DURAND, KARIM, LAURA, LEA, LEROUX, NADIA, PETIT
from backend.demo.reports import DemoDeposit
from tests.pages import Browser, text_of
from tests.patient.changing import record_of, run
from tests.patient.professionals import Office, office
from tests.patient.test_activation import place
from tests.patient.test_caregivers import helping
from tests.patient.test_profiles import answer as answer_invitation
from tests.patient.test_profiles import choose, file_for, invited, open_as
from tests.pro.records import Consulting

PROS = "/acces/professionnels"
END, SEARCH = f"{PROS}/plus-medecin-traitant", f"{PROS}/chercher"
MASKED = "laura-serologies-v1"
BY_LAW = Policy(masked_visible_to_treating_physician=True)
SAID = "SELECT array_agg(professional_id) FROM care_link WHERE treating"
Reports = Mapping[str, DemoDeposit]


def page_of(who: Office) -> str:
    return f"{PROS}/medecin-traitant/{who.pro.id}"


async def said(app: Litestar) -> list[UUID]:
    """Who is a médecin traitant, of any record."""
    async with app.state.engine.connect() as db:
        return list(await db.scalar(text(SAID)) or [])


@pytest.fixture
async def laura(app: Litestar, reports: Reports) -> Browser:
    """Signed in, with one report that its deposit masked."""
    await file_for(app, reports, MASKED)
    return await open_as(app, LAURA)


@pytest.fixture
async def doctor(app: Litestar, laura: Browser) -> Office:
    """Let in."""
    found = await office(app)
    assert await found.is_let_in()
    return found


async def test_one_who_is_declared_sees_what_is_masked_where_the_law_is_followed(
    app: Litestar, laura: Browser, doctor: Office
) -> None:
    desk = Consulting(app)
    await desk.works("martin")
    path = await desk.opens()
    for by_law in (False, True):
        app.state.policy = BY_LAW if by_law else Policy()
        assert await desk.documents(path) == []
        will = text_of(await laura.get(page_of(doctor)))
        assert ("Il verra aussi les documents masqués" in will) is by_law
        assert ("Il ne verra rien de plus" in will) is not by_law
        assert place(await laura.post(page_of(doctor))) == f"{PROS}?fait=traitant"
        shown = text_of(await laura.get(f"{PROS}?fait=traitant"))
        assert "C’est noté. Dr Paul Martin est votre médecin traitant." in shown
        assert ("il voit aussi ce qui est masqué : la loi le prévoit" in shown) is by_law
        assert ("Cela ne lui montre rien de plus" in shown) is not by_law
        seen = await desk.documents(path)
        assert len(seen) == int(by_law)
        for document in seen:
            assert (await desk.get(document)).status_code == 200
        if by_law:  # it lets nobody in
            await run(app, "UPDATE care_link SET informed = false")
            assert await desk.documents(path) == []
            await run(app, "UPDATE care_link SET informed = true")
        await laura.post(END, professionnel=str(doctor.pro.id))
        assert await desk.documents(path) == []
        for document in seen:
            assert (await desk.get(document)).status_code == 404
    told = text_of(await laura.get("/acces?qui=tous"))
    assert "a dit qui est le médecin traitant" in told
    assert "a dit qu’un médecin n’est plus le médecin traitant" in told


async def test_the_pages_on_masking_say_who_sees(
    app: Litestar, laura: Browser, doctor: Office
) -> None:
    rows = (await laura.get("/documents")).text
    document = rows.split('class="rowlink" href="')[1].split('"', maxsplit=1)[0]
    pages = ("/compte/visibilite", f"{document}/visibilite")
    for by_law in (False, True):
        app.state.policy = BY_LAW if by_law else Policy()
        for path in pages:
            words = text_of(await laura.get(path))
            assert ("Aucun médecin traitant n’est indiqué. Si vous" in words) is by_law, path
            assert "sauf le médecin traitant" not in words
        await laura.post(page_of(doctor))
        await laura.post("/compte/visibilite", choix="masquer")
        for path in (*pages, "/compte/visibilite?fait=oui", f"{document}/visibilite?fait=oui"):
            words = text_of(await laura.get(path))
            assert ("Dr Paul Martin est votre médecin traitant. La loi" in words) is by_law
            assert "Aucun médecin traitant" not in words
            if "fait" in path:
                assert ("sauf le médecin traitant" in words) is by_law, path
        shown = text_of(await laura.get(PROS))
        assert ("ne voient rien pour l’instant, sauf le médecin traitant" in shown) is by_law
        job = text_of(await laura.get("/acces/metiers/medecin"))
        assert ("sauf s’il est le médecin traitant" in job) is by_law
        await laura.post("/compte/visibilite", choix="montrer")
        await laura.post(END, professionnel=str(doctor.pro.id))


async def test_a_fresh_proof_is_asked_where_it_opens_something(
    app: Litestar, laura: Browser, doctor: Office
) -> None:
    app.state.policy = BY_LAW
    about = await laura.about(page_of(doctor))
    await run(app, "UPDATE browser_session SET stepped_up_at = now() - interval '1 hour'")
    assert place(await laura.get(page_of(doctor))).startswith("/confirmer?suite=")
    assert place(await laura.post(page_of(doctor), **about)).startswith("/confirmer?suite=")
    assert await said(app) == []
    app.state.policy = Policy()
    await laura.post(page_of(doctor))
    assert await said(app) == [doctor.pro.id]
    app.state.policy = BY_LAW
    await laura.post(END, professionnel=str(doctor.pro.id))
    assert await said(app) == []


async def test_another_takes_the_place_and_two_at_once_leave_one(
    app: Litestar, laura: Browser, doctor: Office
) -> None:
    other, third = await office(app, LEROUX.person), await office(app, DURAND.person)
    for one in (other, third):
        assert await one.is_let_in()
    await laura.post(page_of(doctor))
    assert "Dr Paul Martin ne sera plus votre médecin traitant" in text_of(
        await laura.get(page_of(other))
    )
    await laura.post(page_of(other))
    assert await said(app) == [other.pro.id]
    await laura.post(END, professionnel=str(doctor.pro.id))
    assert await said(app) == [other.pro.id], "an old page ends nobody else"
    about = await laura.about(page_of(doctor))
    chosen = [doctor, third] * 3
    answers = await asyncio.gather(*(laura.post(page_of(one), **about) for one in chosen))
    assert {place(answer) for answer in answers} == {f"{PROS}?fait=traitant"}
    assert len(await said(app)) == 1


async def test_a_block_ends_it_and_unblocking_does_not_bring_it_back(
    app: Litestar, laura: Browser, doctor: Office
) -> None:
    await laura.post(page_of(doctor))
    await laura.post(f"{PROS}/bloquer", professionnel=str(doctor.pro.id))
    assert await said(app) == []
    told = text_of(await laura.get("/acces?qui=tous"))
    assert "a dit qu’un médecin n’est plus le médecin traitant" in told
    about = await laura.about(SEARCH)
    assert (await laura.get(page_of(doctor))).status_code == 404
    assert (await laura.post(page_of(doctor), **about)).status_code == 404
    await laura.post(f"{PROS}/debloquer/{doctor.pro.id}")
    assert await said(app) == []


async def test_only_a_physician_whom_the_record_knows(app: Litestar, laura: Browser) -> None:
    stranger, chemist = await office(app, DURAND.person), await office(app, PETIT.person)
    assert await chemist.is_let_in()
    about = await laura.about(SEARCH)
    for address in (page_of(stranger), page_of(chemist), f"{PROS}/medecin-traitant/{uuid4()}"):
        assert (await laura.get(address)).status_code == 404
        assert (await laura.post(address, **about)).status_code == 404
    assert (await laura.post(END, professionnel=str(stranger.pro.id))).status_code == 404
    for nobody in ("", "rien"):
        assert (await laura.post(END, professionnel=nobody)).status_code == 404
    assert "Médecin traitant" not in text_of(await laura.get(PROS))
    assert await said(app) == []


async def test_a_parent_says_it_for_the_child_and_nobody_for_somebody_else(
    app: Litestar, reports: Reports, laura: Browser, doctor: Office
) -> None:
    await file_for(app, reports, "lea-bilan-v1")
    karim, nadia = await invited(app), await open_as(app, NADIA)
    await answer_invitation(nadia, "accepter")
    own = await office(app, patient=LEA)
    await own.is_let_in()
    for parent in (karim, nadia):
        await choose(parent, LEA)
        assert "C’est son médecin traitant" in text_of(await parent.get(PROS))
    await nadia.post(page_of(own))
    assert "Dr Paul Martin est son médecin traitant" in text_of(await karim.get(PROS))
    child = await record_of(app, LEA)
    async with app.state.engine.connect() as db:
        (row,) = await db.execute(text("SELECT record_id FROM care_link WHERE treating"))
    assert row.record_id == child.id, "of Léa’s record alone"
    stranger = await open_as(app, KARIM)
    assert (await stranger.get(page_of(doctor))).status_code == 404
    about = await stranger.about(SEARCH)
    assert (await karim.post(page_of(own), **about)).status_code == 409, "a page about his own"


async def test_an_aidant_says_nothing_of_it(caring: Litestar) -> None:
    laura, nadia = await helping(caring, droit="garder")
    doctor = await office(caring)
    assert await doctor.is_let_in()
    about = await laura.about(SEARCH)
    for path, fields in ((page_of(doctor), {}), (END, {"professionnel": str(doctor.pro.id)})):
        assert (await nadia.post(path, **about, **fields)).status_code in {403, 404}
    assert (await nadia.get(page_of(doctor))).status_code in {403, 404}
    assert await said(caring) == []
