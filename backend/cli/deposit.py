"""`reperes deposit FILE…`: sends CDA or HL7v2 files through the laboratory's door."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import click
import httpx2
from rich.console import Console
from rich.progress import Progress

from backend.cli.start import read_settings
from backend.demo.people import LABORATORIES
from backend.domain.errors import Problem
from backend.domain.formats.cda import read_cda
from backend.domain.formats.hl7v2_writer import Action, Envelope, write_oru
from backend.interop.client import Acknowledgement, DepositFailed, Sender, read_answer
from backend.interop.mllp.client import open_line
from backend.interop.mllp.tls import client_context

SECONDS = 60.0
FIRST = LABORATORIES[0]
Send = Callable[[bytes], Awaitable[bytes]]


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--url", envvar="REPERES_PUBLIC_URL", default="http://127.0.0.1:8000")
@click.option("--client-id", envvar="REPERES_CLIENT_ID", default=FIRST.client_id)
@click.option("--client-secret", envvar="REPERES_CLIENT_SECRET", default=FIRST.client_secret)
@click.option("--withheld", is_flag=True, help="INVISIBLE_PATIENT=Y (CDA files).")
@click.option("--masked", is_flag=True, help="MASQUE_PS=Y (CDA files).")
@click.option("--mllp", metavar="HOST:PORT", default="", help="On an MLLP line instead.")
@click.option(
    "--certificates",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="For --mllp: the folder of ca.crt, CLIENT_ID.crt, CLIENT_ID.key (var/mllp).",
)
def deposit(
    files: tuple[Path, ...],
    url: str,
    client_id: str,
    client_secret: str,
    *,
    withheld: bool,
    masked: bool,
    mllp: str,
    certificates: Path | None,
) -> None:
    """Deposit CDA documents (wrapped in an ORU^R01) or HL7v2 messages, and print the receipts."""
    flags = {"INVISIBLE_PATIENT": withheld, "MASQUE_PS": masked, "DESTDMP": True}
    if mllp:
        folder = certificates or read_settings().var_dir / "mllp"
        way = _by_line(mllp, folder, client_id)
    else:
        way = _by_http(url, client_id, client_secret)
    refused = asyncio.run(_deposit(files, Console(), way, flags))
    sys.exit(1 if refused else 0)


async def _deposit(
    files: tuple[Path, ...],
    console: Console,
    way: AbstractAsyncContextManager[Send],
    flags: dict[str, bool],
) -> int:
    refused = 0
    try:
        async with way as send:
            with Progress(console=console, disable=not files[1:]) as progress:
                for file in progress.track(files, description="Deposit"):
                    answer = await _send(send, file, flags)
                    refused += not answer.accepted
                    line = f"{file.name}: {answer.code} {answer.text}"
                    console.print(line, highlight=False, markup=False, soft_wrap=True)
    except OSError as error:
        raise click.ClickException(f"cannot connect: {error}") from error
    return refused


@asynccontextmanager
async def _by_http(url: str, client_id: str, client_secret: str) -> AsyncIterator[Send]:
    async with httpx2.AsyncClient(base_url=url, timeout=SECONDS) as http:
        sender = Sender(http, client_id, client_secret)

        async def send(message: bytes) -> bytes:
            return await sender.send(await sender.token(), message)

        yield send


@asynccontextmanager
async def _by_line(place: str, folder: Path, client_id: str) -> AsyncIterator[Send]:
    host, _, port = place.rpartition(":")
    if not host or not port.isdigit():
        raise click.BadParameter("HOST:PORT is expected.", param_hint="--mllp")
    ours = folder / f"{client_id}.crt", folder / f"{client_id}.key"
    context = client_context(folder / "ca.crt", *ours)
    async with open_line(host.strip("[]"), int(port), context) as line:
        yield line.send


async def _send(send: Send, file: Path, flags: dict[str, bool]) -> Acknowledgement:
    try:
        message = as_message(await asyncio.to_thread(file.read_bytes), flags)
        return read_answer(await send(message))
    except (Problem, DepositFailed, OSError, TimeoutError, httpx2.HTTPError) as error:
        return Acknowledgement("--", f"not sent: {error}")


def as_message(content: bytes, flags: dict[str, bool]) -> bytes:
    """An HL7v2 message as it is; a CDA in an ORU^R01 (RO when it names what it replaces)."""
    if content.lstrip(b"\xef\xbb\xbf\x0b\r\n ").startswith(b"MSH"):
        return content
    header = read_cda(content).header
    envelope = Envelope(
        control_id=uuid4().hex[:20],
        sent_at=datetime.now(UTC),
        sender=header.authenticator,
        organisation=header.custodian,
        action=Action.REPLACE if header.replaces else Action.NEW,
        flags=flags,
    )
    return write_oru(header, content, envelope)
