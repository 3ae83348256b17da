"""« Profil médical »: what goes together, both ways, for who may know it."""

import re
from collections.abc import Mapping
from uuid import UUID, uuid4

from litestar import Litestar

from backend.demo.people import LAURA
from backend.demo.reports import DemoDeposit
from backend.domain.formats.hl7v2_writer import Action
from tests.hiding import another
from tests.laboratory import Laboratory
from tests.pages import Browser, text_of
from tests.patient.telling import PROFILE, fill, hidden, tell, traced, two_parents, where
from tests.patient.test_activation import place
from tests.services.test_exports import taken

Reports = Mapping[str, DemoDeposit]
LATEST = "laura-bilan-sanguin-v1"
BOX = re.compile(
    r'<input type="checkbox" name="[^"]*" value="([^"]+)"( checked)?><span><b>(.*?)</b>'
)
ENTRY = re.compile(r'href="(/profil/[a-z]+/[0-9a-f-]{36})"')


async def told(browser: Browser, section: str) -> str:
    return text_of(await browser.get(f"{PROFILE}/{section}"))


async def entry_of(browser: Browser, section: str) -> str:
    """The address of its last entry."""
    return str(ENTRY.findall((await browser.get(f"{PROFILE}/{section}")).text)[-1])


async def test_a_treatment_goes_with_an_illness_on_both_cards_until_it_is_gone(
    reader: Browser,
) -> None:
    await reader.sign_in(LAURA)
    await tell(reader, "maladies", {"nom": "Asthme"}, {})
    await tell(reader, "maladies", {"nom": "Rhume"}, {})
    page = await tell(reader, "traitements", {"nom": "Inhalateur"}, {})
    assert "question 3 sur 3 Pour quelles maladies" in text_of(page)
    boxes = {name: id_ for id_, _, name in BOX.findall(page.text)}
    assert set(boxes) == {"Asthme", "Rhume"}
    assert place(await fill(reader, page, {"maladies": boxes["Asthme"]})).endswith("/traitements")
    assert "Maladies liées : Asthme Laura" in await told(reader, "traitements")
    assert "Traitements liés : Inhalateur Laura" in await told(reader, "maladies")
    profile = text_of(await reader.get(f"{PROFILE}/synthese"))
    assert "Maladies liées : Asthme" in profile
    archive = await taken(reader)
    assert "Inhalateur;Maladies liées;Asthme;" in archive.read("profil-medical.csv").decode()
    assert '"Traitements liés": "Inhalateur"' in archive.read("profil-medical.json").decode()
    assert boxes["Asthme"] not in archive.read("profil-medical.json").decode()
    cure = await entry_of(reader, "traitements")
    again = await fill(reader, await reader.get(cure), {"nom": "Inhalateur"}, {})
    assert [(name, bool(ticked)) for _, ticked, name in BOX.findall(again.text)] == [
        ("Asthme", True),
        ("Rhume", False),
    ]
    away = f"{cure}/supprimer"
    assert "Maladies liées : Asthme" in text_of(await reader.get(away))
    await reader.post(away, **hidden(await reader.get(away), away))
    assert "liés" not in text_of(await reader.get(PROFILE))


async def test_a_document_is_shown_while_it_may_be_known_and_only_then(
    app: Litestar, reader: Browser, laboratory: Laboratory, reports: Reports
) -> None:
    first = another(reports[LATEST].report, 950)
    assert "MSA|AA" in await laboratory.deposit(first)
    await reader.sign_in(LAURA)
    lists = await traced(app, "document:list")
    page = await tell(reader, "hospitalisations", {"nom": "Chute"}, {"date": "2019"}, {})
    assert await traced(app, "document:list") == lists + 1, "boxes with titles are a list"
    ((document, _, title),) = BOX.findall(page.text)
    stranger = str(uuid4())
    assert (await fill(reader, page, {"documents": f"{document} {stranger}"})).status_code == 303
    line = f"Documents liés : {title}"
    assert line in await told(reader, "hospitalisations")
    await reader.post(f"/documents/{document}/visibilite", choix="masquer")
    assert line in text_of(await reader.get(PROFILE))
    assert "Documents liés" not in text_of(await reader.get(f"{PROFILE}/synthese"))
    await reader.post(f"/documents/{document}/pas-a-moi")
    stay = await entry_of(reader, "hospitalisations")
    archive = await taken(reader)
    seen = [
        (await reader.get(path)).text for path in (PROFILE, f"{PROFILE}/hospitalisations", stay)
    ]
    seen += [archive.read(f"profil-medical.{name}").decode() for name in ("csv", "json")]
    assert all(document not in text and "Documents liés" not in text for text in seen)
    page = await fill(
        reader, await reader.get(stay), {"nom": "Chute de vélo"}, {"date": "2019"}, {}
    )
    assert page.status_code == 303, "there is nothing to tick any more"
    await laboratory.deposit(another(reports[LATEST].report, 950, version=2), Action.REPLACE)
    shown = await reader.get(f"{PROFILE}/hospitalisations")
    assert "Chute de vélo" in shown.text
    assert line in text_of(shown)
    assert stranger not in shown.text
    assert f"documents/{UUID(document)}" in shown.text


async def test_two_parents_at_once_lose_no_box(app: Litestar) -> None:
    karim, nadia = await two_parents(app)
    for name in ("Sirop", "Pommade"):
        await tell(karim, "traitements", {"nom": name}, {})
    page = await tell(nadia, "allergies", {"nom": "Pollen"}, {})
    ids = [id_ for id_, *_ in BOX.findall(page.text)]
    await tell(karim, "allergies", {"nom": "Arachide"}, {}, {})
    path = where(page)
    both = await nadia.post(path, **hidden(page, path), traitements=ids)
    assert both.status_code == 409
    assert "Pollen Traitements liés : Sirop ; Pommade" in text_of(both)
    assert (await nadia.post(path, **hidden(both, path))).status_code == 303
    shown = text_of(await karim.get(PROFILE))
    assert "Pollen Traitements liés : Sirop ; Pommade" in shown
    assert shown.count("Allergies liées : Pollen") == 2
    assert "Arachide" in shown
