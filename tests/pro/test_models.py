"""Models of messages, kept by who administers, chosen by who writes; how many messages wait."""

import re

import pytest
from litestar import Litestar
from sqlalchemy import text

from backend.demo.people import KARIM, LAURA
from backend.domain.conversations import MODELS_AT_MOST, read_model_text, read_model_title
from backend.domain.errors import Refused
from tests.gateways.person_files import photo
from tests.pages import text_of
from tests.pro.psc import Desk
from tests.pro.test_conversations import INBOX, PAGE, at_work, file_of, lab, opened, signed_in

__all__ = ["lab"]  # a fixture

MODELS = f"{INBOX}/modeles"
ONE = re.compile(rf'href="({MODELS}/[0-9a-f-]{{36}})"')
TYPED = {"titre": "Horaires d’été", "texte": "Bonjour,\n\nNous fermons à 17 h en août."}
OTHERS = {"diallo": 403, "caradec": 403, "riou": 403, "martin": 403, "guillou": 200}
"""What they get of the list: one administers another laboratory."""


@pytest.fixture
async def kept(office: Litestar) -> Desk:
    """An administrator whose laboratory keeps nothing yet."""
    async with office.state.engine.begin() as connection:
        await connection.execute(text("DELETE FROM message_model"))
    return await at_work(office)


async def adds(desk: Desk, **changes: str) -> int:
    await desk.get(MODELS)
    return (await desk.post(MODELS, **TYPED | changes)).status_code


async def test_a_model_is_kept_chosen_changed_and_deleted(office: Litestar, kept: Desk) -> None:
    assert "pas encore de modèle" in text_of(await kept.get(MODELS))
    assert await adds(kept) == 303
    shown = await kept.get(MODELS)
    for words in ("Horaires d’été", "Claire Morel", "ni nom, ni résultat"):
        assert words in text_of(shown), words
    (one,) = set(ONE.findall(shown.text))
    writing = f"{INBOX}/nouveau?dossier={await file_of(kept, LAURA)}"
    key = one.rpartition("/")[2]
    assert f"modele={key}" in (await kept.get(writing)).text
    filled = (await kept.get(f"{writing}&modele={key}")).text
    assert "Nous fermons à 17 h en août." in filled
    assert 'value="Horaires d’été"' in filled
    assert "Nouveau prélèvement" in filled, "those shipped are still there"
    assert 'value="Horaires d’été"' in (await kept.get(one)).text
    assert (await kept.post(one, titre="Horaires", texte="Ouvert.")).status_code == 303
    assert "Ouvert." in (await kept.get(f"{writing}&modele={key}")).text
    await kept.get(one)
    assert (await kept.post(f"{one}/supprimer")).status_code == 303
    assert (await kept.get(one)).status_code == 404
    assert (await kept.get(f"{writing}&modele={key}")).status_code == 200
    async with office.state.engine.begin() as connection:
        said = "SELECT action FROM trace WHERE action LIKE 'model:%' AND allowed ORDER BY at"
        done = [*(await connection.execute(text(said))).scalars()]
    assert [one for one in done if one != "model:list"][-3:] == [
        "model:write",
        "model:write",
        "model:delete",
    ]


async def test_what_is_wrong_is_said_in_place_and_twenty_are_enough(
    office: Litestar, kept: Desk
) -> None:
    for changes, words in (
        ({"titre": " "}, "Écrivez le titre"),
        ({"titre": "x" * 61}, "60 caractères au plus"),
        ({"texte": ""}, "Écrivez le texte"),
        ({"texte": "é" * 2_001}, "2000 caractères au plus"),
    ):
        await kept.get(MODELS)
        answer = await kept.post(MODELS, **TYPED | changes)
        assert (answer.status_code, words in text_of(answer)) == (422, True), words
        assert "Nous fermons" in answer.text or "texte" in changes
    for number in range(MODELS_AT_MOST):
        assert await adds(kept, titre=f"Modèle {number}") == 303
    assert "c’est le plus possible" in text_of(await kept.get(MODELS))
    answer = await kept.post(MODELS, **TYPED)
    assert (answer.status_code, "20 modèles" in text_of(answer)) == (422, True)
    async with office.state.engine.begin() as connection:
        sealed = (await connection.execute(text("SELECT sealed FROM message_model"))).scalars()
        assert not any(b"Bonjour" in one for one in sealed)


async def test_nobody_else_keeps_them_nor_sees_those_of_another_laboratory(
    office: Litestar, kept: Desk
) -> None:
    assert await adds(kept) == 303
    (one,) = set(ONE.findall((await kept.get(MODELS)).text))
    for who, status in OTHERS.items():
        desk = Desk(office)
        home = text_of(await desk.works(who))
        assert ("Modèles" in home) is (status == 200), who
        shown = await desk.get(MODELS)
        assert (shown.status_code, "Horaires" in text_of(shown)) == (status, False), who
        expected = {403} if status == 403 else {404}
        for path in (one, f"{one}/supprimer"):
            assert (await desk.post(path, **TYPED)).status_code in expected | {404}, (who, path)
    assert "Horaires" in text_of(await kept.get(MODELS))


async def test_each_side_is_told_how_many_conversations_wait_for_it(lab: Litestar) -> None:
    desk, laura = await at_work(lab), await signed_in(lab, LAURA)
    karim = await signed_in(lab, KARIM)
    waits, unread = "conversation attend une réponse", "conversation non lue"
    assert waits not in text_of(await desk.get("/pro/accueil"))
    assert unread not in text_of(await laura.get("/documents"))
    id_ = await opened(desk)
    assert f"Messages 1 {unread}" in text_of(await laura.get("/documents"))
    assert unread not in text_of(await karim.get("/documents"))
    assert unread not in text_of(await laura.get(f"{PAGE}/{id_}"))
    assert waits not in text_of(await desk.get("/pro/accueil"))
    answer = await laura.send(f"{PAGE}/{id_}", ("ordonnance.jpg", photo()), texte="Merci.")
    assert answer.status_code == 303, text_of(answer)
    for path in ("/pro/accueil", "/pro/envois", INBOX):
        assert f"Messages 1 {waits}" in text_of(await desk.get(path)), path
    there = await at_work(lab, "guillou")
    assert waits not in text_of(await there.get("/pro/accueil"))
    secretary = await at_work(lab, "diallo")
    assert waits not in text_of(await secretary.get("/pro/accueil"))


@pytest.mark.parametrize("read", [read_model_title, read_model_text])
def test_what_only_software_reads_is_left_out(read: object) -> None:
    assert callable(read)
    assert read(" Bonjour\x00 \x07\t") == "Bonjour"
    with pytest.raises(Refused):
        read("\x00 \t")
