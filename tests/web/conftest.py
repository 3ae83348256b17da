from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import AsyncTestClient

from backend.storage.db import Sessions, make_engine, make_sessions
from backend.storage.vault import Vault
from tests.services.laura import Laura, make_laura
from tests.web.little import little_app, little_settings


@pytest.fixture
async def sessions(clean_database_url: str, vault: Vault) -> AsyncIterator[Sessions]:
    engine = make_engine(clean_database_url)
    yield make_sessions(engine, vault)
    await engine.dispose()


@pytest.fixture
async def laura(sessions: Sessions) -> Laura:
    return await make_laura(sessions)


@pytest.fixture
async def client(sessions: Sessions, tmp_path: Path) -> AsyncIterator[AsyncTestClient[Any]]:
    async with little_app(little_settings(tmp_path), sessions) as client:
        yield client
