from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from backend.storage.migrate import differences, is_current

TABLES = text("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")


async def test_what_a_test_commits(db: AsyncSession) -> None:
    await db.execute(text("CREATE TABLE left_behind ()"))
    await db.commit()
    await db.rollback()
    assert await db.scalar(text("SELECT to_regclass('left_behind')::text")) == "left_behind"


async def test_is_not_seen_by_the_next(db: AsyncSession) -> None:
    assert await db.scalar(text("SELECT to_regclass('left_behind')::text")) is None


async def test_a_database_of_ones_own_has_every_table_and_no_link_to_the_others(
    clean_database_url: str, database_url: str
) -> None:
    assert is_current(clean_database_url)
    engine = create_async_engine(clean_database_url)
    async with engine.begin() as connection:
        before = await connection.scalar(TABLES)
        await connection.execute(text("CREATE TABLE mine ()"))
    async with engine.connect() as connection:
        assert await connection.scalar(TABLES) == before + 1
    await engine.dispose()
    assert clean_database_url != database_url


def test_models_and_migrations_agree(clean_database_url: str) -> None:
    assert differences(clean_database_url) == []
