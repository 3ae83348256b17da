"""What every command needs first: settings that make sense, a database that answers."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

import click

from backend.settings import BadSettings, Settings
from backend.storage import embedded
from backend.storage.db import AsyncSession, make_engine, make_sessions
from backend.storage.vault import Vault

T = TypeVar("T")


def read_settings() -> Settings:
    """The settings in force, or one sentence for each that is wrong and exit status 2."""
    try:
        return Settings.from_env(os.environ)
    except BadSettings as bad:
        for problem in bad.problems:
            click.echo(f"reperes: {problem}", err=True)
        sys.exit(2)


@contextmanager
def database(settings: Settings) -> Iterator[Settings]:
    """The settings with an address: the one given, or that of the embedded server, started."""
    if settings.database_url:
        yield settings
        return
    try:
        server = embedded.start(settings.var_dir / "postgres", durable=True)
    except embedded.CannotStart as error:
        click.echo(f"reperes: {error}", err=True)
        sys.exit(1)
    try:
        yield replace(settings, database_url=server.url)
    finally:
        server.stop()


def in_transaction(action: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """What `action` gives, once it is committed."""
    with database(read_settings()) as ready:
        return asyncio.run(_act(ready, action))


async def _act(settings: Settings, action: Callable[[AsyncSession], Awaitable[T]]) -> T:
    engine = make_engine(settings.database_url or "")
    try:
        async with make_sessions(engine, Vault(settings.root_key)).begin() as db:
            return await action(db)
    finally:
        await engine.dispose()
