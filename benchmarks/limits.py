"""What the disk and the database can do at best, with the same bytes."""

import asyncio
import os
import time

import psycopg
from sqlalchemy.engine import make_url

from benchmarks.load import Measured
from benchmarks.service import Place


async def raw_commits(where: Place, *, size: int, clients: int, seconds: float) -> Measured:
    """One INSERT of that many bytes a transaction, through the driver alone."""
    address = make_url(where.database_url).set(drivername="postgresql")
    url = address.render_as_string(hide_password=False)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("CREATE TABLE IF NOT EXISTS bench_raw (content bytea)")
        await connection.execute("ALTER TABLE bench_raw ALTER content SET STORAGE EXTERNAL")
    content, latencies = os.urandom(size), list[float]()

    async def client() -> None:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            while time.perf_counter() < end:
                began = time.perf_counter()
                await connection.execute(
                    "INSERT INTO bench_raw VALUES (%b)", (content,), prepare=True
                )
                latencies.append(time.perf_counter() - began)

    began = time.perf_counter()
    end = began + seconds
    await asyncio.gather(*(client() for _ in range(clients)))
    measured = Measured(time.perf_counter() - began, sorted(latencies), 0)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("DROP TABLE bench_raw")
    return measured
