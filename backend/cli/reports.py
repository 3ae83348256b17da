"""`reperes reports`: the accesses that people reported; `reperes reports close NUMBER`."""

import click

from backend.cli.start import in_transaction
from backend.services import reporting


@click.group(invoke_without_command=True)
@click.pass_context
def reports(context: click.Context) -> None:
    """List the reports that wait: number, day, the record, the line of its journal."""
    if context.invoked_subcommand:
        return
    for one in in_transaction(reporting.waiting):
        click.echo(f"{one.number}  {one.at:%Y-%m-%d}  {one.record_id}  {one.trace_id}")


@reports.command()
@click.argument("number")
def close(number: str) -> None:
    """Say that NUMBER was dealt with: its person reads it on their page."""
    if not in_transaction(lambda db: reporting.close(db, number)):
        raise click.ClickException(f"No report {number} waits.")
    click.echo(f"{number} is closed")
