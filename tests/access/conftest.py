"""The two worlds of cases, built once for the tests of this folder."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.access.actors import Professional
from backend.access.scopes import documents_for
from tests.access import rows
from tests.access.domain import LETTERS, PATIENTS, PEOPLE, REPORTS, Cases, moment, seen
from tests.access.oracle import Facts

Reading = Callable[[Professional, Facts], Awaitable[Cases]]


@pytest.fixture(scope="package")
async def patients(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Every relation between a professional and a record, and every kind of report."""
    async with engine.connect() as db:
        await rows.build(db, PATIENTS, REPORTS)
        yield db
        await db.rollback()


@pytest.fixture(scope="package")
async def read(patients: AsyncConnection) -> Reading:
    """What a professional reads under a setting: asked once, several seconds each."""
    answers: dict[tuple[object, ...], Cases] = {}

    async def ask(actor: Professional, setting: Facts) -> Cases:
        question = (actor, *setting.values())
        if question not in answers:
            answers[question] = await seen(patients, documents_for(actor, moment(setting)))
        return answers[question]

    return ask


@pytest.fixture(scope="package")
async def people(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Every relation between an account and a record."""
    async with engine.connect() as db:
        await rows.build(db, PEOPLE, LETTERS)
        yield db
        await db.rollback()
