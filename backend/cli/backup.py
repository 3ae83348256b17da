"""`reperes backup FOLDER`, `reperes restore SOURCE`: nothing is lost with a machine."""

import asyncio
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from backend.cli.fsck import in_words
from backend.cli.start import database, read_settings
from backend.gateways.files import open_files
from backend.services import backups, soundness
from backend.services.backups import BadBackup, Made, Repository, Restored
from backend.settings import Settings
from backend.storage.backups.keys import (
    BadKey,
    new_identity,
    read_identity,
    read_recipient,
    write_identity,
    write_recipient,
)
from backend.storage.db import make_engine, make_sessions, utcnow
from backend.storage.vault import Vault

T = TypeVar("T")
PATH = click.Path(path_type=Path)


class _Backup(click.Group):
    """`reperes backup FOLDER` is `reperes backup make FOLDER`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        named = args and args[0] in self.commands
        return super().resolve_command(ctx, args if named else ["make", *args])


@click.group(cls=_Backup, context_settings={"ignore_unknown_options": True})
def backup() -> None:
    """Back up the database and the files, sealed for REPERES_BACKUP_RECIPIENT, in a folder.

    `reperes backup FOLDER` makes one more backup; `reperes backup keygen` a pair of keys.
    """


@backup.command()
@click.argument("file", type=PATH, required=False)
def keygen(file: Path | None) -> None:
    """Make the pair of keys: the secret one in FILE (or shown), to be kept far from the service."""
    identity = new_identity()
    if file is None:
        click.echo(write_identity(identity), nl=False)
        return
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(write_identity(identity))
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}.") from error
    click.echo(write_recipient(identity.public_key()))


@backup.command()
@click.argument("folder", type=PATH)
@click.option("--incomplete", is_flag=True, help="Even if files of the store cannot be read.")
def make(folder: Path, *, incomplete: bool) -> None:
    """Add a backup to FOLDER, while the service works; files already there are not copied again."""
    settings = read_settings()
    try:
        recipient = read_recipient(settings.backup_recipient)
    except BadKey as error:
        raise click.ClickException(f"REPERES_BACKUP_RECIPIENT {error}.") from error

    async def work(ready: Settings) -> Made:
        engine, files = make_engine(ready.database_url or ""), open_files(ready.storage_url)
        try:
            return await backups.make(
                engine,
                Vault(ready.root_key),
                files,
                Repository(folder),
                recipient,
                incomplete=incomplete,
            )
        finally:
            await engine.dispose()

    with database(settings) as ready:
        made = _run(work(ready))
    click.echo(
        f"{made.name}: {made.rows} rows of {made.tables} tables, {made.size} bytes; "
        f"{made.files} files, {made.copied} of them new; {made.seconds:.1f} s"
    )
    if made.missing:
        click.echo(f"{made.missing} files could not be read and are not in it.", err=True)
        sys.exit(1)


@click.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--identity", type=PATH, required=True, help="The file of the secret key.")
@click.option("--check", is_flag=True, help="Read everything, write nothing.")
def restore(source: Path, identity: Path, *, check: bool) -> None:
    """Restore SOURCE (a backup, or a folder for its last one) in an empty database and store.

    The service is stopped, and its root key is the one that it had. Exit status 1 when what was
    restored is not sound.
    """
    settings, key = read_settings(), _identity(identity)
    if check:
        _tell("read and sound", _run(backups.check(Vault(settings.root_key), key, source)))
        return
    with database(settings) as ready:
        done, sound = _run(_restore(ready, key, source))
    _tell("restored", done)
    sys.exit(0 if sound else 1)


async def _restore(
    settings: Settings, identity: X25519PrivateKey, source: Path
) -> tuple[Restored, bool]:
    engine, vault = make_engine(settings.database_url or ""), Vault(settings.root_key)
    files = open_files(settings.storage_url)
    try:
        done = await backups.restore(engine, vault, files, identity, source)
        found = await soundness.check(make_sessions(engine, vault), files, now=utcnow())
        click.echo(in_words(found))
        return done, found.ok
    finally:
        await engine.dispose()


def _tell(what: str, done: Restored) -> None:
    click.echo(
        f"{what}, as of {done.made_at}: {done.rows} rows of {done.tables} tables, "
        f"{done.files - done.missing} files; {done.seconds:.1f} s"
    )
    if done.erased:
        click.echo(f"{done.erased} records were erased since: they cannot be read any more.")
    if done.missing:
        click.echo(f"{done.missing} files were missing already when it was made.", err=True)


def _identity(file: Path) -> X25519PrivateKey:
    try:
        return read_identity(file.read_text())
    except (BadKey, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file} is not a secret key of backups.") from error
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}.") from error


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except BadBackup as error:
        notes = " ".join(getattr(error, "__notes__", []))
        raise click.ClickException(f"{error} {notes}".strip()) from error
