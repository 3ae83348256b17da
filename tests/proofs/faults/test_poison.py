"""A job that kills whoever takes it: given up visibly, and the others are done."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select

from backend.cli.checks import look_around
from backend.domain.jobs import DrawPages
from backend.jobs.worker import DEATHS
from backend.settings import Settings
from backend.storage.db import make_engine, make_sessions, utcnow
from backend.storage.outbox import OutboxRow, OutboxState, enqueue
from backend.storage.vault import Vault
from tests.proofs.conftest import Figure

ROOT = Path(__file__).parents[3]
SECONDS = 120
FATAL, OTHERS = "draw-pages/fatal", ["draw-pages/before", "draw-pages/after"]
KILLED = -9
PATIENT = DEATHS + 3
"""More workers than it takes."""


async def promise_all(settings: Settings) -> None:
    """The fatal one among the others."""
    engine = make_engine(settings.database_url or "")
    async with make_sessions(engine, Vault(settings.root_key)).begin() as db:
        for key in (OTHERS[0], FATAL, OTHERS[1]):
            await enqueue(db, DrawPages(uuid4()), key=key, due_at=utcnow())
    await engine.dispose()


async def workers(settings: Settings, **more: str) -> list[int]:
    """Their exit statuses, one after the other."""
    env = {
        "REPERES_DATABASE_URL": settings.database_url or "",
        "REPERES_VAR_DIR": str(settings.var_dir),
        "PATH": "/usr/bin:/bin",
        **more,
    }
    command = (sys.executable, "-m", "tests.proofs.faults.poisoned", FATAL, str(PATIENT))
    async with asyncio.timeout(SECONDS):
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=env, stdout=PIPE)
        said, _ = await process.communicate()
    return [int(line) for line in said.split() if line.lstrip(b"-").isdigit()]


async def states(settings: Settings) -> dict[str, tuple[OutboxState, str]]:
    engine = make_engine(settings.database_url or "")
    async with make_sessions(engine, Vault(settings.root_key))() as db:
        rows = await db.scalars(select(OutboxRow).where(OutboxRow.dedupe_key.in_([*OTHERS, FATAL])))
        found = {row.dedupe_key: (row.state, row.error) for row in rows}
    await engine.dispose()
    return found


async def test_it_is_given_up_visibly_and_the_others_are_done(
    settings: Settings, figure: Figure
) -> None:
    await promise_all(settings)
    ended = await workers(settings)
    figure("workers that one job killed before it was given up", ended.count(KILLED))
    assert ended == [KILLED] * DEATHS + [0] * (PATIENT - DEATHS)
    found = await states(settings)
    assert found.pop(FATAL)[0] is OutboxState.FAILED
    assert {state for state, _ in found.values()} == {OutboxState.DONE}
    (promised,) = [each for each in await look_around(settings) if each.what == "promised work"]
    assert not promised.ok
    assert promised.say.startswith("1 given up")


async def test_a_worker_that_never_gave_up_would_die_for_ever(settings: Settings) -> None:
    """The control."""
    await promise_all(settings)
    assert await workers(settings, NEVER_GIVES_UP="1") == [KILLED] * PATIENT
    assert (await states(settings))[FATAL][0] is OutboxState.DUE
