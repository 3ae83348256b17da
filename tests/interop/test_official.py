"""The official checks at the doors of machines: told as warnings, or refused, as is decided."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace as replaced
from uuid import uuid4

import pytest
from litestar import Litestar
from msgspec.structs import replace
from sqlalchemy import select

from backend.app import create_app
from backend.demo.reports import DemoDeposit
from backend.domain.formats.hl7v2_writer import Action
from backend.domain.reports import Identifier, Report
from backend.gateways.official import OfficialChecks
from backend.settings import Official
from backend.storage.traces import Trace
from tests.fhir import bundle_of, reference_of
from tests.fixtures.application import client_of, running, settings_for
from tests.fixtures.database import Databases
from tests.interop.test_fhir import LOT, ONE, Sender
from tests.laboratory import Laboratory
from tests.official import HAS_ENGINE, WITHOUT_ENGINE, lay_out

Reports = Mapping[str, DemoDeposit]
pytestmark = pytest.mark.skipif(not HAS_ENGINE, reason=WITHOUT_ENGINE)
RULE = "Le titre commence par une majuscule."


@pytest.fixture(scope="module")
async def app(
    databases: Databases, world_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Litestar]:
    url, folder = databases.copy(world_template), tmp_path_factory.mktemp("official")
    official = Official(lay_out(folder / "copy"))
    app = create_app(replaced(settings_for(url, folder), official=official))
    async with running(app):
        assert await app.state.outside.official.ready()
        yield app
    databases.drop(url)


@pytest.fixture
async def laboratory(app: Litestar) -> Laboratory:
    return Laboratory(client_of(app), "sgl-estuaire")


@pytest.fixture
def fresh(reports: Reports) -> Report:
    """A report that nobody has sent."""
    report, number = reports["laura-bilan-sanguin-v1"].report, Identifier(f"2.25.{uuid4().int}")
    return replace(report, header=replace(report.header, id=number, set_id=number))


@pytest.fixture
def broken(fresh: Report) -> Report:
    return replace(fresh, header=replace(fresh.header, title="compte rendu"))


def decide(
    app: Litestar, patch: pytest.MonkeyPatch, *, refuses: bool = False, unchecked: bool = False
) -> None:
    """What the operator wants."""
    checks: OfficialChecks = app.state.outside.official
    chosen = replaced(checks._chosen, refuses=refuses, refuses_unchecked=unchecked)
    patch.setattr(checks, "_chosen", chosen)


async def fall(app: Litestar) -> None:
    """The validator ends between two documents."""
    process = (await app.state.outside.official._start()).process
    process.kill()
    await process.wait()


async def last(app: Litestar, action: str) -> Trace:
    async with app.state.sessions() as db:
        query = select(Trace).where(Trace.action == action).order_by(Trace.at.desc()).limit(1)
        found: Trace = (await db.scalars(query)).one()
    return found


async def test_a_document_that_conforms_is_filed_without_a_word(
    app: Litestar, laboratory: Laboratory, fresh: Report
) -> None:
    ack = await laboratory.deposit(fresh)
    assert "MSA|AA" in ack
    assert "ERR" not in ack
    assert (await last(app, "document:deposit")).reason == ""


async def test_a_rule_that_is_broken_is_a_warning(
    app: Litestar, laboratory: Laboratory, broken: Report
) -> None:
    """In the ACK and, as a number alone, in the journal."""
    ack = await laboratory.deposit(broken)
    assert "MSA|AA" in ack
    warnings = re.findall(
        r"ERR\|\|OBX\^1\^5\|0\^Message accepted\^messageErrorCondition\|W[^\r]*", ack
    )
    assert len(warnings) == 2
    assert RULE in ack
    line = await last(app, "document:deposit")
    assert (line.allowed, line.reason) == (True, "official-1")
    again = await laboratory.deposit(broken, Action.DELETE)
    assert "ERR" not in again, "what is taken away is not checked"


async def test_or_a_refusal_where_the_operator_decided_so(
    app: Litestar, laboratory: Laboratory, broken: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(app, monkeypatch, refuses=True)
    ack = await laboratory.deposit(broken)
    assert "MSA|AE" in ack
    assert "|E|906^" in ack
    assert RULE in ack
    line = await last(app, "deposit:refused")
    assert (line.allowed, line.reason) == (False, "906")
    light = replace(broken, header=replace(broken.header, title="Bilan", confidentiality="N"))
    assert "MSA|AA" in await laboratory.deposit(light), "the same, repaired"


async def test_a_validator_that_fell_blocks_nothing_unless_it_is_wanted(
    app: Litestar, laboratory: Laboratory, fresh: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks: OfficialChecks = app.state.outside.official
    message = laboratory.message(fresh)
    decide(app, monkeypatch, unchecked=True)
    await fall(app)
    ack = await laboratory.send(message)
    assert "MSA|AE" in ack
    assert "Contrôle officiel indisponible" in ack
    decide(app, monkeypatch)
    assert await checks.ready()
    await fall(app)
    ack = await laboratory.send(message)
    assert "MSA|AA" in ack
    assert "Contrôle officiel indisponible" in ack
    assert (await last(app, "document:deposit")).reason == "official-unavailable"
    assert await checks.ready()
    again = await laboratory.send(message)
    assert "ERR" not in again, "the same receipt, and the validator is back"


async def test_in_fhir_they_are_issues_of_the_outcome(
    app: Litestar, laboratory: Laboratory, broken: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = Sender(laboratory)
    answer = await sender.send(ONE, reference_of(broken))
    assert answer.status_code == 201
    issues = answer.json()["issue"]
    assert [one["severity"] for one in issues] == ["information", "warning", "warning"]
    assert RULE in issues[-1]["details"]["text"]
    lot = (await sender.send(LOT, bundle_of(broken))).json()
    (told,) = [e["response"]["outcome"] for e in lot["entry"] if "outcome" in e["response"]]
    assert [one["severity"] for one in told["issue"]] == ["information", "warning", "warning"]
    decide(app, monkeypatch, refuses=True)
    number = Identifier(f"2.25.{uuid4().int}")
    other = replace(broken, header=replace(broken.header, id=number, set_id=number))
    refused = await sender.send(ONE, reference_of(other))
    assert refused.status_code == 422
    (issue,) = refused.json()["issue"]
    assert (issue["severity"], issue["details"]["coding"]) == ("error", [{"code": "906"}])
