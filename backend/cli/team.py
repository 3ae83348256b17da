"""`reperes team FINESS NUMBER FAMILY GIVEN`: who administers a laboratory, to begin with."""

import asyncio

import click
from sqlalchemy.exc import IntegrityError

from backend.cli.start import database, read_settings
from backend.domain.errors import Refused
from backend.domain.laboratory import Role, read_name, read_national_id
from backend.services.teams import Newcomer, appoint
from backend.settings import Settings
from backend.storage.db import make_engine, make_sessions
from backend.storage.vault import Vault


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
    with database(read_settings()) as ready:
        try:
            done = asyncio.run(_appoint(ready, finess, newcomer))
        except IntegrityError as error:
            raise click.ClickException("They administer it already.") from error
    if not done:
        raise click.ClickException(
            f"No structure {finess} is known: say `reperes structure` first."
        )
    click.echo(f"{newcomer.national_id} administers {finess}")


async def _appoint(settings: Settings, finess: str, newcomer: Newcomer) -> bool:
    engine = make_engine(settings.database_url or "")
    try:
        async with make_sessions(engine, Vault(settings.root_key)).begin() as db:
            return await appoint(db, finess, newcomer)
    finally:
        await engine.dispose()
