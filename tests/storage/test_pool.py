"""Connections that died while idle are replaced before anybody notices."""

import psycopg
from sqlalchemy import text
from sqlalchemy.engine import make_url

from backend.storage.db import make_engine


async def test_a_connection_that_the_server_closed_is_not_handed_out(
    clean_database_url: str,
) -> None:
    engine = make_engine(clean_database_url)
    pid = text("SELECT pg_backend_pid()")
    async with engine.connect() as connection:
        first = await connection.scalar(pid)
    url = make_url(clean_database_url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (first,))
    async with engine.connect() as connection:
        assert await connection.scalar(pid) != first
    await engine.dispose()


async def test_a_connection_that_lives_is_used_again(clean_database_url: str) -> None:
    engine = make_engine(clean_database_url)
    pids = set()
    for _ in range(3):
        async with engine.connect() as connection:
            pids.add(await connection.scalar(text("SELECT pg_backend_pid()")))
    assert len(pids) == 1
    await engine.dispose()
