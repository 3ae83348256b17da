"""`reperes machines`: laboratories’ systems, what proves who they are, their certificates."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from backend.cli.start import in_transaction
from backend.domain.errors import Refused
from backend.gateways.certificates import BadCertificate, read_certificate
from backend.gateways.public_keys import BadKeys, read_public_keys
from backend.services import certificates, clients
from backend.storage.db import AsyncSession

T = TypeVar("T")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
KEYS = click.option("--keys", type=FILE, help="Its public keys, a JWK Set; it has no secret then.")


@click.group(invoke_without_command=True)
@click.pass_context
def machines(context: click.Context) -> None:
    """List the clients that may deposit, and the certificates that speak for each."""
    if context.invoked_subcommand:
        return
    shown = ""
    for row in in_transaction(certificates.listed):
        if row.client_id != shown:
            reads = "  reads" if row.reads else ""
            revoked = f"  revoked {row.revoked_at:%Y-%m-%d}" if row.revoked_at else ""
            click.echo(
                f"{row.client_id}  FINESS {row.finess}  {row.structure}"
                f"  {row.scopes}  {row.proof}{reads}{revoked}"
            )
        shown = row.client_id
        if held := row.certificate:
            click.echo(
                f"    {held.fingerprint.hex()}  until {held.expires_at:%Y-%m-%d}  {held.subject}"
            )


@machines.command()
@click.argument("client_id")
@click.argument("finess")
@KEYS
def create(client_id: str, finess: str, keys: Path | None) -> None:
    """Let a system, called CLIENT_ID from now on, deposit for the structure FINESS.

    By HL7 v2 and FHIR at once; by MLLP after `bind`; it reads for professionals after `reads`. Its
    secret is shown once and kept nowhere; with --keys it signs instead (private_key_jwt).
    """
    held = _read(keys)
    made = _done(lambda db: clients.create(db, client_id, finess, keys=held))
    click.echo(f"{client_id} deposits for {made.structure}")
    if made.newly:
        click.echo("It is a laboratory now: its people come in once attached (`reperes team`).")
    _show(made.secret)


@machines.command()
@click.argument("client_id")
@KEYS
def rotate(client_id: str, keys: Path | None) -> None:
    """Give CLIENT_ID a new secret, shown once; or the keys of --keys, and no secret any more.

    What it had serves no longer, nor do the tokens that it got: from now on. For a change without
    a break, keep the old key in the file beside the new one; or create another client, and revoke
    this one when nothing uses it.
    """
    held = _read(keys)
    secret = _done(lambda db: clients.rotate(db, client_id, keys=held))
    click.echo(f"{client_id} has a new {'secret' if secret else 'set of keys'}")
    _show(secret)


@machines.command()
@click.argument("client_id")
def revoke(client_id: str) -> None:
    """Shut every door to CLIENT_ID, for good and from now on; what it deposited stays."""
    _done(lambda db: clients.revoke(db, client_id))
    click.echo(f"{client_id} is revoked")


@machines.command()
@click.argument("client_id")
@click.argument("file", type=FILE)
def bind(client_id: str, file: Path) -> None:
    """Let the certificate of FILE (PEM) speak for CLIENT_ID, from its next message on."""
    try:
        certificate = read_certificate(file.read_bytes())
    except BadCertificate as error:
        raise click.ClickException(str(error)) from error
    _done(lambda db: certificates.bind(db, client_id, certificate))
    click.echo(f"{certificate.fingerprint.hex()} speaks for {client_id}")


@machines.command()
@click.argument("fingerprint")
def unbind(fingerprint: str) -> None:
    """Let the certificate whose FINGERPRINT begins so speak for nobody, from now on."""
    subject = _done(lambda db: certificates.unbind(db, fingerprint))
    click.echo(f"{subject} speaks for nobody")


@machines.command()
@click.argument("client_id")
@click.argument("psc_client_id", default="")
def reads(client_id: str, psc_client_id: str) -> None:
    """Let CLIENT_ID read for professionals; PSC_CLIENT_ID is its name at Pro Santé Connect.

    Without that name, it reads for nobody from now on.
    """
    _done(lambda db: certificates.lets_read(db, client_id, psc_client_id))
    click.echo(f"{client_id} reads for {'professionals' if psc_client_id else 'nobody'}")


def _read(file: Path | None) -> clients.Keys | None:
    try:
        return read_public_keys(file.read_bytes()) if file else None
    except BadKeys as error:
        raise click.ClickException(str(error)) from error


def _show(secret: str) -> None:
    if secret:
        click.echo(f"secret, shown once: {secret}")


def _done(action: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """Committed; or the sentence that says why not, and nothing is changed."""
    try:
        return in_transaction(action)
    except Refused as refusal:
        raise click.ClickException(refusal.message) from refusal
