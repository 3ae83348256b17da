"""`reperes machines`: laboratories’ systems and their certificates; `bind`, `unbind`."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from backend.cli.start import database, read_settings
from backend.domain.errors import Refused
from backend.gateways.certificates import BadCertificate, read_certificate
from backend.services import certificates
from backend.settings import Settings
from backend.storage.db import AsyncSession, make_engine, make_sessions
from backend.storage.vault import Vault

T = TypeVar("T")


@click.group(invoke_without_command=True)
@click.pass_context
def machines(context: click.Context) -> None:
    """List the clients that may deposit, and the certificates that speak for each."""
    if context.invoked_subcommand:
        return
    for row in _in_transaction(certificates.listed):
        state = "  disabled" if row.disabled else ""
        click.echo(f"{row.client_id}  FINESS {row.finess}  {row.structure}{state}")
        if held := row.certificate:
            click.echo(
                f"    {held.fingerprint.hex()}  until {held.expires_at:%Y-%m-%d}  {held.subject}"
            )


@machines.command()
@click.argument("client_id")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def bind(client_id: str, file: Path) -> None:
    """Let the certificate of FILE (PEM) speak for CLIENT_ID, from its next message on."""
    try:
        certificate = read_certificate(file.read_bytes())
        _in_transaction(lambda db: certificates.bind(db, client_id, certificate))
    except (BadCertificate, Refused) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{certificate.fingerprint.hex()} speaks for {client_id}")


@machines.command()
@click.argument("fingerprint")
def unbind(fingerprint: str) -> None:
    """Let the certificate whose FINGERPRINT begins so speak for nobody, from now on."""
    try:
        subject = _in_transaction(lambda db: certificates.unbind(db, fingerprint))
    except Refused as error:
        raise click.ClickException(error.message) from error
    click.echo(f"{subject} speaks for nobody")


@machines.command()
@click.argument("client_id")
@click.argument("psc_client_id", default="")
def reads(client_id: str, psc_client_id: str) -> None:
    """Let CLIENT_ID read for professionals; PSC_CLIENT_ID is its name at Pro Santé Connect.

    Without that name, it reads for nobody from now on.
    """
    try:
        _in_transaction(lambda db: certificates.lets_read(db, client_id, psc_client_id))
    except Refused as error:
        raise click.ClickException(error.message) from error
    click.echo(f"{client_id} reads for {'professionals' if psc_client_id else 'nobody'}")


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
