"""A proof asked for in the middle of a form loses nothing of what was typed in it."""

import re
from collections.abc import Mapping
from urllib.parse import unquote

import pytest
from httpx import Response
from litestar import Litestar

from backend.demo.people import KARIM, LAURA, LEA, NADIA
from backend.demo.reports import DemoDeposit
from tests.pages import Browser, text_of
from tests.patient.changing import run
from tests.patient.test_activation import place
from tests.patient.test_caregivers import report_of
from tests.patient.test_profiles import file_for, open_as
from tests.showings import NEW, make

Reports = Mapping[str, DemoDeposit]
SHARE = {"nom": "Cherif", "naissance": "08/07/1982", "numero": NADIA.traits.matricule}
FINISH = "Merci, c’est bien vous."


async def an_hour_later(app: Litestar) -> None:
    await run(app, "UPDATE browser_session SET stepped_up_at = now() - interval '1 hour'")


async def proved(app: Litestar, browser: Browser, asked: Response) -> Response:
    """The page that the proof leads back to."""
    assert place(asked).startswith("/confirmer?suite=")
    await run(app, "UPDATE browser_session SET stepped_up_at = now()")
    back = unquote(place(asked).partition("suite=")[2])
    found = await browser.get(back)
    assert found.status_code == 200
    return found


def ticked(page: Response) -> set[str]:
    return set(re.findall(r'value="([^"]+)" checked', page.text))


async def test_documents_to_show_are_still_ticked(app: Litestar, reports: Reports) -> None:
    for name in ("laura-ecbu-v1", "laura-bilan-sanguin-v1"):
        await file_for(app, reports, name)
    laura = await open_as(app, LAURA)
    report = await report_of(laura)
    await an_hour_later(app)
    page = await proved(app, laura, await make(laura, report, duree="7j", pour="Dr Petit"))
    assert ticked(page) == {report.rpartition("/")[2], "7j"}
    assert 'value="Dr Petit"' in page.text
    assert f"{FINISH} Pour finir, appuyez sur « Créer le code »." in text_of(page)
    assert "Vous ne montrez rien en ce moment." in text_of(await laura.get("/partages"))


async def test_the_other_parent_is_not_typed_twice(app: Litestar) -> None:
    karim = await open_as(app, KARIM, LEA)
    await an_hour_later(app)
    asked = await karim.post("/profils/partage", **SHARE)
    assert NADIA.traits.matricule not in place(asked), "sealed: no address says it"
    page = await proved(app, karim, asked)
    for typed in SHARE.values():
        assert f'value="{typed}"' in page.text
    assert FINISH in text_of(page)


async def test_what_an_emergency_may_open_is_still_ticked(app: Litestar) -> None:
    laura = await open_as(app, LAURA)
    await laura.post("/acces/urgence")
    await an_hour_later(app)
    answer = await laura.post("/acces/urgence", samu="oui", masques="oui")
    page = await proved(app, laura, answer)
    assert page.text.count(" checked") == 2
    assert FINISH in text_of(page)
    assert (await laura.get("/acces/urgence")).text.count(" checked") == 0, "nothing was saved"


async def test_categories_are_still_as_they_were_ticked(app: Litestar) -> None:
    laura, path = await open_as(app, LAURA), "/compte/visibilite/categories"
    await laura.post(path, categorie=["biologie", "imagerie"])
    await an_hour_later(app)
    page = await proved(app, laura, await laura.post(path, categorie="imagerie"))
    assert ticked(page) == {"imagerie"}
    assert FINISH in text_of(page)


async def test_undoing_several_masks_is_one_button_after_the_proof(
    app: Litestar, reports: Reports
) -> None:
    await file_for(app, reports, "laura-ecbu-v1")
    laura, path = await open_as(app, LAURA), "/masquer-des-documents"
    (box,) = re.findall(r'name="document" value="([^"]+)"', (await laura.get(path)).text)
    await laura.post(path, choix="masquer", document=box)
    await an_hour_later(app)
    page = await proved(app, laura, await laura.post(path, choix="montrer", document=box))
    assert "1 document masqué." in text_of(page)
    assert "Annuler, le montrer" in page.text
    await laura.post(path, choix="montrer", document=box)
    assert "1 document masqué." not in text_of(await laura.get(f"{path}?fait={box}"))


@pytest.mark.parametrize("hidden", ["x", "é", "A" * 60])
async def test_what_nobody_sealed_fills_nothing(app: Litestar, hidden: str) -> None:
    laura = await open_as(app, LAURA)
    for path in (NEW, "/acces/urgence", "/compte/visibilite"):
        page = await laura.get(f"{path}?repris={hidden}")
        assert page.status_code == 200
        assert FINISH not in text_of(page)


async def test_it_is_for_the_same_session_and_the_same_record(app: Litestar) -> None:
    karim = await open_as(app, KARIM, LEA)
    await an_hour_later(app)
    back = unquote(place(await karim.post("/profils/partage", **SHARE)).partition("suite=")[2])
    other = await open_as(app, KARIM, LEA)
    assert NADIA.traits.matricule not in (await other.get(back)).text
