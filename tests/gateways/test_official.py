"""The official checks, on files laid out as theirs: verdicts, limits, and what a fall changes."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from backend.demo.reports import DemoDeposit
from backend.domain.errors import Refused
from backend.domain.formats.cda_writer import write_cda
from backend.domain.official import NOT_CHECKED, SCHEMA, Verdict
from backend.domain.reports import Media, Report
from backend.gateways.cda_process import __main__ as child
from backend.gateways.cda_process import schematrons
from backend.gateways.cda_process.wire import Checked, Unreadable
from backend.gateways.official import OfficialChecks
from backend.settings import Official
from tests.gateways import pdf_files
from tests.official import HAS_ENGINE, WITHOUT_ENGINE, lay_out

Reports = Mapping[str, DemoDeposit]
with_engine = pytest.mark.skipif(not HAS_ENGINE, reason=WITHOUT_ENGINE)
HEADER = "profils/structurationMinimale/ASIP-STRUCT-MIN-StrucMin"
CR_BIO = "CI-SIS_BIO-CR-BIO_2024.01"
BOMB = b"""<!DOCTYPE a [<!ENTITY b "bbbb">]>
<ClinicalDocument xmlns="urn:hl7-org:v3">&b;</ClinicalDocument>"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out(tmp_path_factory.mktemp("official") / "copy")


@pytest.fixture(scope="module")
async def checks(folder: Path) -> AsyncIterator[OfficialChecks]:
    async with OfficialChecks(Official(folder)) as opened:
        assert await opened.ready()
        yield opened


@pytest.fixture(scope="module")
def report(reports: Reports) -> Report:
    return reports["laura-bilan-sanguin-v1"].report


def with_header(report: Report, **changes: str) -> bytes:
    return write_cda(replace(report, header=replace(report.header, **changes)))


async def verdict_of(checks: OfficialChecks, document: bytes) -> Verdict:
    verdict = await checks.check(document)
    assert verdict is not None
    return verdict


@with_engine
async def test_what_is_there_is_known_and_so_is_what_cannot_be_run(
    checks: OfficialChecks,
) -> None:
    ready = await checks.ready()
    assert ready
    assert (ready.schema, ready.engine) == (True, True)
    assert ready.schematrons == (HEADER, CR_BIO, "CI-SIS_BIO-TROD_2024.01")
    assert ready.broken == ("CI-SIS_BIO-CR-BIO_2023.01",)


@with_engine
async def test_every_document_that_we_write_is_clean(
    checks: OfficialChecks, reports: Reports
) -> None:
    for name, sent in reports.items():
        verdict = await verdict_of(checks, write_cda(sent.report))
        assert verdict.clean, (name, verdict.remarks, verdict.missing)
        assert verdict.applied[:2] == (SCHEMA, HEADER), name
    applied = {
        (await verdict_of(checks, write_cda(one.report))).applied for one in reports.values()
    }
    assert (SCHEMA, HEADER, CR_BIO) in applied


@with_engine
async def test_a_level_1_is_checked_for_its_header_alone(
    checks: OfficialChecks, report: Report
) -> None:
    pdf = Media("application/pdf", pdf_files.report())
    header = replace(report.header, templates=())
    verdict = await verdict_of(checks, write_cda(Report(header, level=1, media=(pdf,))))
    assert (verdict.clean, verdict.applied) == (True, (SCHEMA, HEADER))


@with_engine
async def test_each_rule_that_is_broken_is_told_in_its_own_words(
    checks: OfficialChecks, report: Report
) -> None:
    """XPath 2 in a rule, a value set by its relative path, a warning that is none of the errors."""
    verdict = await verdict_of(checks, with_header(report, title="compte rendu"))
    (one,) = verdict.errors
    assert (one.profile, one.words) == (
        CR_BIO,
        "[BIO-CR-BIO_2024.01] Le titre commence par une majuscule.",
    )
    assert "ClinicalDocument" in one.place
    (one,) = (await verdict_of(checks, with_header(report, type_code="11488-4"))).errors
    assert "« 11488-4 » n’est pas dans le jeu de valeurs" in one.words
    verdict = await verdict_of(checks, with_header(report, confidentiality="R"))
    assert [(one.light, one.profile) for one in verdict.remarks] == [(True, HEADER)]
    assert not verdict.errors
    foreign = write_cda(report).replace(b'realmCode code="FR"', b'realmCode code="US"')
    (one,) = (await verdict_of(checks, foreign)).errors
    assert one.profile == SCHEMA
    assert "US" in one.words
    of_2023 = write_cda(report).replace(b'extension="2024.01"', b'extension="2023.01"')
    verdict = await verdict_of(checks, of_2023)
    assert verdict.missing == ("CI-SIS_BIO-CR-BIO_2023.01",)
    assert not verdict.clean


