"""What every command needs first: settings that make sense, a database that answers."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import click

from backend.settings import BadSettings, Settings
from backend.storage import embedded


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
