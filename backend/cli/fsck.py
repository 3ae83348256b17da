"""`reperes fsck`: the whole store is read again, and what does not agree is named by its id."""

import asyncio
import sys
from datetime import datetime

import click
import msgspec

from backend.cli.start import database, read_settings
from backend.gateways.files import open_files
from backend.services import soundness
from backend.services.soundness import Soundness
from backend.settings import Settings
from backend.storage.db import make_engine, make_sessions, utcnow
from backend.storage.vault import Vault


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.option(
    "--remove-leftovers", is_flag=True, help="Remove files of more than a day without a row."
)
def fsck(*, as_json: bool, remove_leftovers: bool) -> None:
    """Check that rows, files, promises and journal agree; exit status 1 when they do not."""
    with database(read_settings()) as ready:
        found = asyncio.run(check(ready, now=utcnow(), remove_leftovers=remove_leftovers))
    click.echo(msgspec.json.encode(found).decode() if as_json else in_words(found))
    sys.exit(0 if found.ok else 1)


async def check(settings: Settings, *, now: datetime, remove_leftovers: bool = False) -> Soundness:
    """The check that these settings describe."""
    engine, files = make_engine(settings.database_url or ""), open_files(settings.storage_url)
    sessions = make_sessions(engine, Vault(settings.root_key))
    try:
        return await soundness.check(sessions, files, now=now, remove_leftovers=remove_leftovers)
    finally:
        await engine.dispose()


def in_words(found: Soundness) -> str:
    """Counts, then a line a fault."""
    lines = [f"{count:>9,} {what}" for what, count in found.counts.items()]
    lines += [f"{found.leftovers:>9,} leftovers ({found.removed} removed)"]
    lines += [f"{broken.fault} {broken.id or '-'}" for broken in found.broken]
    if (untold := found.faults - len(found.broken)) > 0:
        lines += [f"and {untold} more"]
    return "\n".join([*lines, f"{found.faults} faults"])
