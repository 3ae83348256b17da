"""`reperes run`: the whole service; in a demonstration, with its fictional world."""

import asyncio
import shutil
import socket

import click
import uvicorn
from litestar import Litestar

from backend.app import create_app
from backend.cli.mllp import line_if_free
from backend.cli.serving import config_of, run_async, serve_many
from backend.cli.start import database, read_settings
from backend.logs import AccessLog, set_up_logs
from backend.settings import Settings
from backend.storage import embedded
from backend.storage.db import make_engine, make_sessions, utcnow
from backend.storage.migrate import upgrade
from backend.storage.vault import Vault


@click.command()
def run() -> None:
    """Start the service (and, in a demonstration, its people and their reports)."""
    settings = read_settings()
    set_up_logs(settings)
    with database(settings) as ready:
        upgrade(ready.database_url or "")
        if ready.processes > 1:
            serve_many(ready)
        else:
            run_async(_serve(ready))


@click.group()
def demo() -> None:
    """The demonstration's own commands."""


@demo.command()
@click.confirmation_option(prompt="Erase the whole demonstration?")
def reset() -> None:
    """Forget the demonstration: database, files and keys under the var folder."""
    settings = read_settings()
    if not settings.is_demo or settings.database_url:
        raise click.ClickException("Only an embedded demonstration can be reset.")
    try:
        embedded.remove(settings.var_dir / "postgres")
    except embedded.InUse as error:
        raise click.ClickException("The demonstration is running: stop it first.") from error
    for name in ("blobs", "keys", "mllp"):
        shutil.rmtree(settings.var_dir / name, ignore_errors=True)
    click.echo("The demonstration is forgotten. The next run starts over.")


async def _serve(settings: Settings) -> None:
    if settings.is_demo:
        await _load_world(settings)
    app = create_app(settings, beside=[line_if_free] if settings.is_demo else [])
    server = uvicorn.Server(config_of(settings, AccessLog(app)))
    if settings.is_demo:
        async with asyncio.TaskGroup() as group:
            group.create_task(_welcome(app, server, settings))
            group.create_task(server.serve())
    else:
        await server.serve()


async def _load_world(settings: Settings) -> None:
    from backend.demo import world  # production starts without its fonts and drawings

    engine = make_engine(settings.database_url or "")
    async with make_sessions(engine, Vault(settings.root_key)).begin() as db:
        await world.load(db)
    await engine.dispose()


async def _welcome(app: Litestar, server: uvicorn.Server, settings: Settings) -> None:
    """Once the door is open: the deposits of the demonstration, then the address and the people."""
    from backend.demo import (
        announcements,
        consultations,
        folders,
        measures,
        messages,
        parade,
        profiles,
    )

    while not server.started:
        if server.should_exit:
            return
        await asyncio.sleep(0.02)
    local = f"http://127.0.0.1:{settings.port}"
    sent, refused = await parade.deposit_all(app.state.sessions, local)
    if sent:
        await consultations.consult(app.state.sessions, app.state.policy)
        await profiles.tell(app.state.sessions, app.state.policy)
        await measures.measure(app.state.sessions, app.state.policy)
        await folders.put_away(app.state.sessions, app.state.policy)
        await announcements.wait(app.state.sessions)
        await messages.correspond(app.state.sessions, app.state.policy, app.state.outside)
        if app.state.near:
            messages.arrives(app.state.near.network, utcnow())
    parade.greet(settings.public_url, _address_on_the_network(settings), sent, refused)


def _address_on_the_network(settings: Settings) -> str | None:
    """Where a phone on the same network would go; nothing is sent to find out."""
    if settings.host in {"127.0.0.1", "localhost", "::1"}:
        return None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET: a datagram socket only looks up the route
            return f"http://{probe.getsockname()[0]}:{settings.port}"
        except OSError:
            return None
