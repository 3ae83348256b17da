"""Documents found and read in FHIR for a professional: what their screen shows, nothing more."""

import re
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Mapping
from hashlib import sha1
from secrets import token_urlsafe
from urllib.parse import urlsplit

import pytest
from httpx import Response
from litestar import Litestar

from backend.access import Action
from backend.access.scopes import Policy
from backend.app import create_app
from backend.demo.people import KARIM, LAURA, LEA, Someone
from backend.demo.psc.people import pro as person
from backend.demo.psc.ways import VOUCHED
from backend.demo.reports import DemoDeposit
from backend.domain.formats.mhd import FhirError
from backend.domain.formats.pdsm import Kind, read_search
from backend.domain.formats.pdsm.query import read_span
from backend.domain.pace import Pace, Span
from backend.gateways.oauth import ACCESS
from backend.services import even
from tests.fhir import VISIBILITY
from tests.fixtures.alarm import Alarm
from tests.fixtures.application import client_of, running, settings_for
from tests.fixtures.database import Databases
from tests.pages import Browser, text_of
from tests.patient.test_profiles import file_for
from tests.pro.records import Consulting, clear, run
from tests.reading import ESTUAIRE, ORMES, Json, System, lend, register

FHIR = "http://127.0.0.1:8000/fhir"
NAMES = ("laura-bilan-sanguin-v1", "laura-tilleuls-v1", "laura-anti-gad-v1", "laura-serologies-v1")
CURRENT = {"status": "current"}


@pytest.fixture(scope="module")
async def served(
    databases: Databases,
    world_template: str,
    reports: Mapping[str, DemoDeposit],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Litestar]:
    """Laura has four reports, Léa one; a laboratory and a practice have systems that read."""
    url = databases.copy(world_template)
    app = create_app(settings_for(url, tmp_path_factory.mktemp("retrieving")))
    async with running(app):
        for name in (*NAMES, "lea-bilan-v1"):
            await file_for(app, reports, name)
        for client_id, of in ((ESTUAIRE, "morel"), (ORMES, "martin")):
            await register(app, client_id, of)
        yield app
    databases.drop(url)


@pytest.fixture
async def app(served: Litestar, monkeypatch: pytest.MonkeyPatch) -> Litestar:
    monkeypatch.setattr(even, "FLOOR", 0.0)
    await clear(served)
    served.state.policy = Policy()
    return served


async def opens(app: Litestar, who: str, someone: Someone = LAURA) -> tuple[Consulting, str]:
    desk = Consulting(app)
    await desk.works(who)
    return desk, await desk.opens(someone)


