"""Deposits that share a transaction: each its receipt or its refusal, as if it were alone."""

import asyncio
from collections.abc import Mapping

import pytest
from litestar import Litestar
from msgspec.structs import replace
from sqlalchemy import func, select

from backend.demo.antivirus import EICAR, open_scanner
from backend.demo.reports import DemoDeposit
from backend.domain.deposits import check_author
from backend.domain.reports import Identifier, Media, Report
from backend.gateways.antivirus import open_antivirus
from backend.services import deposits
from backend.storage.documents import Document, Receipt
from tests.laboratory import Laboratory

Reports = Mapping[str, DemoDeposit]


def numbered(report: Report, number: int, version: int = 1) -> Report:
    header = report.header
    own = Identifier(header.id.root, f"{number}.{version}")
    group = Identifier(header.id.root, str(number))
    return replace(report, header=replace(header, id=own, set_id=group, version=version))


async def count(app: Litestar, table: type[Document | Receipt]) -> int:
    async with app.state.sessions() as db:
        return int(await db.scalar(select(func.count()).select_from(table)))


def receipt_of(ack: str) -> str:
    line = next(line for line in ack.split("\r") if line.startswith("MSA|AA"))
    return line.split("|")[3]


@pytest.fixture
def transactions(app: Litestar, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many deposits each transaction had."""
    sizes: list[int] = []
    receive = deposits.receive

    async def noting(db, files, batch):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        sizes.append(len(batch))
        return await receive(db, files, batch)

    monkeypatch.setattr("backend.interop.desk.receive", noting)
    return sizes


async def test_what_machines_send_is_scanned_as_it_will_be_read(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    report = numbered(reports["laura-premier-bilan-v1"].report, 1)
    infected = replace(report, media=(Media("application/pdf", b"%PDF-1.7\n" + EICAR),))
    async with open_scanner() as url:
        object.__setattr__(app.state.outside, "antivirus", open_antivirus(url))
        ack = await laboratory.deposit(infected)
        assert "MSA|AE" in ack
        assert "un virus dans ce document" in ack
        assert "MSA|AA" in await laboratory.deposit(report)
    assert "MSA|AR" in await laboratory.deposit(numbered(report, 2)), "the scanner is down"
    assert await count(app, Document) == 1


async def test_many_at_once_share_transactions_and_each_has_its_receipt(
    app: Litestar, laboratory: Laboratory, reports: Reports, transactions: list[int]
) -> None:
    await laboratory.token()
    report = reports["laura-premier-bilan-v1"].report
    acks = await asyncio.gather(
        *(laboratory.deposit(numbered(report, number)) for number in range(24))
    )
    assert len({receipt_of(ack) for ack in acks}) == 24
    assert await count(app, Document) == 24
    assert sum(transactions) == 24
    assert max(transactions) > 1


async def test_a_refusal_among_them_is_only_its_own(
    app: Litestar, laboratory: Laboratory, reports: Reports, transactions: list[int]
) -> None:
    await laboratory.token()
    report = reports["laura-premier-bilan-v1"].report
    stranger = replace(report.header.patient, birth_name="INCONNUE")
    wrong = replace(report, header=replace(report.header, patient=stranger))
    acks = await asyncio.gather(
        *(
            laboratory.deposit(numbered(wrong if number % 3 == 0 else report, number))
            for number in range(12)
        )
    )
    assert ["MSA|AA" in ack for ack in acks] == [number % 3 != 0 for number in range(12)]
    assert await count(app, Document) == 8
    assert await count(app, Receipt) == 8


async def test_the_same_message_many_times_at_once_has_one_receipt(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    await laboratory.token()
    message = laboratory.message(reports["laura-premier-bilan-v1"].report)
    acks = await asyncio.gather(*(laboratory.send(message) for _ in range(10)))
    assert len({receipt_of(ack) for ack in acks}) == 1
    assert await count(app, Document) == 1


async def test_what_breaks_one_of_them_breaks_no_other(
    app: Litestar,
    laboratory: Laboratory,
    reports: Reports,
    transactions: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A fault nobody foresaw in one deposit: the others are filed without it."""
    author = check_author

    def falls_on_seven(header, sender, finess):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        if header.id.extension == "7.1":
            raise ZeroDivisionError
        author(header, sender, finess)

    monkeypatch.setattr(deposits, "check_author", falls_on_seven)
    await laboratory.token()
    report = reports["laura-premier-bilan-v1"].report
    answers = await asyncio.gather(
        *(laboratory.deposit(numbered(report, number)) for number in range(12)),
        return_exceptions=True,
    )
    fine = [answer for answer in answers if isinstance(answer, str) and "MSA|AA" in answer]
    assert len(fine) == 11
    assert await count(app, Document) == 11


async def test_replacements_that_cross_are_filed_one_after_the_other(
    app: Litestar, laboratory: Laboratory, reports: Reports
) -> None:
    from backend.domain.formats.hl7v2_writer import Action

    await laboratory.token()
    report = reports["laura-premier-bilan-v1"].report
    for number in range(4):
        assert "MSA|AA" in await laboratory.deposit(numbered(report, number))
    acks = await asyncio.gather(
        *(laboratory.deposit(numbered(report, number, 2), Action.REPLACE) for number in range(4)),
        *(laboratory.deposit(numbered(report, number)) for number in range(10, 14)),
    )
    assert all("MSA|AA" in ack for ack in acks)
    assert await count(app, Document) == 8
    assert await count(app, Receipt) == 12
