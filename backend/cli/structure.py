"""`reperes structure FINESS NAME CITY`: a structure from which nobody has come in yet."""

import click

from backend.cli.start import in_transaction
from backend.domain.errors import Refused
from backend.services import clients


@click.command()
@click.argument("finess")
@click.argument("name")
@click.argument("city")
def structure(finess: str, name: str, city: str) -> None:
    """Make the structure FINESS known, by its NAME and CITY, as people will read them.

    Those from which professionals come in are known by Pro Santé Connect already.
    """
    try:
        number = in_transaction(lambda db: clients.add_structure(db, finess, name, city))
    except Refused as refusal:
        raise click.ClickException(refusal.message) from refusal
    click.echo(f"{number} is known")
