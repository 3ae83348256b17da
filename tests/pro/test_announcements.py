"""« Annonces »: seen by the laboratory, released once by who may, and only then there for Laura."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from itertools import count
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import select, text

from backend.demo.people import LAURA
from backend.demo.reports import DemoDeposit
from backend.domain.formats.hl7v2_writer import Action
from backend.domain.reports import Report
from backend.jobs import calendar
from backend.storage.announcements import Announcement, AnnouncementCall
from backend.storage.dispatches import Dispatch
from backend.storage.documents import Document, VisibilityChange
from tests.days import TODAY
from tests.fhir import as_bytes, reference_of
from tests.fixtures.application import client_of
from tests.hiding import another
from tests.laboratory import Laboratory
from tests.pages import Browser, text_of
from tests.pro.psc import Desk
from tests.pro.records import Consulting

Reports = Mapping[str, DemoDeposit]
NAME = "laura-serologies-v1"
WITHHELD = {"INVISIBLE_PATIENT": True}
LIST = "/pro/annonces"
NUMBERS = count(2_000)
FHIR = "application/fhir+json"
MADE = {"jour": "", "par": "Dr Paul Martin"}


@pytest.fixture
async def office(office: Litestar) -> AsyncIterator[Litestar]:
    """Nothing waits, no rule is chosen, nobody is blocked."""
    clean = (
        "UPDATE announcement SET done_at = now() WHERE done_at IS NULL",
        "DELETE FROM withheld_family",
        "DELETE FROM care_link",
        "UPDATE record SET state = 'actif' WHERE state = 'ferme'",
    )
    await run(office, *clean)
    yield office
    await run(office, *clean)


async def run(app: Litestar, *statements: str, **values: Any) -> None:
    async with app.state.engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement), values)


def hiv(reports: Reports, version: int = 1, number: int = 0) -> Report:
    return another(reports[NAME].report, number or next(NUMBERS), version=version)


async def send(
    app: Litestar,
    report: Report,
    action: Action = Action.NEW,
    *,
    hidden: bool = False,
    **flags: bool,
) -> str:
    lab = Laboratory(client_of(app), "sgl-estuaire")
    ack = await lab.deposit(report, action, flags={**flags, **(WITHHELD if hidden else {})})
    assert "MSA|AA" in ack, ack
    return f"{LIST}/{(await newest(app, Announcement)).id}" if hidden else ""


async def newest(app: Litestar, kind: Any) -> Any:
    by = Announcement.opened_at if kind is Announcement else Document.deposited_at
    async with app.state.sessions() as db:
        return (await db.scalars(select(kind).order_by(by.desc()).limit(1))).one()


async def at_work(app: Litestar, who: str) -> Desk:
    desk = Desk(app)
    await desk.works(who)
    return desk


async def scalars(app: Litestar, query: Any) -> list[Any]:
    async with app.state.sessions() as db:
        return list(await db.scalars(query))


async def release(desk: Desk, path: str, **typed: str) -> Any:
    shown = await desk.get(f"{path}/rendre-visible")
    today = shown.text.partition('name="jour"')[2].partition('value="')[2].partition('"')[0]
    return await desk.post(f"{path}/rendre-visible", **{**MADE, "jour": today, **typed})


async def test_announced_then_released_then_there(office: Litestar, reports: Reports) -> None:
    await (await at_work(office, "legall")).post("/pro/regles", famille="vih")
    await send(office, hiv(reports), DESTMSSANTEPAT=True)
    path = f"{LIST}/{(await newest(office, Announcement)).id}"
    document = await newest(office, Document)
    laura = Browser(office, client_of(office))
    await laura.sign_in(LAURA)
    assert (await laura.get(f"/documents/{document.id}")).status_code == 404
    assert await scalars(office, select(Dispatch).where(Dispatch.document_id == document.id)) == []

    secretary = await at_work(office, "diallo")
    assert "1 résultat invisible attend une annonce" in text_of(await secretary.get("/pro/accueil"))
    assert "Laura Bernard" in text_of(await secretary.get(LIST))
    shown = text_of(await secretary.get(path))
    assert "Un biologiste du laboratoire peut" in shown
    assert "L’annonce est faite" not in shown
    assert (await release(secretary, path, jour="27/11/2026")).status_code == 403
    assert (await (await at_work(office, "caradec")).get(LIST)).status_code == 403
    elsewhere = await at_work(office, "guillou")
    assert "Laura Bernard" not in text_of(await elsewhere.get(LIST))
    assert (await elsewhere.get(path)).status_code == 404
    assert (await release(elsewhere, path, jour="27/11/2026")).status_code == 404

    desk = Consulting(office)
    await desk.works("morel")
    await desk.opens(LAURA)
    report = (await desk.get(path)).text.partition('href="/pro/dossiers/')[2].partition('"')[0]
    band = "ce document n’est pas visible du patient"
    assert band in text_of(await desk.get(f"/pro/dossiers/{report}"))
    asked = text_of(await desk.get(f"{path}/rendre-visible"))
    for words in (
        "voit ce compte rendu en entier",
        "VIH 1 et 2, dépistage combiné",
        "messagerie MSSanté part",
    ):
        assert words in asked, words
    assert (await release(desk, path)).status_code == 303
    assert "Annoncé le" in (said := text_of(await desk.get(path)))
    assert "par Dr Paul Martin. Rendu visible par Dr Claire Morel" in said
    assert band not in text_of(await desk.get(f"/pro/dossiers/{report}"))
    assert "Rien à annoncer" in text_of(await desk.get(LIST))
    assert (await laura.get(f"/documents/{document.id}")).status_code == 200
    journal = text_of(await laura.get("/acces"))
    assert "a rendu un document visible pour vous" in journal
    sent = await scalars(office, select(Dispatch).where(Dispatch.document_id == document.id))
    assert [one.role.value for one in sent] == ["patient"]
    of = VisibilityChange.document_id == document.id
    changes = await scalars(office, select(VisibilityChange).where(of))
    assert sorted((one.number, one.actor_kind, one.withheld) for one in changes) == [
        (0, "Machine", True),
        (1, "Professional", False),
    ]


async def test_two_at_once_tell_her_once(office: Litestar, reports: Reports) -> None:
    path = await send(office, hiv(reports), hidden=True)
    document = await newest(office, Document)
    desks = [await at_work(office, who) for who in ("morel", "rousseau")]
    answers = await asyncio.gather(*(release(desk, path) for desk in desks))
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    refused = next(answer for answer in answers if answer.status_code == 422)
    assert "déjà visible" in text_of(refused)
    told = text("SELECT count(*) FROM notice WHERE document_id = :id")
    traces = text("SELECT count(*) FROM trace WHERE thing_id = :id AND action = 'document:release'")
    async with office.state.engine.begin() as connection:
        for query in (told, traces):
            assert await connection.scalar(query, {"id": document.id}) == 1


async def test_it_is_taken_given_and_recalled(office: Litestar, reports: Reports) -> None:
    path = await send(office, hiv(reports), hidden=True)
    desk = await at_work(office, "rousseau")
    me = (await desk.get(path)).text.partition('name="responsable" value="')[2][:36]
    for where, typed, words in (
        ("rappel", {"rappel": "hier"}, "Écrivez une date"),
        ("rappel", {"rappel": "01/01/2020"}, "un jour à venir"),
        ("rappel", {"rappel": "01/01/2090"}, "moins d’un mois"),
        ("responsable", {"responsable": str(LAURA_IS_NOBODY_HERE)}, "Choisissez dans la liste"),
        ("rendre-visible", {"jour": "01/01/2090", "par": "Dr Martin"}, "entre le dépôt"),
        ("rendre-visible", {"jour": "rien", "par": ""}, "Écrivez le nom"),
    ):
        answer = await desk.post(f"{path}/{where}", **typed)
        assert (answer.status_code, words in text_of(answer)) == (422, True), words
        if typed.get("rappel"):
            assert f'value="{typed["rappel"]}"' in answer.text
    assert (await desk.post(f"{path}/responsable", responsable=me)).status_code == 303
    assert "(vous)" in text_of(await desk.get(f"{LIST}?voir=les-miens"))
    assert "Aucune annonce" in text_of(await desk.get(f"{LIST}?voir=a-attribuer"))
    other = await at_work(office, "morel")
    assert "Rappel" not in text_of(await other.get("/pro/accueil"))

    async def look_round(days: int) -> list[tuple[str, bool]]:
        await run(office, f"UPDATE document SET withheld_on = {TODAY} - {days} WHERE withheld")
        for _ in range(2):
            await calendar.go_round(
                office.state.sessions, {"call": calendar.SWEEPS["call_announcers"]}
            )
        wait = await newest(office, Announcement)
        query = select(AnnouncementCall).where(AnnouncementCall.announcement_id == wait.id)
        found = await scalars(office, query.order_by(AnnouncementCall.at))
        return [(one.kind.value, one.owner_id is not None) for one in found]

    assert await look_round(3) == []
    assert await look_round(8) == [("day-7", True)]
    assert "Rappel : 1 vous attend" in text_of(await desk.get("/pro/accueil"))
    assert "Rappel :" not in text_of(await other.get("/pro/accueil"))
    assert "7ᵉ jour" in text_of(await desk.get(path))
    await look_round(12)
    assert (await look_round(14))[1:] == [("day-12", True), ("everybody", False)]
    assert "Rappel : 1 vous attend" in text_of(await other.get("/pro/accueil"))
    await run(office, f"UPDATE document SET withheld_on = {TODAY} WHERE withheld")


async def test_what_a_rule_withholds_is_withheld_by_every_door(
    office: Litestar, reports: Reports
) -> None:
    desk = await at_work(office, "legall")
    assert "Recherche et suivi du VIH" in text_of(await desk.get("/pro/regles"))
    assert (await desk.post("/pro/regles", famille=["vih", "inconnue"])).status_code == 303
    assert "par Bruno Le Gall" in text_of(await desk.get("/pro/regles"))
    assert (await (await at_work(office, "diallo")).get("/pro/regles")).status_code == 403
    number = next(NUMBERS)
    await send(office, hiv(reports, number=number))
    assert (await newest(office, Document)).withheld
    lab = Laboratory(client_of(office), "sgl-estuaire")
    assert "MSA|AA" in await lab.deposit(hiv(reports), mdm=True)
    assert (await newest(office, Document)).withheld
    content = as_bytes(reference_of(hiv(reports)))
    headers = {"Authorization": f"Bearer {await lab.token()}", "Content-Type": FHIR}
    answer = await lab.client.post("/fhir/DocumentReference", content=content, headers=headers)
    assert answer.status_code == 201, answer.text
    assert (await newest(office, Document)).withheld
    await send(office, another(reports["laura-ionogramme-v1"].report, next(NUMBERS)))
    assert not (await newest(office, Document)).withheld
    await send(office, hiv(reports, 2, number), Action.REPLACE)
    assert (await newest(office, Document)).withheld, "a new version stays withheld"
    path = f"{LIST}/{(await scalars(office, WAITS))[0].id}"
    assert (await release(await at_work(office, "morel"), path)).status_code == 303
    await send(office, hiv(reports, 3, number), Action.REPLACE)
    assert not (await newest(office, Document)).withheld, "what shows goes on showing"
    number = next(NUMBERS)
    await send(office, hiv(reports, number=number), DESTMSSANTEPAT=True)
    await send(office, hiv(reports, 2, number), Action.REPLACE, MODIF_CONF_CODE=True)
    shown = await newest(office, Document)
    assert not shown.withheld, "a message about visibility alone is the laboratory’s own word"
    copies = await scalars(office, select(Dispatch).where(Dispatch.document_id == shown.id))
    assert [one.role.value for one in copies] == ["patient"], "what was held back leaves"
    masked = await lab.deposit(hiv(reports), flags={"MASQUE_PS": True})
    assert "règle du laboratoire" in masked
    assert (await desk.post("/pro/regles")).status_code == 303
    await send(office, hiv(reports))
    assert not (await newest(office, Document)).withheld
    tilleuls = Laboratory(client_of(office), "sgl-tilleuls")
    assert "MSA" in await tilleuls.deposit(reports["laura-hpv-v1"].report)


async def test_nothing_is_left_of_a_closed_record_nor_of_who_blocks(
    office: Litestar, reports: Reports
) -> None:
    path = await send(office, hiv(reports), hidden=True)
    desk = await at_work(office, "morel")
    wait = await newest(office, Announcement)
    await run(
        office,
        "INSERT INTO care_link (id, record_id, professional_id, blocked, objected, in_team,"
        " informed, treating) SELECT gen_random_uuid(), :record, professional_id, true, false,"
        " false, false, false FROM pro_session",
        record=wait.record_id,
    )
    assert (await desk.get(path)).status_code == 404
    await run(office, "DELETE FROM care_link")
    assert (await desk.get(path)).status_code == 200
    await run(office, "UPDATE record SET state = 'ferme' WHERE id = :id", id=wait.record_id)
    assert (await desk.get(path)).status_code == 404
    assert (await release(desk, path, jour="27/11/2026")).status_code == 404
    assert "Laura Bernard" not in text_of(await desk.get(LIST))


WAITS = (
    select(Announcement)
    .join(Document, Document.id == Announcement.document_id)
    .where(Announcement.done_at.is_(None))
    .order_by(Announcement.opened_at)
)
LAURA_IS_NOBODY_HERE = "11111111-1111-4111-8111-111111111111"
