"""`reperes reports`: the accesses that people reported; `reperes reports close NUMBER`."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from backend.cli.start import database, read_settings
from backend.services import reporting
from backend.settings import Settings
from backend.storage.db import AsyncSession, make_engine, make_sessions
from backend.storage.vault import Vault

T = TypeVar("T")


@click.group(invoke_without_command=True)
@click.pass_context
def reports(context: click.Context) -> None:
    """List the reports that wait: number, day, the record, the line of its journal."""
    if context.invoked_subcommand:
        return
    for one in _in_transaction(reporting.waiting):
        click.echo(f"{one.number}  {one.at:%Y-%m-%d}  {one.record_id}  {one.trace_id}")


@reports.command()
@click.argument("number")
def close(number: str) -> None:
    """Say that NUMBER was dealt with: its person reads it on their page."""
    if not _in_transaction(lambda db: reporting.close(db, number)):
        raise click.ClickException(f"No report {number} waits.")
    click.echo(f"{number} is closed")


def _in_transaction(action: Callable[[AsyncSession], Awaitable[T]]) -> T:
    with database(read_settings()) as ready:
        return asyncio.run(_act(ready, action))


async def _act(settings: Settings, action: Callable[[AsyncSession], Awaitable[T]]) -> T:
    engine = make_engine(settings.database_url or "")
    try:
        async with make_sessions(engine, Vault(settings.root_key)).begin() as db:
            return await action(db)
    finally:
        await engine.dispose()
