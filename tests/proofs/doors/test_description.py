"""What the description of the doors says is true, whatever is sent: a program tries it."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from litestar import Litestar

from backend.app import create_app
from backend.interop import hl7v2, openapi
from backend.settings import Settings
from tests.fixtures.application import client_of, running
from tests.laboratory import Laboratory
from tests.proofs.conftest import Figure, Scale

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
ROOT = Path(__file__).parents[3]
NOT_OURS = "positive_data_acceptance,negative_data_rejection,unsupported_method"
"""What a message is worth is said by its ACK; a method that does not exist is a page not found."""


@asynccontextmanager
async def serving(app: Litestar) -> AsyncIterator[str]:
    """On a port of its own."""
    async with running(app):
        server = uvicorn.Server(
            uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="off")
        )
        task = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - it says so nowhere else
            await asyncio.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        await task


async def try_all(app: Litestar, url: str, folder: Path, examples: int) -> tuple[int, str]:
    """Exit status and report of the program that tries what the description allows, and more."""
    token = await Laboratory(client_of(app), "sgl-estuaire").token()
    process = await asyncio.create_subprocess_exec(
        SCHEMATHESIS,
        "run",
        f"{url}/api/openapi.json",
        *(
            "--checks",
            "all",
            "--exclude-checks",
            NOT_OURS,
        ),
        *(
            "--max-examples",
            str(examples),
            "--seed",
            "20261123",
            "--phases",
            "examples,coverage,fuzzing",
        ),
        *("--header", f"Authorization: Bearer {token}", "--generation-database", "none"),
        *("--no-color", "--report-dir", str(folder)),
        cwd=folder,
        env=os.environ
        | {"SCHEMATHESIS_HOOKS": "tests.proofs.doors.hooks", "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(3600):
        out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def test_it_is_true(settings: Settings, tmp_path: Path, scale: Scale, figure: Figure) -> None:
    app = create_app(settings)
    async with serving(app) as url:
        status, report = await try_all(app, url, tmp_path, scale.of(15, 500))
    made = re.search(r"(\d+) generated", report)
    figure("requests made from the description", made[1] if made else "?")
    assert status == 0, report


async def test_a_door_that_breaks_is_found(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: some messages make this one fall."""

    def falls(_body: bytes) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(hl7v2, "read_msh", falls)
    app = create_app(settings)
    async with serving(app) as url:
        status, report = await try_all(app, url, tmp_path, 3)
    assert status == 1
    assert "500" in report


async def test_it_names_every_door_for_machines(app: Litestar) -> None:
    doors = {
        re.sub(r":\w+}", "}", route.path)
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        if str(handler.name).startswith(("interop.", "web.health"))
    }
    assert doors == set(openapi.DOCUMENT["paths"])
