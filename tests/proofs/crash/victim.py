"""The nursery: everything imported once, then a fork for each victim.

One order a line on the standard input (`{"mode": …, "env": …, "arguments": […]}`), one event a
line on the standard output (`started`, `ready`, `ended`).
"""

import asyncio
import gc
import json
import os
import select
import signal
import socket
import sys
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import uvicorn
from sqlalchemy.orm import configure_mappers

from backend import app
from backend.cli import main as command
from backend.cli.serving import config_of, run_async
from backend.gateways.pdf_lanes import Lane
from backend.jobs.handlers import make_handlers
from backend.jobs.worker import do_one
from backend.logs import AccessLog, set_up_logs
from backend.settings import Settings
from backend.web.templates import make_environment
from tests.proofs.crash.power import PageCache
from tests.proofs.crash.steps import Steps
from tests.proofs.crash.variants import VARIANTS

TICK = 0.02


def tell(**event: Any) -> None:
    """One write, so that lines of several processes do not mix."""
    os.write(1, json.dumps(event).encode() + b"\n")


def nursery() -> None:
    """Until the standard input ends; victims end with it."""
    warm_up()
    alive: set[int] = set()
    orders = b""
    while True:
        if select.select([0], [], [], TICK)[0]:
            data = os.read(0, 65536)
            if not data:
                break
            *lines, orders = (orders + data).split(b"\n")
            for line in lines:
                alive.add(_fork(json.loads(line)))
        while alive:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            alive.discard(pid)
            tell(event="ended", pid=pid, status=os.waitstatus_to_exitcode(status))
    for pid in alive:
        os.kill(pid, signal.SIGKILL)


def warm_up() -> None:
    """What every victim would do again: one application made, every template read."""
    Lane.open = _open_lazily  # type: ignore[method-assign,assignment]
    environment = make_environment(demo=True)
    for name in environment.list_templates(["html", "txt"]):
        environment.get_template(name)
    with TemporaryDirectory() as folder:
        env = {"REPERES_VAR_DIR": folder, "REPERES_DATABASE_URL": "postgresql://nowhere/none"}
        app.create_app(Settings.from_env(env))
    configure_mappers()
    gc.freeze()  # a fork that collects would copy every page


def _fork(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        tell(event="started", pid=pid, name=order["name"])
        return pid
    status = 70
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
        sys.stdout = sys.stderr
        os.environ.clear()
        os.environ.update(order["env"])
        live(order["mode"], order["arguments"])
        status = 0
    except SystemExit as end:
        status = int(end.code or 0)
    except BaseException:  # noqa: BLE001 - told, as an interpreter would
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def live(mode: str, arguments: list[str]) -> None:
    """As this kind of victim."""
    if mode == "command":
        if variant := os.environ.get("CRASH_VARIANT", ""):
            VARIANTS[variant](Steps(0, "", "", None))
        command(arguments, standalone_mode=False)
        return
    settings = Settings.from_env(os.environ)
    set_up_logs(settings)
    steps = prepare(settings)
    run_async(serve(settings, steps) if mode == "serve" else drain(settings))


def prepare(settings: Settings) -> Steps:
    """Watch every step, after breaking what the variant breaks."""
    cache = PageCache(Path(settings.storage_url.removeprefix("file://")))
    env = os.environ.get
    steps = Steps(int(env("CRASH_AT", "0")), env("CRASH_ONLY", ""), env("CRASH_LOG", ""), cache)
    cache.watch()
    if variant := env("CRASH_VARIANT", ""):
        VARIANTS[variant](steps)
    steps.watch()
    return steps


async def _open_lazily(lane: Lane) -> None:
    """A victim does not live long: its readers of PDF files are started when one comes."""
    for _ in range(lane._places):
        lane.free.put_nowait(None)


async def serve(settings: Settings, steps: Steps) -> None:
    """The web process, on a free port."""
    listening = socket.create_server(("127.0.0.1", 0))
    served = AccessLog(app.create_app(settings))
    server = uvicorn.Server(config_of(settings, steps.watched(served)))

    async def greet() -> None:
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.005)
        tell(event="ready", pid=os.getpid(), port=listening.getsockname()[1])

    async with asyncio.TaskGroup() as group:
        group.create_task(greet())
        group.create_task(server.serve(sockets=[listening]))


async def drain(settings: Settings) -> None:
    """Every promise that is due, one after the other."""
    worker = app.create_app(settings)
    async with worker.lifespan():
        state = worker.state
        handlers = make_handlers(state.outside, state.letters, state.policy)
        while await do_one(state.sessions, handlers):
            pass


if __name__ == "__main__":
    nursery()
