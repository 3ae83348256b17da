"""The web server: one process, or several under a supervisor that replaces those that die."""

import asyncio
import os
from collections.abc import Coroutine
from typing import Any

import uvicorn
from litestar.types import ASGIApp
from uvicorn.loops.auto import auto_loop_factory
from uvicorn.supervisors import Multiprocess

from backend.app import create_app
from backend.cli.heads import PromptHeads
from backend.cli.start import read_settings
from backend.logs import AccessLog, set_up_logs
from backend.settings import Settings

STOP_SECONDS = 20
START_SECONDS = 60
"""For a new process to be ready, on a machine that is busy; also for one that seems stuck."""
BACKLOG = 512
"""Connections that the system keeps waiting while every process is busy."""


def run_async(main: Coroutine[Any, Any, None]) -> None:
    """On the fastest event loop that this machine has."""
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(main)


def config_of(settings: Settings, app: ASGIApp | str, **more: Any) -> uvicorn.Config:
    """How uvicorn serves this application: logs are ours, and it says nothing of itself."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        backlog=BACKLOG,
        http=PromptHeads,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
        timeout_worker_healthcheck=START_SECONDS,
        proxy_headers=False,
        **more,
    )


def serve_many(settings: Settings) -> None:
    """`settings.processes` children behind one socket, until a signal."""
    os.environ["REPERES_DATABASE_URL"] = settings.database_url or ""
    config = config_of(
        settings, "backend.cli.serving:application", factory=True, workers=settings.processes
    )
    Multiprocess(config, sockets=[config.bind_socket()]).run()


def application() -> ASGIApp:
    """What each child serves."""
    settings = read_settings()
    set_up_logs(settings)
    return with_log(settings)


def with_log(settings: Settings) -> ASGIApp:
    """The access log is outside everything: it sees the status that is sent."""
    log: ASGIApp = AccessLog(create_app(settings))
    return log