def is_outcome(answer: Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/fhir+json")
    assert answer.headers["cache-control"] == "no-store"
    said = answer.json()
    assert said["resourceType"] == "OperationOutcome"
    return str(said["issue"][0]["details"]["text"])


# --- for whom


async def test_a_token_of_pro_sante_connect_that_is_not_right_gives_nothing(
    app: Litestar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.gateways.psc.client.PATIENCE", 1.0)
    await run(app, "DELETE FROM reading_token")
    last = "SELECT reason FROM trace WHERE action = :action ORDER BY at DESC LIMIT 1"
    system = System(app)
    for way in VOUCHED:
        answer = await system.exchanges(lend(app, "morel", way=way))
        down = way.refused == "psc-down"
        error = "temporarily_unavailable" if down else "invalid_request"
        told = answer.status_code, answer.json()["error"]
        assert told == (503 if down else 400, error), way.name
        written = await run(app, last, action=Action.REFUSE_TOKEN)
        assert written == (error if down else way.refused), way.name
    assert await run(app, "SELECT count(*) FROM reading_token") == 0


async def test_who_may_exchange_and_for_what(app: Litestar) -> None:
    system, emulator = System(app), app.state.psc_emulator
    token = lend(app, "morel")
    good = await system.exchanges(token)
    assert good.json()["issued_token_type"] == ACCESS
    assert good.json()["expires_in"] == 300
    assert good.headers["cache-control"] == "no-store"
    for changes, status, error in (
        ({"client_assertion": "", "client_assertion_type": ""}, 401, "invalid_client"),
        ({"subject_token": ""}, 400, "invalid_request"),
        ({"subject_token": "inconnu"}, 400, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:jwt"}, 400, "invalid_request"),
        ({"actor_token": "x"}, 400, "invalid_request"),
        ({"audience": "ailleurs"}, 400, "invalid_target"),
        ({"scope": "deposit:bio"}, 400, "invalid_scope"),
        ({"scope": "user/*.rs"}, 400, "invalid_scope"),
    ):
        answer = await system.exchanges(token, **changes)
        assert (answer.status_code, answer.json()["error"]) == (status, error), changes
    elsewhere = await system.exchanges(emulator.lend(person("morel"), f"psc-{ORMES}"))
    assert elsewhere.status_code == 400, "a token that other software was given"
    stranger = await system.exchanges(lend(app, "martin"))
    assert "rattache a votre structure" in stranger.json()["error_description"]
    await run(
        app, "UPDATE machine_client SET psc_client_id = NULL WHERE client_id = :c", c=ESTUAIRE
    )
    never = await system.exchanges(token)
    await run(
        app,
        "UPDATE machine_client SET psc_client_id = :p WHERE client_id = :c",
        p=f"psc-{ESTUAIRE}",
        c=ESTUAIRE,
    )
    assert never.json()["error"] == "unauthorized_client"
    emulator.sessions.clear()
    assert (await system.exchanges(token)).status_code == 400, "signed out since"


async def test_a_system_alone_reads_nothing_and_a_reading_token_does_nothing_else(
    app: Litestar,
) -> None:
    system = System(app)
    form = system.proof() | {"grant_type": "client_credentials"}
    system.token = (await system.client.post("/oauth/token", data=form)).json()["access_token"]
    for answer in (await system.asks(**CURRENT), await system.get("/fhir/Binary/x.pdf")):
        assert "Un logiciel seul ne lit aucun dossier" in is_outcome(answer, 403)
    system.token = token_urlsafe(32)
    is_outcome(await system.asks(**CURRENT), 401)
    await system.serves("morel")
    for path in ("/pro/accueil", "/pro/dossiers", "/documents"):
        assert (await system.get(path)).status_code in {303, 404}, path
    bearer = {"Authorization": f"Bearer {system.token}"}
    deposit = await system.client.post("/fhir/DocumentReference", content=b"{}", headers=bearer)
    assert deposit.status_code == 401
    await system.serves("morel", scope="user/List.s")
    assert "portée" in is_outcome(await system.asks(**CURRENT), 403)
    assert "insufficient_scope" in (await system.asks(**CURRENT)).headers["www-authenticate"]


async def test_who_was_detached_since_reads_nothing(app: Litestar) -> None:
    system = await System(app).serves("morel")
    number = person("morel").national_id
    await run(app, "UPDATE membership SET ended_at = now() WHERE national_id = :n", n=number)
    answer = await system.asks(**CURRENT)
    await run(app, "UPDATE membership SET ended_at = NULL WHERE national_id = :n", n=number)
    is_outcome(answer, 401)


# --- what


async def screen_of(desk: Consulting, path: str) -> int:
    return len(await desk.documents(path))


async def test_it_lists_what_the_screen_lists(app: Litestar) -> None:
    """Masked, withheld, refused by the matrice, blocked: for the laboratory and for a doctor."""
    lab, doctor = System(app), System(app, ORMES)
    seen = {}
    for who, system in (("morel", lab), ("martin", doctor)):
        desk, path = await opens(app, who)
        await system.serves(who)
        found = await system.finds()
        titles = sorted(one["content"][0]["attachment"]["title"] for one in found)
        assert len(found) == await screen_of(desk, path), who
        lots = await system.asks(kind="List", code="submissionset", **CURRENT)
        assert [one["resource"]["id"] for one in lots.json()["entry"]] == [
            one["id"] for one in found
        ]
        seen[who] = {one["id"] for one in found}, titles
    assert len(seen["morel"][0]) == 4
    await run(app, "UPDATE record SET mask_all = true")
    assert len(await lab.finds()) < 4, "of its own only"
    hidden = await doctor.asks(**CURRENT)
    assert hidden.json().get("total", 0) == len(hidden.json().get("entry", []))


async def test_a_document_is_told_as_the_profile_wants(app: Litestar) -> None:
    await opens(app, "morel")
    system = await System(app).serves("morel")
    found = await system.finds()
    labelled = {}
    for one in found:
        check_profile(one)
        codes = {
            (coding["system"], coding["code"])
            for label in one["securityLabel"]
            for coding in label["coding"]
        }
        assert ("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "N") in codes
        labelled[one["id"]] = {code for system_, code in codes if system_ == VISIBILITY}
        assert {"application/xml", "application/pdf"} >= {
            content["attachment"]["contentType"] for content in one["content"]
        }
        for content in one["content"]:
            told = content["attachment"]
            answer = await system.get(urlsplit(told["url"]).path)
            assert answer.status_code == 200
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["content-type"].startswith(told["contentType"])
            assert len(answer.content) == told["size"]
            assert b64encode(sha1(answer.content).digest()).decode() == told["hash"]
    assert {frozenset(labels) for labels in labelled.values()} == {
        frozenset(),
        frozenset({"INVISIBLE_PATIENT"}),
        frozenset({"MASQUE_PS"}),
    }
    path = urlsplit(found[0]["content"][0]["attachment"]["url"]).path
    binary = (await system.get(path, Accept="application/fhir+json")).json()
    assert binary["resourceType"] == "Binary"
    assert b64decode(binary["data"]) == (await system.get(path)).content
    laura = Browser(app, client_of(app))
    await laura.sign_in(LAURA)
    told = text_of(await laura.get("/acces"))
    assert "Dr Claire Morel, médecin biologiste" in told
    assert "a téléchargé un document" in told


def check_profile(one: Json) -> None:
    """PDSm_ComprehensiveDocumentReference, and MHD under it."""
    for name in (
        *("masterIdentifier", "status", "type", "category", "subject", "date", "author"),
        *("custodian", "securityLabel", "content", "context", "contained"),
    ):
        assert one[name], name
    inside = {f"#{each['id']}": each["resourceType"] for each in one["contained"]}
    context = one["context"]
    assert inside[context["sourcePatientInfo"]["reference"]] == "Patient"
    assert inside[one["custodian"]["reference"]] == "Organization"
    assert inside[one["author"][0]["reference"]] in {"Practitioner", "Organization"}
    for name in ("facilityType", "practiceSetting", "period"):
        assert context[name], name
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)", context["period"]["start"])
    assert one["subject"]["reference"].startswith("Patient?identifier=urn:oid:")
    for content in one["content"]:
        assert content["format"]["code"]
        attachment = content["attachment"]
        assert all(attachment[name] for name in ("contentType", "url", "size", "hash", "title"))
        assert attachment["creation"]


async def test_parameters_choose(app: Litestar) -> None:
    await opens(app, "morel")
    system = await System(app).serves("morel")
    found = await system.finds()
    first = found[0]
    master, whole = first["masterIdentifier"], len(found)
    every, none = whole, 0
    day = first["content"][0]["attachment"]["creation"][:10]
    for asked, count in (
        ({"identifier": f"{master['system']}|{master['value']}"}, 1),
        ({"type": "http://loinc.org|11502-2"}, every),
        ({"type": "11502-2,18748-4"}, every),
        ({"type": "18748-4"}, none),
        ({"category": "urn:oid:1.2.250.1.213.1.1.4.1|10"}, every),
        ({"security-label": "INVISIBLE_PATIENT"}, 1),
        ({"security-label": f"{VISIBILITY}|MASQUE_PS"}, 1),
        ({"security-label": "N"}, every),
        ({"date": "ge2000", "creation": "lt2000-01"}, none),
        ({"period": "ge2000-01-01T00:00:00Z"}, every),
        ({"facility": "SA07"}, none),
        ({"author.family": "personne"}, none),
        ({"status": "superseded"}, none),
        ({"status": "current,superseded"}, every),
        ({"format": "urn:ihe:iti:xds:2017:mimeTypeSufficient"}, None),
        ({"setting": "AMBULATOIRE"}, None),
        ({"event": "x"}, none),
        ({"related": "x|y"}, none),
    ):
        answer = await system.finds(**asked)
        assert count is None or len(answer) == count, asked
    assert first["id"] in {one["id"] for one in await system.finds(creation=f"eq{day}")}
    author = next(each for each in first["contained"] if each["resourceType"] == "Practitioner")
    family = author["name"][0]["family"]
    assert await system.finds(**{"author.family": family.lower()[:3]})


async def test_page_after_page_and_no_address_says_who(app: Litestar) -> None:
    await opens(app, "morel")
    system = await System(app).serves("morel")
    whole = [one["id"] for one in await system.finds()]
    answer = await system.asks(_count="1", **CURRENT)
    seen: list[str] = []
    while True:
        bundle = answer.json()
        seen += [entry["resource"]["id"] for entry in bundle.get("entry", [])]
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        assert LAURA.traits.matricule[:13] not in str(links)
        assert "total" not in bundle
        if "next" not in links:
            break
        path = links["next"].removeprefix("http://127.0.0.1:8000")
        answer = await system.get(path)
        assert answer.status_code == 200, answer.text
    assert seen == whole
    is_outcome(await system.get(path.replace("DocumentReference", "List")), 400)
    is_outcome(await system.get(path[:-4] + "AAAA"), 400)
    is_outcome(await system.get(path + "&status=current"), 400)
    await opens(app, "martin")
    other = await System(app, ORMES).serves("martin")
    is_outcome(await other.get(path), 400)


async def test_an_ins_in_an_address_is_nowhere_else(app: Litestar, alarm: Alarm) -> None:
    """In no line of a log, no header, no table: the alarm listens to all of them."""
    await opens(app, "morel")
    system = await System(app).serves("morel")
    traits = LAURA.traits
    ins = f"urn:oid:{traits.oid}|{traits.matricule}"
    with alarm.on_purpose() as rung:
        answer = await system.get(
            f"/fhir/DocumentReference?patient.identifier={ins}&status=current"
        )
    assert len(answer.json()["entry"]) == 4
    assert {channel for channel, _ in rung} == {"address"}


# --- refusals


WRONG: list[dict[str, str]] = [
    {},
    {"status": "ouvert"},
    {"status": "current", "nouveau": "x"},
    {"status": "current", "date": "hier"},
    {"status": "current", "date": "2026-13-45"},
    {"status": "current", "_count": "0"},
    {"status": "current", "_format": "xml"},
    {"status": "current", "patient.identifier": "1|2"},
    {"status": "current", "patient.identifier": "urn:oid:1.2.250.1.213.1.4.8|12"},
    {"status": "current", "type:not": "x"},
    {"status": "current", "type": "a,,b"},
    {"status": "current", "type": "x" * 300},
]


async def test_a_wrong_question_is_refused_in_words(app: Litestar) -> None:
    system = await System(app).serves("morel")
    for asked in WRONG:
        assert len(is_outcome(await system.asks(**asked), 400)) > 15, asked


async def test_nobody_not_open_blocked_and_not_let_in_are_the_same_bytes(app: Litestar) -> None:
    doctor = await System(app, ORMES).serves("martin")
    shut = await doctor.asks(**CURRENT)
    assert "ouvre d’abord" in is_outcome(shut, 403)
    nobody = await doctor.asks(
        **CURRENT, **{"patient.identifier": f"urn:oid:{LAURA.traits.oid}|{'1' * 15}"}
    )
    unopened = await doctor.asks(KARIM, **CURRENT)
    await opens(app, "martin")
    assert (await doctor.asks(**CURRENT)).status_code == 200
    found = await doctor.finds()
    binary = urlsplit(found[0]["content"][0]["attachment"]["url"]).path
    assert (await doctor.get(binary)).status_code == 200
    await run(app, "UPDATE care_link SET blocked = true")
    blocked = await doctor.asks(**CURRENT)
    assert blocked.content == shut.content == nobody.content == unopened.content
    assert blocked.status_code == nobody.status_code == unopened.status_code == 403
    gone = await doctor.get(binary)
    unknown = await doctor.get("/fhir/Binary/00000000-0000-4000-8000-000000000000.xml")
    is_outcome(gone, 404)
    assert gone.content == unknown.content
    laura = Browser(app, client_of(app))
    await laura.sign_in(LAURA)
    assert "Martin" in text_of(await laura.get("/acces")), "she reads that somebody tried"


async def test_a_hidden_document_is_read_like_one_that_never_was(app: Litestar) -> None:
    await opens(app, "morel")
    lab = await System(app).serves("morel")
    every = {one["id"]: one for one in await lab.finds()}
    await opens(app, "martin")
    doctor = await System(app, ORMES).serves("martin")
    hidden = every.keys() - {one["id"] for one in await doctor.finds()}
    assert hidden, "masked"
    unknown = await doctor.get("/fhir/Binary/00000000-0000-4000-8000-000000000000.pdf")
    for id_ in hidden:
        for ending in ("xml", "pdf"):
            answer = await doctor.get(f"/fhir/Binary/{id_}.{ending}")
            assert (answer.status_code, answer.content) == (404, unknown.content)
    assert "MASQUE_PS" not in str(await doctor.finds())


async def test_too_many_records_and_another_role(app: Litestar) -> None:
    app.state.policy = Policy(paces={span: Pace(1, 1) for span in Span})
    system = await System(app).serves("morel")
    await system.finds()
    assert "Vous avez ouvert 1 dossiers" in is_outcome(await system.asks(LEA, **CURRENT), 429)


def test_dates_are_days_of_paris() -> None:
    span = read_span("2026-11-27")
    assert span.start.isoformat() == "2026-11-27T00:00:00+01:00"
    assert (span.end - span.start).days == 1
    assert read_span("ge2026-12").end.isoformat() == "2027-01-01T00:00:00+01:00"
    for wrong in ("20261127", "2026-02-30", "ap2026", "9999", ""):
        with pytest.raises(FhirError):
            read_span(wrong)


def test_two_people_are_not_one_question() -> None:
    ins = ("patient.identifier", "urn:oid:1.2.250.1.213.1.4.8|1")
    with pytest.raises(FhirError, match="une seule"):
        read_search(Kind.DOCUMENTS, [ins, ins, ("status", "current")])
