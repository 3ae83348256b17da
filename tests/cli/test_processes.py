"""Several web processes behind one address: all serve, and one that dies is replaced."""

import asyncio
import os
import signal
import sys
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from httpx import AsyncClient, HTTPError

from tests.ports import quiet_port

SECONDS = 120
KEY = b64encode(bytes(range(7, 39))).decode()


@pytest.fixture
async def service(
    clean_database_url: str, tmp_path: Path
) -> AsyncIterator[tuple[psutil.Process, AsyncClient]]:
    """`reperes run` in production, with two processes."""
    port = quiet_port()
    kept = {name: value for name, value in os.environ.items() if name[:8] != "REPERES_"}
    settings = {
        "MODE": "production",
        "DATABASE_URL": clean_database_url,
        "VAR_DIR": str(tmp_path),
        "PUBLIC_URL": "https://localhost",
        "PORT": str(port),
        "ROOT_KEY": KEY,
        "PROCESSES": "2",
        "WORKER": "external",
        "SMTP_HOST": "localhost",
        "SMTP_SECURITY": "none",
        "SMTP_FROM": "reperes@service.example",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "backend", "run"),
        env=kept | {f"REPERES_{name}": value for name, value in settings.items()},
        stdout=asyncio.subprocess.DEVNULL,
    )
    async with AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        yield psutil.Process(process.pid), client
    if process.returncode is None:
        process.terminate()
    async with asyncio.timeout(SECONDS):
        assert await process.wait() == 0


async def ready(client: AsyncClient) -> None:
    async with asyncio.timeout(SECONDS):
        while True:
            try:
                if (await client.get("/readyz")).status_code == 200:
                    return
            except HTTPError:
                pass
            await asyncio.sleep(0.05)


def serving(parent: psutil.Process) -> list[int]:
    """The children that hold the listening socket."""
    return [child.pid for child in parent.children() if listens(child)]


def listens(process: psutil.Process) -> bool:
    try:
        found = process.net_connections("tcp")
    except psutil.NoSuchProcess:
        return False
    return any(connection.status == psutil.CONN_LISTEN for connection in found)


async def test_two_serve_and_the_one_that_dies_is_replaced(
    service: tuple[psutil.Process, AsyncClient],
) -> None:
    parent, client = service
    await ready(client)
    async with asyncio.timeout(SECONDS):
        while len(serving(parent)) < 2:  # noqa: ASYNC110 - another process's state
            await asyncio.sleep(0.05)
    first, second = serving(parent)
    os.kill(first, signal.SIGKILL)
    await ready(client)
    async with asyncio.timeout(SECONDS):
        while first in serving(parent) or len(serving(parent)) < 2:  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.05)
    assert second in serving(parent)
    assert (await client.get("/connexion")).status_code == 200
