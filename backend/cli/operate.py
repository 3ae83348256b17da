"""Commands of whoever runs the service: worker, migrations, journal, doctor."""

import asyncio
import json
import signal
import sys
from dataclasses import replace

import click
from litestar import Litestar

from backend.app import create_app
from backend.cli.checks import look_around
from backend.cli.serving import run_async
from backend.cli.start import database, in_transaction, read_settings
from backend.jobs import calendar, dispatching
from backend.jobs.handlers import make_handlers
from backend.jobs.worker import work
from backend.logs import set_up_logs
from backend.services import journal as journals
from backend.settings import Worker
from backend.storage.migrate import new_revision, upgrade


@click.command()
def worker() -> None:
    """Do promised work (e-mails, codes, page images) until stopped."""
    settings = read_settings()
    set_up_logs(settings)
    with database(settings) as ready:
        run_async(_work(create_app(replace(ready, worker=Worker.EXTERNAL))))


@click.command()
def migrate() -> None:
    """Bring the database to this version's schema."""
    with database(read_settings()) as ready:
        upgrade(ready.database_url or "")


@click.command(hidden=True)
@click.argument("message")
def migration(message: str) -> None:
    """Write the next migration from the models (for developers)."""
    with database(read_settings()) as ready:
        upgrade(ready.database_url or "")
        new_revision(ready.database_url or "", message)


@click.command()
def config() -> None:
    """The settings in force, secrets hidden."""
    for line in read_settings().describe():
        click.echo(line)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def doctor(*, as_json: bool) -> None:
    """Look for what is wrong: database, schema, files, promised work, journal."""
    with database(read_settings()) as ready:
        findings = asyncio.run(look_around(ready))
    if as_json:
        click.echo(json.dumps([{"ok": f.ok, "what": f.what, "say": f.say} for f in findings]))
    else:
        for finding in findings:
            click.echo(f"{'ok  ' if finding.ok else 'BAD '} {finding.what}: {finding.say}")
    sys.exit(0 if all(finding.ok for finding in findings) else 1)


@click.group()
def journal() -> None:
    """The journal of accesses."""


@journal.command()
def verify() -> None:
    """Recompute every chain; exit status 1 when a line was altered, removed or swapped."""
    found = in_transaction(journals.verify)
    click.echo(f"{found.lines} lines in {found.lanes} chains, {found.faults} faults")
    for broken in found.broken:
        click.echo(str(broken))
    sys.exit(0 if found.ok else 1)


@journal.command()
def checkpoint() -> None:
    """Anchor all the chains; keep the printed hash somewhere else."""
    anchored = in_transaction(journals.checkpoint)
    click.echo(f"checkpoint {anchored.number}: {anchored.lines} lines, {anchored.hash.hex()}")


async def _work(app: Litestar) -> None:
    async with app.lifespan():
        state = app.state
        operator = state.settings.reports_email
        handlers = make_handlers(state.outside, state.letters, state.policy, operator)
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop.set)
        async with asyncio.TaskGroup() as group:
            group.create_task(
                calendar.keep(state.sessions, stop, calendar.sweeps_under(state.policy))
            )
            every = state.settings.mailbox_every
            group.create_task(dispatching.keep(state.sessions, state.outside, stop, every))
            await work(state.sessions, state.engine, handlers, stop)
