"""The `reperes` command."""

import click

from backend.cli.deposit import deposit
from backend.cli.operate import config, doctor, journal, migrate, migration, worker
from backend.cli.run import demo, run

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Repères: the health record of medical-biology laboratories and their patients."""


for command in (run, worker, migrate, migration, deposit, doctor, config, journal, demo):
    main.add_command(command)
