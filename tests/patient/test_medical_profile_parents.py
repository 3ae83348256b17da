"""« Profil médical » of a child: two parents at once, and no answer lost."""

import asyncio
import re

from litestar import Litestar

from backend.demo.people import KARIM, LEA
from backend.storage.medical_profile import ProfileSection
from tests.pages import text_of
from tests.patient.changing import count
from tests.patient.telling import PROFILE, fill, hidden, tell, traced, two_parents, where
from tests.patient.test_activation import place
from tests.patient.test_profiles import open_as


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


async def test_at_the_very_same_moment_one_is_kept_and_the_other_is_asked(app: Litestar) -> None:
    parents = await two_parents(app)
    path = f"{PROFILE}/allergies"
    forms = [hidden(await parent.get(path), path) for parent in parents]
    answers = await asyncio.gather(
        *(
            parent.post(path, choix=choice, **form)
            for parent, form, choice in zip(parents, forms, ("rien", "inconnu"), strict=True)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert (await count(app, ProfileSection), await traced(app, "profile:change")) == (1, 1)
