"""« Déposer » while the antivirus is slow: no connection is held, and all is decided after it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace as replaced

import pytest
from httpx import Response
from litestar import Litestar
from sqlalchemy import text

from backend.domain.formats.cda_writer import write_cda
from backend.gateways.antivirus import Infected, ScannerDown
from backend.storage.documents import Document, Receipt
from backend.storage.drafts import DepositDraft
from tests.pages import text_of
from tests.pro.psc import Desk
from tests.pro.test_deposits import (
    NOW,
    Reports,
    about_pdf,
    chosen,
    clean,
    counted,
    deposited,
    file_of,
    fresh,
    morel,
    scanned,
    traces,
)

__all__ = ["clean", "morel"]

SECONDS = 60.0
"""For what takes one, on a machine that is not busy."""


class Slow:
    """An antivirus that answers once it is let go."""

    def __init__(self) -> None:
        self.asked, self.wrong = 0, list[Exception]()
        self.go, self.one_more = asyncio.Event(), asyncio.Condition()
        self.go.set()

    async def scan(self, content: bytes) -> None:  # noqa: ARG002 - the shape of ClamAv
        async with self.one_more:
            self.asked += 1
            self.one_more.notify_all()
        await self.go.wait()
        if self.wrong:
            raise self.wrong[0]

    async def until(self, asked: int) -> None:
        """So many are waiting for it."""
        async with asyncio.timeout(SECONDS), self.one_more:
            await self.one_more.wait_for(lambda: self.asked >= asked)

    def hold(self) -> None:
        self.go.clear()
        self.asked = 0


@pytest.fixture
def slow(clean: Litestar, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    scanner = Slow()
    monkeypatch.setattr(clean.state, "outside", replaced(clean.state.outside, antivirus=scanner))
    yield scanner
    scanner.go.set()  # nothing of a test that failed waits in the next ones


async def run(app: Litestar, statement: str, **values: object) -> None:
    async with app.state.engine.begin() as connection:
        await connection.execute(text(statement), values)


async def meanwhile(
    desk: Desk, slow: Slow, draft: str, change: Callable[[], Awaitable[object]], **form: str
) -> Response:
    """What is answered when the world changes while the antivirus looks."""
    slow.hold()
    click = asyncio.create_task(desk.post(draft, **NOW | form))
    await slow.until(1)
    await change()
    slow.go.set()
    return await click


async def test_as_many_as_there_are_connections_hold_none_and_pages_are_served(
    morel: Desk, clean: Litestar, reports: Reports, slow: Slow
) -> None:
    file, pool, before = (
        await file_of(morel),
        clean.state.engine.pool,
        await counted(clean, Receipt),
    )
    drafts = [await chosen(morel, file, (f"{n}.xml", write_cda(fresh(reports)))) for n in range(10)]
    assert len(drafts) >= pool.size()
    slow.hold()
    clicks = [asyncio.create_task(morel.post(draft, **NOW)) for draft in drafts]
    await slow.until(len(drafts))
    assert pool.checkedout() <= 2, "the worker may be looking for work"
    assert (await morel.get("/pro/deposer")).status_code == 200
    assert await counted(clean, Receipt) == before, "nothing is filed before it is looked at"
    slow.go.set()
    assert {one.status_code for one in await asyncio.gather(*clicks)} == {303}
    assert await counted(clean, Receipt) == before + len(drafts)


async def test_two_clicks_that_wait_together_are_one_document(
    morel: Desk, clean: Litestar, reports: Reports, slow: Slow
) -> None:
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    before = await counted(clean, Document), await counted(clean, Receipt)
    slow.hold()
    clicks = [asyncio.create_task(morel.post(draft, **NOW)) for _ in range(2)]
    await slow.until(2)
    slow.go.set()
    answers = await asyncio.gather(*clicks)
    assert [one.status_code for one in answers] == [303, 303]
    assert len({one.headers["location"] for one in answers}) == 1
    after = await counted(clean, Document), await counted(clean, Receipt)
    assert after == (before[0] + 1, before[1] + 1)


async def test_bytes_that_nobody_looked_at_are_not_filed(
    morel: Desk, clean: Litestar, slow: Slow
) -> None:
    """The CDA of a PDF names the laboratory: it is another one when that has another name."""
    draft = await chosen(morel, await file_of(morel), ("scan.pdf", scanned()))
    told, before = await about_pdf(morel, draft), await counted(clean, Document)
    rename = "UPDATE structure SET name = name || :more"
    answer = await meanwhile(morel, slow, draft, lambda: run(clean, rename, more=" *"), **told)
    await run(clean, "UPDATE structure SET name = replace(name, ' *', '')")
    assert (answer.status_code, "a changé pendant son contrôle" in text_of(answer)) == (422, True)
    assert 'value="Dr Paul Martin"' in answer.text, "what was typed is kept"
    assert await counted(clean, Document) == before
    assert (await traces(clean, "deposit:refused"))[-1].reason == "906"
    await deposited(morel, draft, **told)


async def test_who_may_and_what_was_said_are_decided_once_it_was_looked_at(
    morel: Desk, clean: Litestar, reports: Reports, slow: Slow
) -> None:
    file, before = await file_of(morel), await counted(clean, Document)
    draft = await chosen(morel, file, ("scan.pdf", scanned()))
    told, visit = await about_pdf(morel, draft), f"{file.replace('deposer', 'patients')}/visite"
    answer = await meanwhile(morel, slow, draft, lambda: morel.post(visit, oppose="oui"), **told)
    assert (answer.status_code, "s’est opposée" in text_of(answer)) == (422, True)
    await run(clean, "DELETE FROM desk_visit")
    answer = await meanwhile(morel, slow, draft, lambda: morel.post(f"{draft}/retirer"), **told)
    assert answer.status_code == 404, "taken away"
    draft = await chosen(morel, file, ("cr.xml", write_cda(fresh(reports))))
    answer = await meanwhile(morel, slow, draft, lambda: run(clean, DETACH))
    assert answer.status_code == 303
    assert answer.headers["location"] == "/pro", "no longer of the team: outside"
    assert await counted(clean, Document) == before
    assert await counted(clean, DepositDraft) == 1


DETACH = (
    "UPDATE membership SET ended_at = now() WHERE national_id = "
    "(SELECT national_id FROM professional WHERE lower(family) = 'morel')"
)


@pytest.mark.parametrize(
    ("wrong", "status", "says"),
    [
        (Infected(), 422, "a trouvé un virus"),
        (ScannerDown(), 503, "antivirus ne répond pas"),
    ],
    ids=["infected", "down"],
)
async def test_what_the_antivirus_refuses_or_cannot_say_is_not_filed(
    morel: Desk,
    clean: Litestar,
    reports: Reports,
    slow: Slow,
    *,
    wrong: Exception,
    status: int,
    says: str,
) -> None:
    draft = await chosen(morel, await file_of(morel), ("cr.xml", write_cda(fresh(reports))))
    before = await counted(clean, Document), len(await traces(clean, "deposit:refused"))
    slow.wrong = [wrong]
    answer = await morel.post(draft, **NOW)
    assert (answer.status_code, says in text_of(answer)) == (status, True), text_of(answer)
    told = 1 if status == 422 else 0
    assert (await counted(clean, Document), len(await traces(clean, "deposit:refused"))) == (
        before[0],
        before[1] + told,
    )
    assert await counted(clean, DepositDraft) == 1, "to be tried again"
    slow.wrong = []
    await deposited(morel, draft)
