"""`reperes check-cda FILE…`: what the official schema and schematrons say of CDA documents."""

import asyncio
import sys
from pathlib import Path

import click

from backend.cli.start import read_settings
from backend.domain.errors import Refused
from backend.domain.official import Verdict, in_full, in_short
from backend.gateways.official import OfficialChecks
from backend.settings import Official

PATIENT = 60.0
"""Seconds for one document: nobody waits behind it."""
BROKEN, UNCHECKED = 1, 3


@click.command("check-cda")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The official files; else REPERES_OFFICIAL_CDA.",
)
def check_cda(files: tuple[Path, ...], folder: Path | None) -> None:
    """Check CDA documents with the official files. Exit status 1: rules broken; 3: not checked."""
    chosen = Official(folder.absolute()) if folder else read_settings().official
    if chosen is None:
        raise click.UsageError("name the official files: --folder, or REPERES_OFFICIAL_CDA.")
    sys.exit(asyncio.run(_check(chosen, files)))


async def _check(chosen: Official, files: tuple[Path, ...]) -> int:
    status = 0
    async with OfficialChecks(chosen, work=PATIENT) as checks:
        if (ready := await checks.ready()) is None:
            click.echo("reperes: the validator does not start.", err=True)
            return UNCHECKED
        if not ready.engine:
            click.echo("reperes: saxonche is not installed: only the schema is checked.", err=True)
        for name in ready.broken if ready.engine else ():
            click.echo(f"reperes: {name} cannot be run.", err=True)
        for file in files:
            said, found = await _one(checks, file)
            click.echo(f"{file.name}: {said}")
            status = max(status, found)
    return status


async def _one(checks: OfficialChecks, file: Path) -> tuple[str, int]:
    """What is said of one file, and the exit status that it deserves."""
    try:
        verdict = await checks.check(await asyncio.to_thread(file.read_bytes))
    except Refused as refusal:
        return refusal.message, BROKEN
    verdict = verdict or Verdict()
    said = "".join(f"\n  {line}" for line in in_full(verdict))
    found = UNCHECKED if verdict.missing else BROKEN if verdict.errors else 0
    return in_short(verdict) + said, found
