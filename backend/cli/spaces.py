"""`reperes spaces inform LIST.csv`, `codes`, `letter`: opening the spaces of the insured."""

import asyncio
import csv
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import click

from backend.cli.start import database, read_settings
from backend.domain.activation import read_nir
from backend.domain.dates import read_birth_date
from backend.domain.errors import Refused
from backend.services import enrolment
from backend.settings import Settings
from backend.storage.db import Sessions, make_engine, make_sessions
from backend.storage.vault import Vault

T = TypeVar("T")
WAYS = ("best", "email", "letter")


@click.group()
def spaces() -> None:
    """The spaces of the insured: made from a list, opened by provisional codes."""


@spaces.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def inform(file: Path) -> None:
    """Make a space for each person of FILE, closed for six weeks in which they may refuse it.

    FILE is a CSV in UTF-8, separated by semicolons, with the columns matricule, oid, birth_name,
    first_given, given_names, birth_date, sex, birthplace, vitale, email, mobile, address (its lines
    separated by “|”) and parent (matricule of the insured parent, on an earlier line). Who has a
    space already is left alone. Exit status 1 when a line was refused.
    """
    done = _with_sessions(lambda sessions: enrolment.inform(sessions, _rows(file)))
    for line, why in done.refused:
        click.echo(f"line {line}: {why}", err=True)
    click.echo(f"{done.made} spaces made, {done.known} known, {len(done.refused)} lines refused")
    sys.exit(1 if done.refused else 0)


@spaces.command()
@click.option(
    "--by",
    type=click.Choice(WAYS),
    default="best",
    help="best: e-mail, else a letter, else an SMS.",
)
@click.option("--most", type=click.IntRange(min=1), default=1_000_000, help="Codes at most.")
def codes(by: str, most: int) -> None:
    """Promise a provisional code to each space that waits for its person and has none.

    The worker sends the letters, the e-mails and the texts. Whom nothing on file can reach is
    promised nothing.
    """
    done = _with_sessions(lambda sessions: enrolment.issue_many(sessions, by=by, most=most))
    click.echo(f"{done.made} codes promised")
    if done.unreached:
        click.echo(f"{done.unreached} spaces left out: nothing on file to send a code to", err=True)


@spaces.command()
def letter() -> None:
    """Send a code by post to somebody who has lost every other proof, and asked for it.

    For the help desk, once it has checked the caller. The NIR and the birth date are asked for, so
    that they are in no list of processes. The letter goes to the address on file; with it, the NIR
    and the carte Vitale, the person chooses new means on /retrouver/courrier. Exit status 1 when no
    letter is sent.
    """
    try:
        nir = read_nir(click.prompt("NIR", hide_input=True))
        born = read_birth_date(click.prompt("Birth date (21/09/1978)", hide_input=True))
    except Refused as refusal:
        raise click.ClickException(refusal.message) from refusal
    if not _with_sessions(lambda sessions: enrolment.issue_letter(sessions, nir=nir, born=born)):
        raise click.ClickException(
            "no letter: the two do not go together, no account is in use, or no address is on file."
        )
    click.echo("the letter is promised; the worker sends it")


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        try:
            reader = csv.DictReader(lines, delimiter=";", restval="")
            if missing := set(enrolment.COLUMNS) - set(reader.fieldnames or ()):
                raise click.ClickException(f"{file}: no column {', '.join(sorted(missing))}.")
            yield from reader
        except (UnicodeDecodeError, csv.Error) as error:
            raise click.ClickException(f"{file} is not a CSV in UTF-8.") from error


def _with_sessions(action: Callable[[Sessions], Awaitable[T]]) -> T:
    with database(read_settings()) as ready:
        return asyncio.run(_act(ready, action))


async def _act(settings: Settings, action: Callable[[Sessions], Awaitable[T]]) -> T:
    engine = make_engine(settings.database_url or "")
    try:
        return await action(make_sessions(engine, Vault(settings.root_key)))
    finally:
        await engine.dispose()
