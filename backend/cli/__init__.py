"""The `reperes` command."""

import click

from backend.cli.backup import backup, restore
from backend.cli.deposit import deposit
from backend.cli.fsck import fsck
from backend.cli.machines import machines
from backend.cli.mllp import mllp
from backend.cli.official import check_cda
from backend.cli.operate import config, doctor, journal, migrate, migration, worker
from backend.cli.reports import reports
from backend.cli.run import demo, run
from backend.cli.spaces import spaces
from backend.cli.structure import structure
from backend.cli.team import team

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Repères: the health record of medical-biology laboratories and their patients."""


for command in (
    *(run, worker, migrate, migration, deposit, doctor, fsck, config, journal, demo),
    *(backup, restore, spaces, reports),
    *(structure, team, mllp, machines, check_cda),
):
    main.add_command(command)
