"""The two worlds of cases, built once for the tests of this folder."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from tests.access import rows
from tests.access.domain import LETTERS, PATIENTS, PEOPLE, REPORTS


@pytest.fixture(scope="package")
async def patients(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Every relation between a professional and a record, and every kind of report."""
    async with engine.connect() as db:
        await rows.build(db, PATIENTS, REPORTS)
        yield db
        await db.rollback()


@pytest.fixture(scope="package")
async def people(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Every relation between an account and a record."""
    async with engine.connect() as db:
        await rows.build(db, PEOPLE, LETTERS)
        yield db
        await db.rollback()
