"""Workers that die of one job: each is forked, works until nothing is due or it is killed.

The exit status of each on a line. Arguments: the key of the fatal job, and how many workers.
"""

import asyncio
import os
import signal
import sys
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from backend.domain.jobs import DrawPages, Job, SendCode, Tell
from backend.jobs import worker
from backend.logs import set_up_logs
from backend.settings import Settings
from backend.storage.db import AsyncSession, make_engine, make_sessions
from backend.storage.vault import Vault


async def handle(_db: AsyncSession, _job: Any, key: str) -> None:
    """Takes the process with it: a parser that overflows its stack, memory that runs out."""
    if key == sys.argv[1]:
        os.kill(os.getpid(), signal.SIGKILL)


async def drain(settings: Settings) -> None:
    """All that is due."""
    engine = make_engine(settings.database_url or "")
    sessions = make_sessions(engine, Vault(settings.root_key))
    kinds: tuple[type[Job], ...] = (DrawPages, SendCode, Tell)
    handlers = dict.fromkeys(kinds, handle)
    while await worker.do_one(sessions, handlers):
        pass
    await engine.dispose()


def forget_leases(settings: Settings) -> None:
    """They have run out."""
    url = make_url(settings.database_url or "")
    host = str(url.query["host"])
    with psycopg.connect(host=host, user=url.username, dbname=url.database) as connection:
        connection.execute("UPDATE outbox SET due_at = now() WHERE state = 'due'")


def main() -> None:
    settings = Settings.from_env(os.environ)
    set_up_logs(settings)
    for _ in range(int(sys.argv[2])):
        forget_leases(settings)
        pid = os.fork()
        if not pid:
            asyncio.run(drain(settings))
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - for the proof


if __name__ == "__main__":
    if os.environ.get("NEVER_GIVES_UP"):
        worker.FATAL = frozenset()
    main()
