"""« Mes données »: all that one may see, nothing else, for a day, for whoever asked."""

import asyncio
import csv
import io
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from sqlalchemy import text

from backend.access.scopes import Moment, documents_for
from backend.demo.people import DURAND, KARIM, LAURA, LEA
from backend.demo.reports import DemoDeposit, write_message
from backend.domain.categories import Category
from backend.domain.export import harmless
from backend.domain.measures import Measured
from backend.jobs import calendar
from backend.services import blocking, exports, folders, masking, measures, soundness
from backend.storage.accounts import Channel
from backend.storage.db import utcnow
from backend.storage.documents import Document
from tests.fixtures.application import client_of
from tests.laboratory import Laboratory
from tests.pages import Browser, text_of
from tests.patient.changing import run
from tests.patient.professionals import office
from tests.patient.test_activation import place
from tests.patient.test_profiles import invited, open_as
from tests.services.test_closure import actor_of, letter

PAGE = "/compte/donnees"
Reports = Mapping[str, DemoDeposit]


async def file_all(app: Litestar, reports: Reports, *names: str) -> None:
    for name in names:
        laboratory = Laboratory(client_of(app), reports[name].laboratory.client_id)
        assert "MSA|AA" in await laboratory.send(write_message(reports[name]))


async def link_to(browser: Browser) -> str:
    """Asked for, waited for: where the file is."""
    assert place(await browser.post(PAGE)) == PAGE
    for _ in range(200):
        page = (await browser.get(PAGE)).text
        if "mes-donnees.zip" in page:
            return page.split('href="/compte/donnees/')[1].split('"')[0]
        await asyncio.sleep(0.05)
    raise AssertionError("it was not made")


