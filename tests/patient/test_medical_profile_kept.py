"""« Profil médical »: who else reads it, what goes on paper, how it is kept."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

import pytest
from litestar import Litestar
from sqlalchemy import select, text

from backend.access.scopes import Policy
from backend.cli.fsck import check
from backend.demo import profiles
from backend.demo.people import KARIM, LAURA, LEA
from backend.demo.reports import DemoDeposit
from backend.services.soundness import Fault
from backend.storage.db import utcnow
from backend.storage.documents import Document
from backend.storage.medical_profile import ProfileSection
from tests.fixtures.application import client_of
from tests.pages import Browser, text_of
from tests.patient.changing import count, run
from tests.patient.telling import PROFILE, fill, hidden, say, tell, traced
from tests.patient.test_activation import place
from tests.patient.test_caregivers import helping
from tests.patient.test_profiles import open_as
from tests.services.test_closure import close, erase
from tests.services.test_exports import taken
from tests.test_secrecy import dump

Reports = Mapping[str, DemoDeposit]


# --- who else


async def test_nobody_else_reads_or_writes_it(app: Litestar, reader: Browser) -> None:
    await tell(await open_as(app, LAURA), "allergies", {"nom": "Pollen"}, {})
    karim = await open_as(app, KARIM)
    assert "Pollen" not in text_of(await karim.get(PROFILE))
    assert place(await reader.get(PROFILE)) == "/connexion"
    laboratory = client_of(app)
    assert (await laboratory.get(PROFILE, headers={"Authorization": "Bearer x"})).status_code != 200


@pytest.mark.parametrize(("mandate", "copy"), [("lire", 403), ("garder", 200)])
async def test_an_aidant_reads_it_and_changes_nothing(
    app: Litestar, mandate: str, copy: int
) -> None:
    app.state.policy = Policy(caregivers=True)
    laura, nadia = await helping(app, droit=mandate)
    await tell(laura, "allergies", {"nom": "Pollen"}, {})
    shown = await nadia.get(PROFILE)
    assert "Pollen Laura, le" in text_of(shown)
    assert "Modifier" not in text_of(shown)
    page = await nadia.get(f"{PROFILE}/allergies")
    assert "Modifier" not in text_of(page)
    assert (await nadia.get(f"{PROFILE}/allergies/ajouter")).status_code == 404
    fields = {"profil": (await laura.about("/compte/donnees"))["profil"], "version": "1"}
    for path in (f"{PROFILE}/allergies", f"{PROFILE}/allergies/{uuid4()}", f"{PROFILE}/synthese"):
        assert (await nadia.post(path, choix="rien", **fields)).status_code == 404
    assert (await nadia.get(f"{PROFILE}/synthese")).status_code == 200
    assert (await nadia.client.get(f"{PROFILE}/synthese.pdf")).status_code == copy
    told = text_of(await laura.get("/acces?qui=tous"))
    assert "Nadia Cherif a lu le profil médical" in told.replace("  ", " ")
    assert await count(app, ProfileSection) == 1


async def test_a_closed_record_shows_nothing_and_an_erased_one_cannot_be_opened(
    app: Litestar,
) -> None:
    karim = await open_as(app, KARIM, LEA)
    await tell(karim, "allergies", {"nom": "Arachide"}, {})
    page = await karim.get(f"{PROFILE}/vaccinations/ajouter")
    await close(app, KARIM, LEA, erase=True)
    assert "Arachide" not in text_of(await karim.get(PROFILE))
    assert (await fill(karim, page, {"nom": "BCG"})).status_code in {404, 409}
    await run(app, "UPDATE record SET erase_on = erase_on - 100 WHERE erase_on IS NOT NULL")
    assert await erase(app, LEA)
    assert (await check(app.state.settings, now=utcnow() + timedelta(days=2))).ok


# --- the synthesis, the copy, the store


async def test_the_synthesis_is_a_document_that_professionals_may_read(
    app: Litestar, reader: Browser
) -> None:
    await reader.sign_in(LAURA)
    await tell(reader, "allergies", {"nom": "Pollen œuf ≥ 2 – « mûr »"}, {"commentaire": "🙂\nb"})
    await say(reader, "traitements", "rien")
    page = await reader.get(f"{PROFILE}/synthese")
    assert "Pollen" in text_of(page)
    pdf = await reader.client.get(f"{PROFILE}/synthese.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")
    where_to = f"{PROFILE}/synthese"
    answer = await reader.post(where_to, **hidden(page, where_to))
    assert place(answer).endswith("/document")
    assert "Synthèse du profil médical" in text_of(await reader.get("/documents"))
    async with app.state.sessions() as db:
        (document,) = (await db.scalars(select(Document))).all()
    assert (document.structure_id, document.masked, document.type_code) == (None, False, "DOCPAT01")
    assert await traced(app, "profile:save-synthesis") == 1
    assert await traced(app, "profile:take-synthesis") == 1


async def test_the_file_with_everything_has_it(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await tell(reader, "maladies", {"nom": "=Asthme"}, {"debut": "2019"})
    await say(reader, "allergies", "rien")
    archive = await taken(reader)
    table = archive.read("profil-medical.csv").decode("utf-8-sig")
    assert "Maladies et sujets de santé;'=Asthme;Début;2019;Laura;" in table
    assert "Allergies;rien à signaler;;;Laura;" in table
    assert "Vaccinations;pas de réponse" in table
    assert '"début": "2019"' not in archive.read("profil-medical.json").decode()
    assert '"debut": "2019"' in archive.read("profil-medical.json").decode()
    assert "profil-medical.csv" in archive.read("LISEZ-MOI.txt").decode()


async def test_nothing_of_it_is_in_clear_and_damage_is_found(
    app: Litestar, reader: Browser
) -> None:
    await reader.sign_in(LAURA)
    await tell(reader, "handicaps", {"type": "moteur"}, {"commentaire": "Zylophorase"})
    stored = dump(app.state.settings.database_url)
    for word in (b"Zylophorase", b"moteur", b"handicap"):
        assert word not in stored
    found = await check(app.state.settings, now=utcnow())
    assert (found.ok, found.counts["profile answers"]) == (True, 1)
    await run(app, "UPDATE profile_section SET section = record_id")
    found = await check(app.state.settings, now=utcnow())
    assert [one.fault for one in found.broken] == [Fault.PROFILE_BROKEN]
    await run(app, "UPDATE profile_section SET sealed_answer = decode('00', 'hex')")
    found = await check(app.state.settings, now=utcnow())
    assert [one.fault for one in found.broken] == [Fault.PROFILE_BROKEN]


async def test_an_answer_moved_to_another_record_does_not_open(
    app: Litestar, reader: Browser
) -> None:
    await reader.sign_in(LAURA)
    await tell(reader, "allergies", {"nom": "Pollen"}, {})
    statement = "UPDATE profile_section SET id = gen_random_uuid()"
    async with app.state.engine.begin() as connection:
        await connection.execute(text(statement))
    answer = await reader.get(PROFILE)
    assert (answer.status_code, "Pollen" in answer.text) == (500, False)


async def test_the_demonstration_shows_it(app: Litestar, reader: Browser) -> None:
    for _ in range(2):
        await profiles.tell(app.state.sessions, app.state.policy)
    await reader.sign_in(LAURA)
    assert "6 réponses sur 13" in text_of(await reader.get(PROFILE))
    karim = await open_as(app, KARIM, LEA)
    assert "Arachide" in text_of(await karim.get(PROFILE))
