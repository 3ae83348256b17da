"""Hostile deposits: each is answered in its sender’s terms, and costs nobody anything."""

import resource
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from lxml import etree

from backend.demo.people import LAURA
from backend.demo.reports import DemoDeposit
from backend.domain.formats import cda, xml
from backend.interop import reading
from tests.laboratory import Laboratory
from tests.pages import Browser
from tests.proofs.conftest import Figure, Scale
from tests.proofs.hostile.cases import Case, Desk
from tests.proofs.hostile.corpus import corpus
from tests.proofs.hostile.judge import Judge, Traps, active, guarded, memory

MODEL = "laura-bilan-sanguin-v1"
MOST_MEMORY = 900
"""Megabytes that the worst message may add to this process, which also builds the messages."""


@pytest.fixture
async def judge(
    app: Litestar,
    laboratory: Laboratory,
    reader: Browser,
    reports: Mapping[str, DemoDeposit],
    tmp_path: Path,
) -> AsyncIterator[Judge]:
    traps = Traps(tmp_path)
    desk = Desk(laboratory, reports[MODEL].report, str(traps.secret), traps.address)
    await laboratory.token()
    await reader.sign_in(LAURA)
    with guarded(traps):
        yield Judge(app, desk, reader, traps)
    traps.listener.close()


async def test_nothing_hostile_gets_further_than_its_answer(
    judge: Judge, scale: Scale, figure: Figure
) -> None:
    cases, wrong, before = corpus(), {}, memory()
    assert len(cases) == len({case.name for case in cases}) >= 200
    accepted = [case for case in cases if case.verdict == "AA"]
    read = accepted[:: scale.of(5, 1)]
    for case in [case for case in cases if case.verdict == "AE"] + read:
        if faults := await judge.faults(case):
            wrong[case.name] = faults
    assert not wrong, "\n".join(f"{name}: {faults}" for name, faults in wrong.items())
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10) - before
    assert peak < MOST_MEMORY
    assert not await judge.faults(Case("a sound report", lambda desk: desk.message(), "AA"))
    for answer in [await judge.reader.get("/documents"), await judge.reader.get("/")]:
        assert not active(answer.text)
    figure("hostile deposits refused", len(cases) - len(accepted))
    figure("hostile deposits filed, their pages read, harmless", len(read))
    figure("megabytes that the worst of them took", peak)


def reads_what_it_is_told(patch: pytest.MonkeyPatch) -> None:
    """A reader that follows a document wherever it leads."""
    credulous = etree.XMLParser(resolve_entities=True, load_dtd=True, no_network=False)
    patch.setattr(cda, "parse_closed", lambda data: etree.fromstring(data, credulous))


def fails_on_the_unexpected(patch: pytest.MonkeyPatch) -> None:
    real = reading.read_deposit

    def read(body: bytes) -> Any:
        try:
            return real(body)
        except xml.Malformed as error:
            raise KeyError from error

    patch.setattr("backend.interop.hl7v2.read_deposit", read)


def writes_before_it_refuses(patch: pytest.MonkeyPatch) -> None:
    async def inspect(_: object, sent: object) -> object:
        return sent

    patch.setattr("backend.interop.desk.inspect", inspect)


WEAK = {
    "an external entity: bare path": (reads_what_it_is_told, "a file was read"),
    "an external DTD: bare path": (reads_what_it_is_told, "a file was read"),
    "an empty declaration": (fails_on_the_unexpected, "unexpected"),
    "PDF: opens with a script": (writes_before_it_refuses, "AA instead of AE"),
    "figure: HTML said to be image/png": (writes_before_it_refuses, "AA instead of AE"),
}


async def test_a_weaker_service_is_noticed(
    judge: Judge, monkeypatch: pytest.MonkeyPatch, figure: Figure
) -> None:
    cases = {case.name: case for case in corpus()}
    for name, (weaken, word) in WEAK.items():
        assert not await judge.faults(cases[name]), "nothing, before it is weakened"
        with monkeypatch.context() as patch:
            weaken(patch)
            assert word in str(await judge.faults(cases[name])), name
    figure("weaker variants, all noticed", len(WEAK))


def test_markup_that_acts_is_seen() -> None:
    for markup in (
        "<script>alert(1)</script>",
        "<p onclick='x'>",
        "<iframe></iframe>",
        "<a href='javascript:x'>",
        "<img src='//attaquant.example/x'>",
        "<p style='x'>",
    ):
        assert active(f"<!doctype html><title>x</title><body>{markup}"), markup
