"""What machines that watch are told."""

from datetime import timedelta
from uuid import uuid4

import pytest
from httpx import Response
from litestar import Litestar
from sqlalchemy import text, update

from backend.domain.jobs import DrawPages
from backend.storage.db import utcnow
from backend.storage.outbox import OutboxRow, enqueue
from backend.web import health
from tests.fixtures.application import client_of


async def ready(app: Litestar) -> Response:
    async with client_of(app) as client:
        return await client.get("/readyz")


async def run(app: Litestar, statement: str) -> None:
    async with app.state.engine.begin() as connection:
        await connection.execute(text(statement))


async def test_ready(app: Litestar) -> None:
    answer = await ready(app)
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "promised work": "on time"}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE alembic_version SET version_num = '0001'",
        "DELETE FROM alembic_version",
        "DROP TABLE alembic_version",
    ],
)
async def test_not_before_the_migrations(app: Litestar, change: str) -> None:
    await run(app, change)
    answer = await ready(app)
    assert answer.status_code == 503
    assert answer.json() == {"status": "schema of an older version"}


async def test_ready_while_newer_processes_begin_their_service(app: Litestar) -> None:
    """They have migrated the database already; this process works until it is replaced."""
    await run(app, "UPDATE alembic_version SET version_num = '9999'")
    assert (await ready(app)).status_code == 200


async def test_late_work_is_said_and_closes_nothing(app: Litestar) -> None:
    async with app.state.sessions.begin() as db:
        tomorrow = utcnow() + timedelta(days=1)
        await enqueue(db, DrawPages(uuid4()), key="waits", due_at=tomorrow)
        await db.execute(update(OutboxRow).values(created_at=utcnow() - 2 * health.LATE))
    answer = await ready(app)
    assert answer.status_code == 200
    assert answer.json()["promised work"] == "late"


async def test_not_without_room(app: Litestar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "ROOM", 1 << 62)
    answer = await ready(app)
    assert answer.status_code == 503
    assert answer.json() == {"status": "disk full"}