async def test_the_schema_alone_is_checked_without_the_engine(
    folder: Path, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schematrons, "processor", lambda: None)
    alone = child.Checks(folder)
    assert not alone.ready().engine
    answer = alone.check(write_cda(report))
    assert isinstance(answer, Checked)
    assert (answer.verdict.applied, answer.verdict.missing) == ((SCHEMA,), (HEADER, CR_BIO))
    assert isinstance(alone.check(b"<a/>"), Unreadable)


async def test_what_is_no_document_is_refused(checks: OfficialChecks) -> None:
    for content in (b"", b"<a/>", b"%PDF-1.7", BOMB):
        with pytest.raises(Refused):
            await checks.check(content)


@with_engine
async def test_a_validator_that_fell_comes_back(folder: Path, report: Report) -> None:
    async with OfficialChecks(Official(folder)) as checks:
        assert await checks.ready()
        fallen = (await checks._start()).process
        fallen.kill()
        await fallen.wait()
        assert await checks.check(write_cda(report)) == NOT_CHECKED
        assert await checks.ready()
        assert (await verdict_of(checks, write_cda(report))).clean


@with_engine
async def test_a_rule_without_end_is_given_up_and_the_next_document_is_served(
    folder: Path, report: Report, tmp_path: Path
) -> None:
    slow = lay_out(tmp_path / "slow")
    rules = slow / f"schematrons/{CR_BIO}.sch"
    endless = "count(for $a in 1 to 99999, $b in 1 to 99999 return $a[. = $b]) = 0"
    rules.write_text(rules.read_text().replace("matches(cda:title, '^[A-Z]')", endless))
    pdf = Media("application/pdf", pdf_files.report())
    header = replace(report.header, templates=())
    async with OfficialChecks(Official(slow), work=1) as checks:
        assert await checks.ready()
        start = time.monotonic()
        assert await checks.check(write_cda(report)) == NOT_CHECKED
        assert time.monotonic() - start < 4
        assert await checks.ready()
        level_1 = write_cda(Report(header, level=1, media=(pdf,)))
        assert (await verdict_of(checks, level_1)).clean


async def test_a_validator_that_is_getting_ready_is_not_waited_for(
    folder: Path, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.gateways.official.TURN", 0.01)
    async with OfficialChecks(Official(folder)) as checks:
        assert await checks.check(write_cda(report)) == NOT_CHECKED
        assert await checks.ready(), "and it goes on getting ready"


async def test_one_that_never_gets_ready_is_ended(folder: Path, report: Report) -> None:
    async with OfficialChecks(Official(folder), getting_ready=0.01) as checks:
        assert await checks.ready() is None
        assert await checks.check(write_cda(report)) == NOT_CHECKED


@with_engine
async def test_many_at_once_are_checked_one_by_one(checks: OfficialChecks, report: Report) -> None:
    wrong = with_header(report, title="compte rendu")
    found = await asyncio.gather(
        *(checks.check(wrong if rank % 2 else write_cda(report)) for rank in range(12))
    )
    assert [len(one.errors) if one else None for one in found] == [0, 1] * 6


@with_engine
async def test_rules_read_nothing_outside_their_folder(report: Report, tmp_path: Path) -> None:
    """Nor do they write, even where the kernel can tell nothing: see the limits of the child."""
    (tmp_path / "secret.xml").write_text("<secret/>")
    spied = lay_out(tmp_path / "spied")
    rules = spied / f"schematrons/{CR_BIO}.sch"
    asked = f"not(doc-available('{(tmp_path / 'secret.xml').as_uri()}'))"
    network = "not(doc-available('http://127.0.0.1:9/a.xml'))"
    text = rules.read_text().replace("matches(cda:title, '^[A-Z]')", f"{asked} and {network}")
    rules.write_text(text)
    async with OfficialChecks(Official(spied)) as checks:
        assert (await verdict_of(checks, write_cda(report))).clean
