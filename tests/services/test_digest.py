"""« Une fois par jour »: what happens to documents waits for one message, at the chosen hour."""

from collections.abc import Mapping

import pytest
from litestar import Litestar
from sqlalchemy import select

from backend.demo.people import LAURA
from backend.demo.reports import DemoDeposit, write_message
from backend.domain.jobs import TellAccount
from backend.domain.notices import DIGEST, SAID
from backend.storage.outbox import OutboxRow, OutboxState
from tests.laboratory import Laboratory
from tests.patient.changing import run as change
from tests.services.test_notifications import app, laboratory, run, send

__all__ = ["app", "laboratory"]

Reports = Mapping[str, DemoDeposit]
TWO = ("laura-premier-bilan-v1", "laura-bilan-sanguin-v1")


@pytest.fixture
async def daily(app: Litestar, laboratory: Laboratory, reports: Reports) -> Laboratory:
    """She chose six in the evening; two reports came."""
    await change(app, "UPDATE account SET preferences = :chosen", chosen=b'{"digest":18}')
    for name in TWO:
        assert "MSA|AA" in await laboratory.send(write_message(reports[name]))
    return laboratory


async def digests(app: Litestar) -> list[OutboxRow]:
    async with app.state.sessions() as db:
        wanted = select(OutboxRow).where(OutboxRow.dedupe_key.startswith("digest/"))
        return list(await db.scalars(wanted))


async def its_hour_comes(app: Litestar) -> None:
    await run(app, "UPDATE outbox SET due_at = now() WHERE dedupe_key LIKE 'digest/%'")


async def test_two_reports_are_one_message_at_its_hour(app: Litestar, daily: Laboratory) -> None:
    assert await send(app) == []
    (digest,) = await digests(app)
    assert digest.state is OutboxState.DUE
    await its_hour_comes(app)
    (letter,) = await send(app)
    assert (letter.channel, letter.to) == ("email", LAURA.email)
    assert letter.subject == SAID[DIGEST].rstrip(".")
    assert (await digests(app))[0].state is OutboxState.DONE
    assert len(await send(app)) == 1


@pytest.mark.parametrize(
    "meanwhile",
    [
        "UPDATE document SET withheld = true",
        "UPDATE document SET status = 'quarantined'",
        "UPDATE account SET state = 'suspendu'",
        "UPDATE record SET state = 'ferme'",
    ],
)
async def test_nothing_leaves_when_nothing_may_be_told_any_more(
    app: Litestar, daily: Laboratory, meanwhile: str
) -> None:
    assert await send(app) == []
    await run(app, meanwhile)
    await its_hour_comes(app)
    assert await send(app) == []
    assert (await digests(app))[0].state is OutboxState.CANCELLED


async def test_what_is_promised_names_nothing_but_an_account(
    app: Litestar, daily: Laboratory
) -> None:
    await send(app)
    (digest,) = await digests(app)
    assert TellAccount.__struct_fields__ == ("account_id", "what")
    assert b"document" not in digest.job


async def test_another_hour_is_another_message(
    app: Litestar, daily: Laboratory, reports: Reports
) -> None:
    await send(app)
    await its_hour_comes(app)
    await send(app)
    await change(app, "UPDATE account SET preferences = :chosen", chosen=b'{"digest":19}')
    assert "MSA|AA" in await daily.send(write_message(reports["laura-ecbu-v1"]))
    assert len(await send(app)) == 1
    assert len(await digests(app)) == 2
