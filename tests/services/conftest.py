from collections.abc import AsyncIterator

import pytest

from backend.storage.db import Sessions, make_engine, make_sessions
from backend.storage.vault import Vault
from tests.services.laura import Laura, make_laura


@pytest.fixture
async def sessions(clean_database_url: str, vault: Vault) -> AsyncIterator[Sessions]:
    """Sessions whose commits are real."""
    engine = make_engine(clean_database_url, pool_size=20)
    yield make_sessions(engine, vault)
    await engine.dispose()


@pytest.fixture
async def laura(sessions: Sessions) -> Laura:
    return await make_laura(sessions)
