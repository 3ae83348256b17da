"""A result that nobody announces: mentioned by the fourteenth day, shown a month later, by law."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from litestar import Litestar
from sqlalchemy import select, text

from backend.access.scopes import Policy
from backend.app import create_app
from backend.demo.reports import DemoDeposit
from backend.jobs import calendar
from backend.settings import Release, Settings, Worker
from backend.storage.db import vault_of
from backend.storage.documents import Document, Notice, VisibilityChange, check_visibility
from backend.storage.traces import Trace
from tests.fixtures.application import client_of, running
from tests.laboratory import Laboratory
from tests.services.test_notifications import run, send

Reports = Mapping[str, DemoDeposit]
WITHHELD = {"INVISIBLE_PATIENT": True}
LAW, MANUAL = Policy(released_by_law=True), Policy()


@pytest.fixture(params=[Release.LAW, Release.MANUAL])
async def app(settings: Settings, request: pytest.FixtureRequest) -> Litestar:
    return create_app(replace(settings, worker=Worker.EXTERNAL, withheld_release=request.param))


async def deposited(app: Litestar, reports: Reports, days: int, **flags: bool) -> None:
    """Withheld so many days ago."""
    laboratory = Laboratory(client_of(app), "sgl-estuaire")
    report = reports["laura-anti-gad-v1"].report
    assert "MSA|AA" in await laboratory.deposit(report, flags={**WITHHELD, **flags})
    await run(app, f"UPDATE document SET withheld_on = withheld_on - {days}")


async def look_round(app: Litestar) -> None:
    await calendar.go_round(app.state.sessions, calendar.sweeps_under(app.state.policy))


async def told(app: Litestar) -> list[str]:
    async with app.state.sessions() as db:
        return [notice.kind for notice in await db.scalars(select(Notice).order_by(Notice.at))]


async def test_fourteen_days_and_a_month(app: Litestar, reports: Reports) -> None:
    law = app.state.policy.released_by_law
    async with running(app):
        await deposited(app, reports, 12)
        await look_round(app)
        assert await told(app) == []
        await run(app, "UPDATE document SET withheld_on = withheld_on - 3")
        for _ in range(2):
            await look_round(app)
        assert await told(app) == ["updated"] * law
        (letters, expected) = (await send(app), ["Votre espace a été mis à jour"] * law)
        assert [letter.subject for letter in letters] == expected
        async with app.state.sessions() as db:
            notices = list(await db.scalars(select(Notice)))
            assert {notice.document_id for notice in notices} <= {None}
            (document,) = await db.scalars(select(Document))
            assert document.withheld
        await run(app, "UPDATE document SET withheld_on = withheld_on - 20")
        for _ in range(2):
            await look_round(app)
        assert await told(app) == ["updated", "new"] * law
        async with app.state.sessions() as db:
            (document,) = await db.scalars(select(Document))
            check_visibility(vault_of(db), document)
            assert document.withheld is not law
            by = VisibilityChange.actor_kind == "Robot"
            released = list(await db.scalars(select(VisibilityChange).where(by)))
            assert [change.withheld for change in released] == [False] * law
            lines = await db.scalars(select(Trace).where(Trace.action == "document:release"))
            assert [line.thing_id for line in lines] == [document.id] * law
        assert len(await send(app)) == 2 * law


async def test_one_mention_speaks_of_all_that_came_before(app: Litestar, reports: Reports) -> None:
    if not app.state.policy.released_by_law:
        return
    async with running(app):
        await deposited(app, reports, 15)
        await look_round(app)
        await run(app, "UPDATE notice SET at = at - interval '1 hour'")
        await run(app, "UPDATE document SET withheld_on = withheld_on - 1")
        await look_round(app)
        assert await told(app) == ["updated"]


async def test_nobody_is_told_of_what_is_kept_from_the_parents(
    app: Litestar, reports: Reports
) -> None:
    async with running(app):
        laboratory = Laboratory(client_of(app), "sgl-estuaire")
        flags = {**WITHHELD, "INVISIBLE_REP_LEGAUX": True}
        assert "MSA|AA" in await laboratory.deposit(reports["lea-bilan-v1"].report, flags=flags)
        await run(app, "UPDATE document SET withheld_on = withheld_on - 20")
        await look_round(app)
        assert await told(app) == []
        async with app.state.engine.begin() as connection:
            assert not await connection.scalar(
                text("SELECT count(*) FROM outbox WHERE dedupe_key LIKE 'tell%'")
            )
