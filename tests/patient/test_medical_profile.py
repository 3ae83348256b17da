"""« Profil médical »: one question a page, two parents at once, and nobody else."""

import re
from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

import pytest
from httpx import Response
from litestar import Litestar
from sqlalchemy import select, text

from backend.access.scopes import Policy
from backend.cli.fsck import check
from backend.demo import profiles
from backend.demo.people import KARIM, LAURA, LEA, NADIA
from backend.demo.reports import DemoDeposit
from backend.services.soundness import Fault
from backend.storage.db import utcnow
from backend.storage.documents import Document
from backend.storage.medical_profile import ProfileSection
from backend.storage.traces import Trace
from tests.fixtures.application import client_of
from tests.pages import Browser, text_of
from tests.patient.changing import count, run
from tests.patient.test_activation import place
from tests.patient.test_caregivers import helping
from tests.patient.test_profiles import answer as accept
from tests.patient.test_profiles import choose, invited, open_as
from tests.services.test_closure import close, erase
from tests.services.test_exports import taken
from tests.test_secrecy import dump

Reports = Mapping[str, DemoDeposit]
PROFILE = "/profil"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def hidden(page: Response, path: str) -> dict[str, str]:
    """What the form that goes to `path` sends by itself."""
    form = page.text.split(f'action="{path}"')[1].split("</form>")[0]
    return {name: value for name, value in HIDDEN.findall(form) if name != "_csrf_token"}


def where(page: Response) -> str:
    """Where the form of the page goes."""
    found = re.search(r'method="post" action="(/profil/[^"]+)"', page.text)
    assert found, page.text
    return found[1]


async def say(browser: Browser, section: str, choice: str) -> Response:
    page = await browser.get(f"{PROFILE}/{section}")
    path = f"{PROFILE}/{section}"
    return await browser.post(path, choix=choice, **hidden(page, path))


async def fill(browser: Browser, page: Response, *answers: dict[str, str]) -> Response:
    """Walk through the pages of an entry, as without scripts."""
    for typed in answers:
        path = where(page)
        page = await browser.post(path, **hidden(page, path) | typed)
    return page


async def tell(browser: Browser, section: str, *answers: dict[str, str]) -> Response:
    return await fill(browser, await browser.get(f"{PROFILE}/{section}/ajouter"), *answers)


async def two_parents(app: Litestar) -> tuple[Browser, Browser]:
    """Karim and Nadia, each with Léa's profile on the screen."""
    karim, nadia = await invited(app), await open_as(app, NADIA)
    await accept(nadia, "accepter")
    await choose(nadia, LEA)
    return karim, nadia


async def traced(app: Litestar, action: str) -> int:
    async with app.state.sessions() as db:
        return len((await db.scalars(select(Trace).where(Trace.action == action))).all())


# --- answering


