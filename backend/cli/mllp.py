"""`reperes mllp run`: laboratories’ lines, in a process of their own."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import click
import structlog
from litestar import Litestar

from backend.app import create_app
from backend.cli.serving import run_async
from backend.cli.start import database, read_settings
from backend.domain.errors import Refused
from backend.interop.mllp import Listener
from backend.interop.mllp.answering import Answering
from backend.interop.mllp.listener import open_place
from backend.interop.mllp.tls import Contexts
from backend.logs import set_up_logs
from backend.settings import Mllp, Worker
from backend.storage.db import Sessions

log = structlog.get_logger()

MISSING = "REPERES_MLLP_CERTIFICATE, REPERES_MLLP_KEY and REPERES_MLLP_CLIENT_CA are required."


class CannotListen(Exception):
    """The sentence tells the operator why."""


@click.group()
def mllp() -> None:
    """The line that laboratories’ systems send HL7 v2 messages on: MLLP under mutual TLS."""


@mllp.command()
def run() -> None:
    """Take lines until stopped; what they have begun is finished first.

    A demonstration has its line already, beside its pages.
    """
    settings = read_settings()
    set_up_logs(settings)
    if settings.mllp is None:
        raise click.ClickException(MISSING)
    with database(settings) as ready:
        run_async(_run(create_app(replace(ready, worker=Worker.EXTERNAL))))


@asynccontextmanager
async def line(app: Litestar) -> AsyncIterator[None]:
    """Lines are taken while the application lives; it ends when they have."""
    state, settings = app.state, app.state.settings
    place: Mllp = settings.mllp
    try:
        if settings.is_demo:
            await _certify(state.sessions, place.certificate.parent)
        contexts, door = Contexts(place), open_place(place.host, place.port)
    except (OSError, Refused) as error:  # ssl.SSLError is one
        raise CannotListen(f"MLLP on {place.host}, port {place.port}: {error}") from error
    answering = Answering(state.sessions, state.readers, state.desk)
    listener, stop = Listener(answering, contexts, most=settings.deposit_max_bytes), asyncio.Event()
    state.line = asyncio.create_task(listener.serve(door, stop))
    log.info("mllp_listening", port=place.port)
    yield
    stop.set()
    await state.line


@asynccontextmanager
async def line_if_free(app: Litestar) -> AsyncIterator[None]:
    """The same beside a demonstration, which does without when its port is taken."""
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(line(app))
        except CannotListen as error:
            log.warning("mllp_without", port=app.state.settings.mllp.port, text=str(error))
        yield


async def _run(app: Litestar) -> None:
    stop, loop, why = asyncio.Event(), asyncio.get_running_loop(), ""
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with app.lifespan():
        try:
            async with line(app):
                stopping = asyncio.create_task(stop.wait())
                await asyncio.wait({stopping, app.state.line}, return_when=asyncio.FIRST_COMPLETED)
                stopping.cancel()
        except CannotListen as error:
            why = str(error)  # raised here, it would come out in a group
    if why:
        raise click.ClickException(why)


async def _certify(sessions: Sessions, folder: Path) -> None:
    """A demonstration’s own certificates, made the first time."""
    from backend.demo import certificates  # production starts without it

    await asyncio.to_thread(certificates.make, folder)
    async with sessions.begin() as db:
        await certificates.bind_all(db, folder)
