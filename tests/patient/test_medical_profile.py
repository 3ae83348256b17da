"""« Profil médical »: one question a page."""

import re
from uuid import uuid4

import pytest
from litestar import Litestar

from backend.demo.people import KARIM, LAURA, LEA
from backend.storage.medical_profile import ProfileSection
from tests.pages import Browser, text_of
from tests.patient.changing import count
from tests.patient.telling import PROFILE, fill, hidden, say, tell, traced
from tests.patient.test_activation import place
from tests.patient.test_profiles import choose, open_as


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


async def test_a_choice_that_is_none_is_asked_again(app: Litestar, reader: Browser) -> None:
    """The page that asks again shows the section: that it was read is written."""
    await reader.sign_in(LAURA)
    for section, choice in (("allergies", "peut-être"), ("groupe-sanguin", "rien")):
        read = await traced(app, "profile:read")
        page = await say(reader, section, choice)
        assert (page.status_code, "Choisissez une réponse." in text_of(page)) == (422, True)
        assert await traced(app, "profile:read") == read + 2, "the page, and the page again"
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
    assert await traced(app, "profile:read") == 2, "the form, and the page at the end"