async def taken(browser: Browser) -> ZipFile:
    answer = await browser.client.get(f"{PAGE}/{await link_to(browser)}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return ZipFile(io.BytesIO(answer.content))


async def test_it_holds_each_report_as_received_and_every_result(
    app: Litestar, reports: Reports, reader: Browser
) -> None:
    sent = ("laura-bilan-sanguin-v1", "laura-tilleuls-v1")
    await file_all(app, reports, *sent)
    await reader.sign_in(LAURA)
    archive = await taken(reader)
    assert archive.testzip() is None
    names = archive.namelist()
    assert {"LISEZ-MOI.txt", "index.html", "resultats.csv", "fhir.json"} < set(names)
    assert sum(name.endswith(".xml") for name in names) == 2
    pdfs = [name for name in names if name.endswith(".pdf")]
    assert pdfs
    assert all(archive.read(name).startswith(b"%PDF-") for name in pdfs)
    page = archive.read("index.html").decode()
    assert all(f'href="{name}"' in page for name in names if name.startswith("documents/"))
    table = archive.read("resultats.csv")
    assert table.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig")), delimiter=";"))
    expected = [result for name in sent for result in reports[name].report.results]
    assert len(rows) == len(expected)
    assert {row["analyse"] for row in rows} == {result.label for result in expected}


async def test_its_fhir_is_whole(app: Litestar, reports: Reports, reader: Browser) -> None:
    """What R4 requires of each resource, references that lead somewhere, digits kept."""
    await file_all(app, reports, "laura-bilan-sanguin-v1", "laura-coproculture-v1")
    await reader.sign_in(LAURA)
    raw = (await taken(reader)).read("fhir.json").decode()
    bundle = json.loads(raw, parse_float=str)
    resources = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
    assert len(resources) == len(bundle["entry"]), "each once"
    kinds = [resource["resourceType"] for resource in resources.values()]
    assert (kinds.count("Patient"), kinds.count("DiagnosticReport")) == (1, 2)
    for resource in resources.values():
        assert None not in resource.values()
        match resource["resourceType"]:
            case "DiagnosticReport":
                assert resource["status"] in {"final", "partial"}
                assert resource["code"]["coding"][0]["code"]
                assert {one["reference"] for one in resource["result"]} <= resources.keys()
            case "Observation":
                check_observation(resource)
                assert resource["subject"]["reference"] in resources
    written = {
        result.value.number
        for result in reports["laura-bilan-sanguin-v1"].report.results
        if "." in result.value.number
    }
    assert written
    assert written <= set(numbers_of(bundle)), "as the laboratory wrote them"


def check_observation(resource: dict[str, Any]) -> None:
    assert resource["status"] in {"final", "preliminary", "cancelled", "unknown"}
    assert resource["code"]["text"]
    values = {"valueQuantity", "valueString", "dataAbsentReason"} & resource.keys()
    assert len(values) == 1, resource
    for bounds in resource.get("referenceRange", []):
        assert {"low", "high", "text"} & bounds.keys()


def numbers_of(value: Any) -> list[str]:
    match value:
        case dict():
            return [found for one in value.values() for found in numbers_of(one)]
        case list():
            return [found for one in value for found in numbers_of(one)]
        case str():
            return [value]
        case _:
            return []


async def test_what_is_withheld_is_not_in_it_and_what_is_masked_is(
    app: Litestar, reports: Reports, reader: Browser
) -> None:
    await file_all(app, reports, "laura-bilan-sanguin-v1", "laura-anti-gad-v1")
    await run(app, "UPDATE document SET withheld = true WHERE NOT masked AND withheld")
    await reader.sign_in(LAURA)
    archive = await taken(reader)
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"GAD" not in everything


async def test_a_parent_gets_what_a_parent_may_see(app: Litestar, reports: Reports) -> None:
    await file_all(app, reports, "lea-bilan-v1")
    karim = await open_as(app, KARIM, LEA)
    assert "Les données de Lea" in text_of(await karim.get(PAGE))
    archive = await taken(karim)
    assert json.loads(archive.read("fhir.json"))["entry"][0]["resource"]["name"][0]["given"]
    assert sum(name.endswith(".xml") for name in archive.namelist()) == 1


async def test_the_link_is_theirs_for_a_day_after_a_fresh_proof(
    app: Litestar, reader: Browser
) -> None:
    await reader.sign_in(LAURA)
    path = f"{PAGE}/{await link_to(reader)}"
    karim = await open_as(app, KARIM)
    assert (await karim.client.get(path)).status_code == 404
    await run(app, "UPDATE browser_session SET stepped_up_at = now() - interval '1 hour'")
    answer = await reader.client.get(path, follow_redirects=False)
    assert place(answer).startswith("/confirmer")
    assert place(await reader.post(PAGE)).startswith("/confirmer")
    await run(app, "UPDATE browser_session SET stepped_up_at = now()")
    assert (await reader.client.get(path)).status_code == 200
    await run(app, "UPDATE export SET expires_at = now()")
    assert (await reader.client.get(path)).status_code == 404
    assert "Préparer mon fichier" in text_of(await reader.get(PAGE))


SINCE = ("hidden_from_guardians = true", "withheld = true", "status = 'withdrawn'")


@pytest.mark.parametrize("since", SINCE)
async def test_what_may_no_longer_be_seen_is_no_longer_given(
    app: Litestar, reports: Reports, since: str
) -> None:
    await file_all(app, reports, "lea-bilan-v1")
    karim = await open_as(app, KARIM, LEA)
    path = f"{PAGE}/{await link_to(karim)}"
    assert (await karim.client.get(path)).status_code == 200
    await run(app, f"UPDATE document SET {since}")
    assert (await karim.client.get(path)).status_code == 404
    page = text_of(await karim.get(PAGE))
    assert "Votre fichier est prêt" not in page
    assert "Préparer mon fichier" in page
    again = await link_to(karim)
    assert again not in path
    archive = ZipFile(io.BytesIO((await karim.client.get(f"{PAGE}/{again}")).content))
    assert not [name for name in archive.namelist() if name.startswith("documents/")]


async def test_what_came_since_or_one_never_saw_takes_nothing_away(
    app: Litestar, reports: Reports, reader: Browser
) -> None:
    """Else the file's end would tell that there is a document."""
    await file_all(app, reports, "laura-bilan-sanguin-v1")
    await reader.sign_in(LAURA)
    path = f"{PAGE}/{await link_to(reader)}"
    await file_all(app, reports, "laura-anti-gad-v1")
    await run(app, "UPDATE document SET status = 'withdrawn' WHERE withheld")
    assert (await reader.client.get(path)).status_code == 200


async def test_a_file_that_does_not_say_what_it_holds_is_not_given(
    app: Litestar, reader: Browser
) -> None:
    """Made before this was kept."""
    await reader.sign_in(LAURA)
    path = f"{PAGE}/{await link_to(reader)}"
    await run(app, "UPDATE export SET version_ids = NULL")
    assert (await reader.client.get(path)).status_code == 404


@pytest.mark.parametrize("by", ["email", "sms"])
async def test_who_asked_is_told_that_it_is_ready(app: Litestar, reader: Browser, by: str) -> None:
    await reader.sign_in(LAURA)
    if by == "sms":
        await run(app, "UPDATE account SET sealed_email = NULL, email_verified_at = NULL")
    app.state.outside.inbox._messages.clear()
    await link_to(reader)
    told = await letter(app, LAURA.email if by == "email" else LAURA.phone)
    assert "prêt" in told.text
    assert told.text.strip().endswith(("Repères", "c’est gratuit."))


async def test_it_is_not_told_of_one_that_is_no_longer_given(
    app: Litestar, reports: Reports, reader: Browser
) -> None:
    await file_all(app, reports, "laura-bilan-sanguin-v1")
    await reader.sign_in(LAURA)
    export_id = UUID((await link_to(reader)).split("/")[0])
    async with app.state.sessions.begin() as db:
        at = Moment.at(utcnow())
        assert await exports.address_for(db, at, export_id) == (Channel.EMAIL, LAURA.email)
        assert await exports.address_for(db, Moment.at(utcnow() + exports.LIFE), export_id) is None
        await db.execute(text("UPDATE document SET withheld = true"))
        assert await exports.address_for(db, at, export_id) is None


async def test_it_is_forgotten_then_its_file_is_a_leftover(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await link_to(reader)
    files = app.state.outside.files
    found = await soundness.check(app.state.sessions, files, now=utcnow() + timedelta(days=2))
    assert (found.faults, found.leftovers) == (0, 0)
    await run(app, "UPDATE export SET expires_at = now()")
    await calendar.go_round(app.state.sessions)
    async with app.state.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM export")) == 0
    found = await soundness.check(app.state.sessions, files, now=utcnow() + timedelta(days=2))
    assert (found.faults, found.leftovers) == (0, 1)


async def test_one_at_a_time_and_few_a_day(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    statuses, about = [], await reader.about(PAGE)
    for _ in range(5):
        answer = await reader.post(PAGE, **about)
        statuses.append(answer.status_code)
        await run(app, "UPDATE export SET state = 'pret'")
    assert statuses == [303, 303, 303, 429, 429]


async def test_made_twice_is_made_once(app: Litestar, reader: Browser) -> None:
    """A worker that was killed after its file and before its commit."""
    await reader.sign_in(LAURA)
    await link_to(reader)
    await run(app, "UPDATE export SET state = 'attente', file_key = NULL")
    await run(
        app,
        "UPDATE outbox SET state = 'due', due_at = now(), done_at = NULL "
        "WHERE dedupe_key LIKE 'make-export/%'",
    )
    for _ in range(200):
        if "mes-donnees.zip" in (await reader.get(PAGE)).text:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it was not made again")


async def test_after_a_change_of_password_it_waits_a_day(app: Litestar, reader: Browser) -> None:
    await reader.sign_in(LAURA)
    await run(
        app,
        "INSERT INTO credential_change (id, account_id, kind, at, until, token_hash) "
        "SELECT gen_random_uuid(), id, 'password', now(), now() + interval '1 day', uuid_send(id) "
        "FROM account",
    )
    answer = await reader.post(PAGE)
    assert answer.status_code == 422
    assert "moins de 24 heures" in text_of(answer)


def table(archive: ZipFile, name: str) -> list[dict[str, str]]:
    written = archive.read(name).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(written), delimiter=";"))


TABLES = ("acces", "masquages", "professionnels", "dossiers", "partages")


@pytest.fixture
async def chosen(app: Litestar, reports: Reports, reader: Browser) -> ZipFile:
    """What Laura takes away after she put away, masked, let in and blocked."""
    await file_all(app, reports, "laura-bilan-sanguin-v1", "laura-serologies-v1")
    actor, at = await actor_of(app, LAURA), Moment.at(utcnow())
    async with app.state.sessions.begin() as db:
        query = documents_for(actor, at).where(~Document.masked)
        document = (await db.scalars(query)).one().id
        folder = await folders.create(db, actor, at, "Diabète")
        await folders.put(db, actor, at, folder, [document])
        await folders.create(db, actor, at, "Vide")
        await masking.mask_categories(db, actor, at, [Category.REPORT])
    doctor, other = await office(app), await office(app, DURAND.person)
    await doctor.is_let_in()
    assert await doctor.opens(document)
    async with app.state.sessions.begin() as db:
        await blocking.block(db, actor, at, [other.pro.id])
        await masking.mask(db, actor, at, [document], masked=True)
    await reader.sign_in(LAURA)
    return await taken(reader)


async def test_it_holds_who_opened_the_record(chosen: ZipFile) -> None:
    lines = {(row["qui"], row["action"]) for row in table(chosen, "acces.csv")}
    assert ("Dr Paul Martin", "a ouvert un document") in lines
    assert ("Laura Bernard (vous)", "a bloqué un professionnel") in lines


async def test_it_holds_what_was_chosen(chosen: ZipFile) -> None:
    said = chosen.read("LISEZ-MOI.txt").decode()
    page = chosen.read("index.html").decode()
    for one in (*TABLES, "compte"):
        assert f"{one}.csv" in chosen.namelist()
        assert f"{one}.csv" in said
        assert f'href="{one}.csv"' in page
    masked = [(row["quoi"], row["réglage"]) for row in table(chosen, "masquages.csv")]
    assert ("Comptes rendus", "catégorie masquée") in masked
    assert sum(how == "document masqué" for _, how in masked) == 2
    people = {row["nom"]: row["accès"] for row in table(chosen, "professionnels.csv")}
    assert (people["Dr Paul Martin"], people["Dr Marc Durand"]) == ("peut voir", "bloqué")
    shelves = table(chosen, "dossiers.csv")
    there = [(row["dossier"], bool(row["document"])) for row in shelves]
    assert there == [("Diabète", True), ("Vide", False)]
    told = {row["réglage"]: row["choix"] for row in table(chosen, "compte.csv")}
    assert told["adresse e-mail"] == LAURA.email
    assert told["être prévenu : un nouveau document"] == "appareil, e-mail"
    whole = json.loads(chosen.read("acces-et-choix.json"))
    assert whole.keys() == {*TABLES, "compte"}
    assert whole["dossiers"] == shelves


async def test_a_parent_takes_nothing_of_what_a_parent_may_not_see(
    app: Litestar, reports: Reports
) -> None:
    await file_all(app, reports, "lea-bilan-v1")
    karim = await invited(app)
    shown = await taken(karim)
    kinds = {row["partage"] for row in table(shown, "partages.csv")}
    assert kinds == {"parent", "demande à l’autre parent"}
    assert "a déposé un document" in shown.read("acces.csv").decode()
    assert "compte.csv" not in shown.namelist(), "it is of the parent, not of the child"
    await run(app, "UPDATE document SET hidden_from_guardians = true")
    hidden = await taken(karim)
    assert "un document" not in hidden.read("acces.csv").decode()
    title = reports["lea-bilan-v1"].report.header.title.encode()
    assert not [name for name in hidden.namelist() if title in hidden.read(name)]


async def test_what_had_no_room_is_named_with_how_to_get_it(
    app: Litestar, reports: Reports, reader: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = ("laura-bilan-sanguin-v1", "laura-tilleuls-v1")
    await file_all(app, reports, *sent)
    monkeypatch.setattr(exports, "MOST_BYTES", 1)
    await reader.sign_in(LAURA)
    archive = await taken(reader)
    assert len([name for name in archive.namelist() if name.endswith(".xml")]) == 1
    said = archive.read("LISEZ-MOI.txt").decode()
    assert "Ceux-ci n’y ont pas trouvé place" in said
    titles = {reports[name].report.header.title for name in sent}
    assert sum(said.count(f", {title}\n") for title in titles) == 1
    assert "appuyez sur « Télécharger »" in said


@given(st.text(max_size=30))
def test_no_cell_is_a_formula(cell: str) -> None:
    kept = harmless(cell)
    assert kept.lstrip("'") == cell.lstrip("'")
    if kept.startswith(("=", "@", "\t", "\r")):
        raise AssertionError(cell)
    if kept.startswith(("+", "-")):
        float(kept.replace(",", "."))


async def test_measures_are_taken_away_too_and_no_spreadsheet_runs_them(
    app: Litestar, reader: Browser
) -> None:
    actor, at = await actor_of(app, LAURA), Moment.at(utcnow())
    told = (
        Measured("tension", ("130", "80"), comment="=1+1"),
        Measured("glycemie", ("98",), "a-jeun", origin="appareil"),
        Measured("igg", ("6.9",), "14"),
    )
    async with app.state.sessions.begin() as db:
        for hours, value in enumerate(told):
            await measures.add(db, actor, at, value, at.now - timedelta(hours=9 - hours))
        await measures.add(db, actor, at, Measured("poids", ("72.5",)), at.now)
        page = await measures.overview(db, actor, at)
        weight = next(one for one in page.there if one.measure.key == "poids")
        assert weight.latest
        assert weight.latest.id
        await measures.remove(db, actor, at, weight.id, weight.latest.id)
    await reader.sign_in(LAURA)
    archive = await taken(reader)
    assert 'href="mesures.csv"' in archive.read("index.html").decode()
    text_ = archive.read("mesures.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text_), delimiter=";"))
    assert [(row["mesure"], row["valeur"], row["unité"], row["contexte"]) for row in rows] == [
        ("Tension", "130/80", "mm[Hg]", ""),
        ("Glycémie", "98", "mg/dL", "À jeun"),
        ("Indicateur de gestion du glucose", "6,9", "%", "Sur 14 jours"),
    ], "not what was deleted"
    assert [row["source"] for row in rows] == ["moi", "un appareil", "moi"]
    assert rows[0]["commentaire"] == "'=1+1"
    bundle = json.loads(archive.read("fhir.json"), parse_float=str)
    resources = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
    found = [one for one in resources.values() if one["resourceType"] == "Observation"]
    assert len(found) == 3
    assert all(one["subject"]["reference"] in resources for one in found)
    tension, sugar, gmi = found
    assert {"text": "Source : un appareil"} in sugar["note"]
    halves = [
        (one["code"]["coding"][0]["code"], one["valueQuantity"]) for one in tension["component"]
    ]
    assert [(code, value["value"], value["code"]) for code, value in halves] == [
        ("8480-6", 130, "mm[Hg]"),
        ("8462-4", 80, "mm[Hg]"),
    ]
    assert "valueQuantity" not in tension
    check_observation(sugar)
    assert sugar["code"]["coding"] == [{"system": "http://loinc.org", "code": "2345-7"}]
    assert gmi["valueQuantity"]["value"] == "6.9"
    assert gmi["code"]["coding"][0]["code"] == "MED-972"