async def test_an_empty_profile_says_how_long_it_takes(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    assert "Profil médical À remplir, en 3 minutes" in text_of(await reader.get("/"))
    page = text_of(await reader.get(PROFILE))
    assert "3 minutes suffisent" in page
    assert page.count("À remplir") == 13
    assert "registre national des refus" in page


@pytest.mark.parametrize(
    ("choice", "said"), [("rien", "Rien à signaler"), ("inconnu", "Je ne sais pas")]
)
async def test_no_and_i_do_not_know_are_answers(
    app: Litestar, reader: Browser, choice: str, said: str
) -> None:
    await reader.sign_in(LAURA)
    assert place(await say(reader, "allergies", choice)) == f"{PROFILE}/allergies"
    shown = text_of(await reader.get(PROFILE))
    assert re.search(rf"{said} Laura, le \d", shown)
    assert "1 réponse sur 13" in shown
    assert "1 réponse sur 13, la dernière le" in text_of(await reader.get("/"))
    assert said in text_of(await reader.get(f"{PROFILE}/allergies"))
    assert await traced(app, "profile:change") == 1


async def test_yes_leads_to_the_name_then_to_the_rest(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    answer = await say(reader, "hospitalisations", "oui")
    assert place(answer) == f"{PROFILE}/hospitalisations/ajouter"
    page = await reader.get(place(answer))
    assert "Quelle hospitalisation" in text_of(page)
    assert "facultatif" not in text_of(page)
    page = await fill(reader, page, {"nom": "Appendicite"})
    assert page.status_code == 200
    assert "question 2 sur 3 Quand ?" in text_of(page)
    page = await fill(reader, page, {"date": "03/2019"})
    assert text_of(page).count("(facultatif)") == 2
    assert await count(app, ProfileSection) == 0
    done = await fill(reader, page, {"duree": "3", "duree-unite": "jour", "commentaire": "Bien."})
    assert place(done) == f"{PROFILE}/hospitalisations"
    shown = text_of(await reader.get(place(done)))
    for words in (
        "Appendicite",
        "mars 2019",
        "Durée : 3 jours",
        "Commentaire : Bien.",
        "Laura, le",
    ):
        assert words in shown


@pytest.mark.parametrize(
    ("section", "answers", "wrong", "mend"),
    [
        ("allergies", [], {"nom": " "}, "Nom : écrivez une réponse."),
        ("traitements", [], {"nom": "m" * 51}, "50 caractères au plus"),
        ("vaccinations", [{"nom": "Tétanos"}], {"date": "hier"}, "2019, 03/2019 ou 17/03/2019"),
        ("vaccinations", [{"nom": "Tétanos"}], {"date": "01/2046"}, "à venir"),
        ("groupe-sanguin", [], {"groupe": "z"}, "choisissez une réponse"),
        ("personnes-a-prevenir", [{"nom": "Hugo"}], {"telephone": "15"}, "06 39 98 12 34"),
        ("maladies", [{"nom": "Asthme"}], {"debut": "2019", "fin": "2018"}, "avant la date"),
        ("habitudes-de-vie", [], {}, "Remplissez au moins une case"),
    ],
)
async def test_what_is_wrong_is_said_in_place_and_what_was_typed_is_kept(
    app: Litestar,
    reader: Browser,
    section: str,
    answers: list[dict[str, str]],
    wrong: dict[str, str],
    mend: str,
) -> None:
    await reader.sign_in(LAURA)
    page = await tell(reader, section, *answers, wrong)
    assert page.status_code == 422
    assert mend in text_of(page)
    assert "<title>Erreur" in page.text.replace("\n", "")
    for value in {**(answers[0] if answers else {}), **wrong}.values():
        assert value.strip() in page.text
    assert await count(app, ProfileSection) == 0


async def test_the_question_before_keeps_everything(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    page = await tell(
        reader, "allergies", {"nom": "Pollen"}, {"commentaire": "a\nb", "aller": "retour"}
    )
    assert 'value="Pollen"' in page.text
    page = await fill(reader, page, {"nom": "Pollens"})
    assert "a\nb</textarea>" in page.text
    assert place(await fill(reader, page, {})) == f"{PROFILE}/allergies"


async def test_an_answer_is_changed_and_removed(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await tell(reader, "allergies", {"nom": "Polen"}, {})
    page = await reader.get(f"{PROFILE}/allergies")
    path = re.findall(r'href="(/profil/allergies/[0-9a-f-]{36})"', page.text)[0]
    assert 'value="Polen"' in (await reader.get(path)).text
    await fill(reader, await reader.get(path), {"nom": "Pollen"}, {"commentaire": "au printemps"})
    assert "Pollen Commentaire : au printemps" in text_of(await reader.get(f"{PROFILE}/allergies"))
    away = f"{path}/supprimer"
    page = await reader.get(away)
    assert "Supprimer cette réponse ?" in text_of(page)
    assert place(await reader.post(away, **hidden(page, away))) == f"{PROFILE}/allergies"
    assert "Avez-vous des allergies ?" in text_of(await reader.get(f"{PROFILE}/allergies"))
    assert (await reader.get(path)).status_code == 404
    assert "À remplir, en 3 minutes" in text_of(await reader.get("/"))


async def test_one_treating_physician(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    doctor: tuple[dict[str, str], ...] = ({"role": "medecin"}, {"nom": "Dr Martin"}, {})
    assert (await tell(reader, "professionnels", *doctor)).status_code == 303
    page = await tell(reader, "professionnels", *doctor)
    assert page.status_code == 422
    assert "Vous l’avez déjà indiqué" in text_of(page)


async def test_a_choice_that_is_none_is_asked_again(reader: Browser) -> None:
    await reader.sign_in(LAURA)
    for section, choice in (("allergies", "peut-être"), ("groupe-sanguin", "rien")):
        page = await say(reader, section, choice)
        assert (page.status_code, "Choisissez une réponse." in text_of(page)) == (422, True)
    assert (await reader.get(f"{PROFILE}/rien")).status_code == 404
    assert (await reader.get(f"{PROFILE}/allergies/{uuid4()}")).status_code == 404


async def test_a_form_about_another_profile_does_nothing(app: Litestar) -> None:
    karim = await open_as(app, KARIM, LEA)
    page = await karim.get(f"{PROFILE}/allergies/ajouter")
    await choose(karim, KARIM)
    assert (await fill(karim, page, {"nom": "Arachide"})).status_code == 409
    assert await count(app, ProfileSection) == 0


async def test_the_same_form_twice_is_one_answer(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    page = await tell(reader, "allergies", {"nom": "Pollen"})
    for _ in range(2):
        assert (await fill(reader, page, {})).status_code == 303
    assert text_of(await reader.get(f"{PROFILE}/allergies")).count("Modifier : Pollen") == 1
    assert await traced(app, "profile:change") == 1


# --- two parents


async def test_a_child_is_asked_by_name_and_not_what_is_for_adults(app: Litestar) -> None:
    karim = await open_as(app, KARIM, LEA)
    assert "Est-ce que Lea a des allergies ?" in text_of(await karim.get(f"{PROFILE}/allergies"))
    assert "Directives anticipées" not in text_of(await karim.get(PROFILE))
    assert (await karim.get(f"{PROFILE}/directives-anticipees")).status_code == 404


async def test_the_second_parent_sees_both_answers_and_keeps_theirs(app: Litestar) -> None:
    karim, nadia = await two_parents(app)
    late = await tell(nadia, "allergies", {"nom": "Pollen"})
    await tell(karim, "allergies", {"nom": "Arachide"}, {})
    page = await fill(nadia, late, {"commentaire": "au printemps"})
    assert page.status_code == 409
    shown = text_of(page)
    assert re.search(r"Karim a changé cette réponse aujourd’hui à \d", shown)
    theirs, _, mine = shown.partition("Avec votre réponse")
    assert "Arachide" in theirs
    assert "Pollen" not in theirs
    assert "Arachide" in mine, "what the other told is not lost"
    assert "au printemps" in mine
    assert "Pollen" not in text_of(await nadia.get(PROFILE)), "nothing is written yet"
    path = where(page)
    assert place(await nadia.post(path, **hidden(page, path))) == f"{PROFILE}/allergies"
    kept = text_of(await karim.get(PROFILE))
    assert re.search(r"Arachide Karim, le .* Pollen Commentaire : au printemps Nadia, le", kept)


async def test_or_leaves_the_other_s(app: Litestar) -> None:
    karim, nadia = await two_parents(app)
    page = await nadia.get(f"{PROFILE}/allergies")
    await tell(karim, "allergies", {"nom": "Arachide"}, {})
    path = f"{PROFILE}/allergies"
    both = await nadia.post(path, choix="rien", **hidden(page, path))
    assert both.status_code == 409
    assert "Garder celle de Karim" in text_of(both)
    assert "Rien à signaler" in text_of(both).partition("Avec votre réponse")[2]
    assert "Arachide" in text_of(await karim.get(PROFILE))
    form = hidden(both, path)
    assert (await nadia.post(path, **form)).status_code == 303
    assert "Arachide" not in text_of(await karim.get(PROFILE))


async def test_one_is_changed_by_one_parent_and_removed_by_the_other(app: Litestar) -> None:
    karim, nadia = await two_parents(app)
    await tell(karim, "allergies", {"nom": "Arachide"}, {})
    page = await nadia.get(f"{PROFILE}/allergies")
    path = re.findall(r'href="(/profil/allergies/[0-9a-f-]{36})"', page.text)[0]
    edited, away = await nadia.get(path), f"{path}/supprimer"
    await karim.post(away, **hidden(await karim.get(away), away))
    both = await fill(nadia, edited, {"nom": "Arachides"}, {})
    assert both.status_code == 409
    await fill(nadia, both, {})
    assert "Arachides" in text_of(await karim.get(PROFILE))


async def test_two_blood_groups_at_once(app: Litestar) -> None:
    karim, nadia = await two_parents(app)
    page = await nadia.get(f"{PROFILE}/groupe-sanguin/ajouter")
    await tell(karim, "groupe-sanguin", {"groupe": "o-plus"})
    both = await fill(nadia, page, {"groupe": "a-plus"})
    assert both.status_code == 409
    assert (await fill(nadia, both, {})).status_code == 303
    shown = text_of(await karim.get(PROFILE))
    assert "A+" in shown
    assert "O+" not in shown
    assert "on refait toujours une prise de sang" in shown


async def test_the_first_answers_of_two_parents_are_one_row(app: Litestar) -> None:
    karim, nadia = await two_parents(app)
    pages = [await parent.get(f"{PROFILE}/allergies") for parent in (karim, nadia)]
    path = f"{PROFILE}/allergies"
    for parent, page, status in ((karim, pages[0], 303), (nadia, pages[1], 303)):
        answer = await parent.post(path, choix="rien", **hidden(page, path))
        assert answer.status_code == status, "they say the same"
    assert await count(app, ProfileSection) == 1


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
