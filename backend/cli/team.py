"""`reperes team FINESS NUMBER FAMILY GIVEN`: who administers a laboratory, to begin with."""

import click
from sqlalchemy.exc import IntegrityError

from backend.cli.start import in_transaction
from backend.domain.errors import Refused
from backend.domain.laboratory import Role, read_name, read_national_id
from backend.services.teams import Newcomer, appoint


@click.command()
@click.argument("finess")
@click.argument("number")
@click.argument("family")
@click.argument("given")
def team(finess: str, number: str, family: str, given: str) -> None:
    """Let NUMBER (an RPPS, or what Pro Santé Connect says) administer the laboratory FINESS.

    They attach everybody else, on their page « Équipe ».
    """
    try:
        names = (read_name(family), read_name(given))
        newcomer = Newcomer(read_national_id(number), *names, Role.ADMINISTRATOR)
    except Refused as refusal:
        raise click.ClickException(refusal.message) from refusal
    try:
        done = in_transaction(lambda db: appoint(db, finess, newcomer))
    except IntegrityError as error:
        raise click.ClickException("They administer it already.") from error
    if not done:
        raise click.ClickException(
            f"No structure {finess} is known: say `reperes structure` first."
        )
    click.echo(f"{newcomer.national_id} administers {finess}")
