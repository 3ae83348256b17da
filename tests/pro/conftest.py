"""One application for the tests of this folder: they come in as different people."""

from collections.abc import AsyncIterator

import pytest
from litestar import Litestar
from sqlalchemy import text

from backend.access.scopes import Policy
from backend.app import create_app
from tests.fixtures.application import running, settings_for
from tests.fixtures.database import Databases


@pytest.fixture(scope="package")
async def house(
    databases: Databases, world_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Litestar]:
    url = databases.copy(world_template)
    app = create_app(settings_for(url, tmp_path_factory.mktemp("pro")))
    async with running(app):
        yield app
    databases.drop(url)


@pytest.fixture(scope="package")
def policy(house: Litestar) -> Policy:
    """What its operator decided, before any test decides otherwise."""
    found: Policy = house.state.policy
    return found


@pytest.fixture
async def office(house: Litestar, policy: Policy) -> Litestar:
    """Nobody is signed in, nothing was counted, and everybody is attached as at the beginning."""
    house.state.policy = policy
    async with house.state.sessions.begin() as db:
        for table in ("pro_session", "pro_entry", "rate_limit"):
            await db.execute(text(f"DELETE FROM {table}"))
        await db.execute(text("DELETE FROM membership WHERE attached_by IS NOT NULL"))
        await db.execute(
            text(
                "DELETE FROM membership WHERE role = 'biologiste' AND national_id = '899900000029'"
            )
        )
        await db.execute(text("UPDATE membership SET ended_at = NULL"))
    return house
