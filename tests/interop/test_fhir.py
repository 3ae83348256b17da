"""Deposits in FHIR: the same desk, the same receipts, refusals in the terms of FHIR."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any
from zlib import crc32

import pytest
from httpx import AsyncClient, Response
from litestar import Litestar
from msgspec.structs import replace
from sqlalchemy import func, select

from backend.app import create_app
from backend.demo.people import ESTUAIRE
from backend.demo.reports import DemoDeposit
from backend.domain.deposits import DepositRefused
from backend.domain.reports import Identifier, Report, Traits
from backend.interop.fhir.outcomes import refuse
from backend.storage.documents import Document, Receipt, Version
from backend.storage.outbox import OutboxRow
from backend.web.lanes import Lanes
from tests.fhir import Json, as_bytes, bundle_of, reference_of
from tests.fixtures.application import client_of, running, settings_for
from tests.fixtures.database import Databases
from tests.interop.test_mllp import receipt_of
from tests.laboratory import Laboratory

Reports = Mapping[str, DemoDeposit]
FHIR = "application/fhir+json"
LOT, ONE = "/fhir", "/fhir/DocumentReference"


@pytest.fixture(scope="module")
async def app(
    databases: Databases, world_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Litestar]:
    """One for all of them: each test deposits documents of its own."""
    url = databases.copy(world_template)
    app = create_app(settings_for(url, tmp_path_factory.mktemp("fhir")))
    async with running(app):
        yield app
    databases.drop(url)


class Sender:
    """A laboratory’s software that speaks FHIR."""

    def __init__(self, laboratory: Laboratory) -> None:
        self.laboratory = laboratory

    async def send(self, path: str, resource: Json | bytes, kind: str = FHIR) -> Response:
        content = resource if isinstance(resource, bytes) else as_bytes(resource)
        token = await self.laboratory.token()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
        return await self.laboratory.client.post(path, content=content, headers=headers)


@pytest.fixture
async def sender(laboratory: Laboratory) -> Sender:
    return Sender(laboratory)


@pytest.fixture
def fresh(reports: Reports, request: pytest.FixtureRequest) -> Callable[..., Report]:
    """A report of Laura’s that no other test has sent; `version` 2 replaces it."""
    base = reports["laura-premier-bilan-v1"].report

    def make(version: int = 1, name: str = "") -> Report:
        root, group = base.header.id.root, str(crc32((request.node.name + name).encode()))
        header = replace(
            base.header,
            id=Identifier(root, f"{group}.{version}"),
            set_id=Identifier(root, group),
            version=version,
            replaces=(Identifier(root, f"{group}.{version - 1}"),) if version > 1 else (),
        )
        return replace(base, header=header)

    return make


async def counts(app: Litestar) -> list[int]:
    async with app.state.sessions() as db:
        tables = (Document, Version, Receipt, OutboxRow)
        return [
            int(await db.scalar(select(func.count()).select_from(table)) or 0) for table in tables
        ]


def issue_of(answer: Response | Json) -> Any:
    outcome = answer if isinstance(answer, dict) else answer.json()
    assert outcome["resourceType"] == "OperationOutcome"
    (issue,) = outcome["issue"]
    return issue


async def test_one_document_has_one_receipt_through_every_door(
    app: Litestar, sender: Sender, fresh: Callable[..., Report]
) -> None:
    report = fresh()
    made = await sender.send(ONE, reference_of(report))
    assert made.status_code == 201, made.text
    assert made.headers["content-type"].startswith(FHIR)
    receipt = made.headers["location"].removeprefix("/fhir/DocumentReference/")
    assert receipt in issue_of(made)["details"]["text"]
    before = await counts(app)
    again = await sender.send(ONE, reference_of(report))
    assert (again.status_code, again.headers["location"]) == (200, made.headers["location"])
    lot = await sender.send(LOT, bundle_of(report))
    assert lot.status_code == 200
    assert receipt in lot.json()["entry"][1]["response"]["location"]
    assert receipt_of(await sender.laboratory.deposit(report)) == receipt
    assert await counts(app) == before


async def test_a_lot_is_answered_entry_by_entry_and_replaces_what_its_document_names(
    app: Litestar, sender: Sender, fresh: Callable[..., Report]
) -> None:
    first = await sender.send(LOT, bundle_of(fresh()))
    assert first.json()["type"] == "transaction-response"
    said = [entry["response"] for entry in first.json()["entry"]]
    assert [one["status"] for one in said] == ["201 Created"] * 3
    kinds = [one["location"].split("/")[0] for one in said]
    assert kinds == ["List", "DocumentReference", "Binary"]
    too_soon = await sender.send(LOT, bundle_of(fresh(2)))
    assert (too_soon.status_code, issue_of(too_soon)["code"]) == (409, "conflict")
    second = await sender.send(LOT, bundle_of(fresh(2), replaces=True))
    assert second.status_code == 200, second.text
    assert len(second.json()["entry"]) == 4
    receipt = second.json()["entry"][1]["response"]["location"].split("/")[1]
    async with app.state.sessions() as db:
        version = await db.scalar(
            select(Version)
            .join(Receipt, Receipt.version_id == Version.id)
            .where(Receipt.number == receipt)
        )
        document = await db.get(Document, version.document_id)
    assert (version.number, document.version_id) == (2, version.id)


async def test_labels_decide_who_sees_it(
    app: Litestar, sender: Sender, fresh: Callable[..., Report]
) -> None:
    labels = {
        "MASQUE_PS": (True, False, False),
        "INVISIBLE_PATIENT": (False, True, False),
        "INVISIBLE_REPRESENTANTS_LEGAUX": (False, False, True),
    }
    for label, flags in labels.items():
        made = await sender.send(ONE, reference_of(fresh(name=label), "N", label))
        receipt = made.headers["location"].rpartition("/")[2]
        async with app.state.sessions() as db:
            query = select(Document.masked, Document.withheld, Document.hidden_from_guardians)
            row = await db.execute(
                query.join(Version, Version.document_id == Document.id)
                .join(Receipt, Receipt.version_id == Version.id)
                .where(Receipt.number == receipt)
            )
        assert tuple(row.one()) == flags


def stranger(report: Report) -> Report:
    patient = replace(report.header.patient, matricule="190010100100112")
    return replace(report, header=replace(report.header, patient=patient))


def nameless(report: Report) -> Report:
    ins = report.header.patient
    patient = Traits(matricule=ins.matricule, oid=ins.oid, sex=ins.sex)
    return replace(report, header=replace(report.header, patient=patient))


def restricted(report: Report) -> Report:
    return replace(report, header=replace(report.header, confidentiality="R"))


@pytest.mark.parametrize(
    ("change", "labels", "status", "code", "app_code"),
    [
        (stranger, (), 422, "not-found", "902"),
        (nameless, (), 422, "required", "905"),
        (restricted, (), 422, "business-rule", "906"),
        (None, ("R",), 422, "business-rule", "906"),
        (None, ("MASQUE_PS", "INVISIBLE_PATIENT"), 422, "business-rule", "906"),
    ],
)
async def test_what_is_refused_is_told_and_leaves_nothing(
    app: Litestar,
    sender: Sender,
    fresh: Callable[..., Report],
    change: Callable[[Report], Report] | None,
    labels: tuple[str, ...],
    status: int,
    code: str,
    app_code: str,
) -> None:
    report = change(fresh()) if change else fresh()
    before = await counts(app)
    for path, make in ((ONE, reference_of), (LOT, bundle_of)):
        answer = await sender.send(path, make(report, *labels))
        issue = issue_of(answer)
        assert (answer.status_code, issue["code"]) == (status, code), answer.text
        assert issue["details"]["coding"][0]["code"] == app_code
        assert issue["expression"][0].startswith("DocumentReference.")
        assert "(PRT" not in issue["details"]["text"]
    assert await counts(app) == before


async def test_a_laboratory_deposits_its_own_documents_only(
    app: Litestar, sender: Sender, laboratory: Laboratory, fresh: Callable[..., Report]
) -> None:
    before, report = await counts(app), fresh()
    thief = Sender(Laboratory(laboratory.client, "sgl-tilleuls"))
    answer = await thief.send(ONE, reference_of(report))
    assert (answer.status_code, issue_of(answer)["code"]) == (403, "forbidden")
    silent = reference_of(report)
    del silent["custodian"], silent["author"]
    assert (await thief.send(ONE, silent)).status_code == 403, "the document says whose it is"
    assert await counts(app) == before
    assert (await sender.send(ONE, silent)).status_code == 201


async def test_another_identifier_than_the_document_s_is_refused(
    sender: Sender, fresh: Callable[..., Report]
) -> None:
    resource = reference_of(fresh())
    resource["masterIdentifier"]["value"] = "urn:oid:1.2.3"
    issue = issue_of(await sender.send(ONE, resource))
    assert issue["expression"] == ["DocumentReference.masterIdentifier"]


async def test_what_cannot_be_read_is_told_in_the_same_terms(
    app: Litestar, sender: Sender, fresh: Callable[..., Report]
) -> None:
    resource = reference_of(fresh())
    xml = await sender.send(ONE, b"<DocumentReference/>", "application/fhir+xml")
    assert (xml.status_code, issue_of(xml)["code"]) == (415, "not-supported")
    half = await sender.send(LOT, b'{"resourceType":"Bundle",')
    assert (half.status_code, issue_of(half)["code"]) == (400, "structure")
    giant = await sender.send(LOT, b"x" * (app.state.settings.deposit_max_bytes + 1))
    assert (giant.status_code, issue_of(giant)["code"]) == (413, "too-long")
    nobody = await sender.laboratory.client.post(ONE, content=as_bytes(resource))
    assert (nobody.status_code, issue_of(nobody)["code"]) == (401, "login")
    assert nobody.headers["www-authenticate"].startswith("Bearer")
    lanes = app.state.desk.lanes
    app.state.desk.lanes = Lanes(working=1, waiting=0, seconds=0.1)
    async with app.state.desk.lanes.enter():
        busy = await sender.send(ONE, resource)
    app.state.desk.lanes = lanes
    assert (busy.status_code, issue_of(busy)["code"]) == (503, "transient")
    assert int(busy.headers["retry-after"]) > 0


def test_too_many_recipients_are_told_in_the_same_terms() -> None:
    status, told = refuse(DepositRefused("906", "Trop de destinataires.", place="recipients"))
    (issue,) = told["issue"]
    assert (status, issue["code"], issue["expression"]) == (
        422,
        "business-rule",
        ["List.extension"],
    )


async def test_a_smart_scope_is_ours_by_another_name(
    laboratory: Laboratory, fresh: Callable[..., Report]
) -> None:
    client: AsyncClient = laboratory.client
    for scope, status in (("system/DocumentReference.c", 200), ("system/Patient.rs", 400)):
        answer = await client.post(
            "/oauth/token",
            data={"grant_type": "client_credentials", "scope": scope},
            auth=(ESTUAIRE.client_id, ESTUAIRE.client_secret),
        )
        assert answer.status_code == status
        if status == 200:
            assert answer.json()["scope"] == scope
            laboratory._token = answer.json()["access_token"]
    assert (await Sender(laboratory).send(ONE, reference_of(fresh()))).status_code == 201


async def test_programs_are_told_what_there_is(app: Litestar) -> None:
    client = client_of(app)
    said = (await client.get("/fhir/metadata")).json()
    assert (said["resourceType"], said["fhirVersion"]) == ("CapabilityStatement", "4.0.1")
    (rest,) = said["rest"]
    assert rest["interaction"] == [{"code": "transaction"}]
    assert [each["type"] for each in rest["resource"]] == ["DocumentReference", "List", "Binary"]
    smart = (await client.get("/fhir/.well-known/smart-configuration")).json()
    assert smart["token_endpoint"].endswith("/oauth/token")
    assert "system/DocumentReference.c" in smart["scopes_supported"]


async def test_a_program_is_never_answered_a_page(laboratory: Laboratory) -> None:
    for method, path in (("GET", "/fhir/Patient"), ("DELETE", "/fhir/"), ("GET", "/api/rien")):
        answer = await laboratory.client.request(method, path)
        assert answer.status_code == 404
        assert "<" not in answer.text, path
        told = answer.json()
        assert (told.get("resourceType") == "OperationOutcome") == path.startswith("/fhir"), path
