"""« L’annonce est faite », said in the record by its prescriber or by the médecin traitant."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import Response
from litestar import Litestar
from msgspec.structs import replace
from sqlalchemy import text

from backend.demo.people import KARIM, LAURA, LEROUX, MARTIN, Practitioner
from backend.storage.announcements import Announcement
from backend.storage.documents import Document
from tests.fixtures.application import client_of
from tests.pages import Browser, text_of
from tests.pro.records import Consulting
from tests.pro.test_announcements import LIST, Reports, at_work, hiv, newest, release, run, send

CLEAN = (
    "UPDATE announcement SET done_at = now() WHERE done_at IS NULL",
    "DELETE FROM care_link",
    "DELETE FROM consultation",
    *("DELETE FROM emergency_access", "DELETE FROM withheld_family"),
)
ASK = "L’annonce est faite"


@pytest.fixture
async def office(office: Litestar) -> AsyncIterator[Litestar]:
    """Nothing waits, nobody was let in."""
    await run(office, *CLEAN)
    yield office
    await run(office, *CLEAN)


async def visits(app: Litestar, profession: str = "10") -> Consulting:
    """Dr Martin opened Laura’s record, or somebody of this profession in his place."""
    desk = Consulting(app)
    await desk.works(MARTIN.key)
    await run(app, "UPDATE pro_session SET profession = :it", it=profession)
    await desk.opens(LAURA)
    return desk


async def treats(app: Litestar, who: Practitioner) -> None:
    """Laura says so."""
    query = "SELECT id FROM professional WHERE national_id = :it"
    async with app.state.engine.connect() as db:
        id_ = await db.scalar(text(query), {"it": who.person.national_id})
    laura = Browser(app, client_of(app))
    await laura.sign_in(LAURA)
    answer = await laura.post(f"/acces/professionnels/medecin-traitant/{id_}")
    assert answer.status_code == 303, answer.text


async def filed(
    app: Litestar, reports: Reports, by: Practitioner = MARTIN, *, copy: bool = False
) -> str:
    """Where a result that waits is read; who prescribed it."""
    report = hiv(reports)
    report = replace(report, header=replace(report.header, prescriber=by.person))
    if copy:  # what asks for the patient’s copy may not be withheld by its message
        await (await at_work(app, "legall")).post("/pro/regles", famille="vih")
    await send(app, report, hidden=not copy, DESTMSSANTEPAT=copy)
    document = await newest(app, Document)
    return f"/pro/dossiers/{document.record_id}/documents/{document.id}"


async def says(desk: Consulting, path: str, **typed: str) -> Response:
    """As the page asks it, the day being today."""
    shown = await desk.get(f"{path}/annonce")
    today = shown.text.partition('name="jour"')[2].partition('value="')[2].partition('"')[0]
    made = {"jour": today or "27/11/2026", "par": "Dr Paul Martin", **typed}
    return await desk.post(f"{path}/annonce", **made)


async def count(app: Litestar, query: str, **values: Any) -> int:
    async with app.state.engine.connect() as db:
        return int(await db.scalar(text(query), values) or 0)


def id_of(path: str) -> UUID:
    return UUID(path.rpartition("/")[2])


async def test_its_prescriber_announces_it_and_everybody_reads_by_whom(
    office: Litestar, reports: Reports
) -> None:
    path = await filed(office, reports, copy=True)
    desk = await visits(office)
    shown = text_of(await desk.get(path))
    assert "N’en parlez pas avant la consultation d’annonce" in shown
    assert ASK in shown
    assert "C’est fait" not in text_of(await desk.get(f"{path}?fait=annonce")), "not yet"
    asked = text_of(await desk.get(f"{path}/annonce"))
    assert "Laura Bernard voit ce compte rendu en entier" in asked
    assert "messagerie MSSanté part aussi" in asked
    for typed, words in (
        ({"jour": "01/01/2090"}, "entre le dépôt"),
        ({"jour": "rien"}, "Écrivez une date"),
        ({"par": ""}, "Écrivez le nom"),
    ):
        answer = await says(desk, path, **typed)
        assert (answer.status_code, words in text_of(answer)) == (422, True), words
    answer = await says(desk, path)
    done = f"{path}?fait=annonce"
    assert (answer.status_code, answer.headers["location"]) == (303, done)
    assert "C’est fait. Laura Bernard voit maintenant ce résultat." in text_of(await desk.get(done))
    after = text_of(await desk.get(path))
    assert ASK not in after
    assert "n’est pas visible du patient" not in after
    assert (await desk.get(f"{path}/annonce")).status_code == 404
    assert "déjà visible" in text_of(again := await says(desk, path))
    assert again.status_code == 422

    laboratory = await at_work(office, "morel")
    listed = text_of(await laboratory.get(LIST))
    assert "par Dr Paul Martin. Rendu visible par Dr Paul Martin" in listed
    wait = await newest(office, Announcement)
    assert "Rendu visible par Dr Paul Martin" in text_of(await laboratory.get(f"{LIST}/{wait.id}"))
    assert "Laura" not in text_of(await (await at_work(office, "guillou")).get(LIST))
    laura = Browser(office, client_of(office))
    await laura.sign_in(LAURA)
    assert (await laura.get(f"/documents/{id_of(path)}")).status_code == 200
    assert "Dr Paul Martin, médecin" in (told := text_of(await laura.get("/acces")))
    assert "a rendu un document visible pour vous" in told
    new = "SELECT count(*) FROM notice WHERE document_id = :id AND kind = 'new'"
    copies = "SELECT count(*) FROM dispatch WHERE document_id = :id AND role = 'patient'"
    for query in (new, copies):
        assert await count(office, query, id=id_of(path)) == 1


async def test_the_treating_physician_announces_what_another_prescribed(
    office: Litestar, reports: Reports
) -> None:
    path = await filed(office, reports, LEROUX)
    desk = await visits(office)
    assert ASK not in text_of(await desk.get(path))
    assert (await desk.get(f"{path}/annonce")).status_code == 404
    assert (await says(desk, path)).status_code == 403
    await treats(office, MARTIN)
    assert ASK in text_of(await desk.get(path))
    await run(office, "UPDATE care_link SET blocked = true")
    assert (await says(desk, path)).status_code == 403
    await run(office, "UPDATE care_link SET blocked = false")
    assert (await says(desk, path)).status_code == 303


@pytest.mark.parametrize("who", ["21", "60"], ids=["a pharmacist", "a nurse"])
async def test_nobody_who_is_no_physician(office: Litestar, reports: Reports, who: str) -> None:
    path = await filed(office, reports)
    desk = await visits(office, who)
    await run(office, "UPDATE care_link SET treating = true")
    assert ASK not in text_of(await desk.get(path))
    assert (await says(desk, path)).status_code in {403, 404}
    assert (await newest(office, Document)).withheld


async def test_nobody_without_a_visit_of_this_record(office: Litestar, reports: Reports) -> None:
    path = await filed(office, reports)
    door = path.partition("/documents/")[0]
    desk = Consulting(office)
    await desk.works(MARTIN.key)
    assert (await says(desk, path)).headers["location"] == door
    other = await desk.opens(KARIM)
    assert (await says(desk, f"{other}/documents/{id_of(path)}")).status_code == 404
    await desk.declares(door, MARTIN.key)
    assert ASK not in text_of(await desk.get(path))
    assert (await says(desk, path)).status_code == 403, "an emergency is no announcement"
    assert (await newest(office, Document)).withheld
    assert (await desk.get(f"{door}/documents/{uuid4()}/annonce")).status_code == 404


async def test_two_at_once_tell_her_once(office: Litestar, reports: Reports) -> None:
    path = await filed(office, reports)
    wait = await newest(office, Announcement)
    desk, laboratory = await visits(office), await at_work(office, "morel")
    answers = await asyncio.gather(
        says(desk, path), says(desk, path), release(laboratory, f"{LIST}/{wait.id}")
    )
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422]
    told = "SELECT count(*) FROM notice WHERE document_id = :id"
    traces = "SELECT count(*) FROM trace WHERE thing_id = :id AND action = 'document:release'"
    for query in (told, f"{traces} AND allowed"):
        assert await count(office, query, id=id_of(path)) == 1
