"""An espace de confiance on this machine: an operator, its mailboxes, an Annuaire santé.

Real SMTP, IMAP and HTTP on free ports of the loopback. What it does with a mail is decided for
each address: deliver it and say so, read it, refuse it now or for good, bounce it, lose it.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from secrets import token_urlsafe
from typing import Any

from backend.demo.mssante.directory import Directory
from backend.demo.mssante.imap import serve_imap
from backend.demo.mssante.network import Behaviour, Network
from backend.demo.mssante.smtp import DsnSmtp
from backend.demo.people import PRACTITIONERS
from backend.domain.dispatches.listed import Listed
from backend.domain.reports import Person
from backend.settings import Annuaire, Mssante, Security, Settings

__all__ = ["Behaviour", "Neighbours", "Network", "emulated", "open_network"]

LOOPBACK = "127.0.0.1"
FULL_AT_FIRST = "helene.leroux@medecins.mssante.example"
"""So that the demonstration has something to send again."""
WITHOUT_A_BOX = (Listed(Person("899900000904", "MARTINEAU", "Chloé", "Dr"), ("Rezé",)),)
"""Found, but nothing can be sent to her."""
OUR_BOX = "reperes@applications.mssante.example"


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Where they listen, and the network behind."""

    mssante: Mssante
    annuaire: Annuaire
    network: Network
    directory: Directory


@asynccontextmanager
async def open_network(
    people: Mapping[str, Iterable[str]] | None = None,
    *,
    listed: Iterable[Listed] = (),
    tls: ssl.SSLContext | None = None,
    host: str = LOOPBACK,
    **changes: Any,
) -> AsyncIterator[Neighbours]:
    """Listen until left.

    `people`: addresses by number; `listed`: who is found by name; `changes`: to what clients are
    told.
    """
    password, key, loop = token_urlsafe(16), token_urlsafe(16), asyncio.get_running_loop()
    network, directory = Network(OUR_BOX), Directory(key, people or {}, listed)
    doors: set[asyncio.StreamWriter] = set()
    mail = await loop.create_server(_smtp(network, loop), LOOPBACK, 0, ssl=tls)
    box = await asyncio.start_server(serve_imap(network, password, doors), LOOPBACK, 0, ssl=tls)
    web = await asyncio.start_server(directory.serve, LOOPBACK, 0)
    security = Security.TLS if tls else Security.NONE
    ours = Mssante(
        host=host,
        port=_port(mail),
        security=security,
        sender=OUR_BOX,
        domains=("mssante.example", "mssante.fr"),
        imap_host=host,
        imap_port=_port(box),
        imap_security=security,
        imap_user=OUR_BOX,
        imap_password=password,
    )
    annuaire = Annuaire(f"http://{LOOPBACK}:{_port(web)}/fhir/v2", key)
    try:
        yield Neighbours(replace(ours, **changes), annuaire, network, directory)
    finally:
        for server in (mail, box, web):
            server.close()
        for writer in doors:
            writer.close()


@asynccontextmanager
async def emulated(settings: Settings) -> AsyncIterator[tuple[Settings, Neighbours | None]]:
    """The settings, with the emulated neighbours in a demonstration that has no operator."""
    if not settings.is_demo or settings.mssante is not None:
        yield settings, None
        return
    people = {one.person.national_id: [one.mailbox] for one in PRACTITIONERS}
    listed = [Listed(one.person, (one.structure.city,)) for one in PRACTITIONERS]
    async with open_network(people, listed=[*listed, *WITHOUT_A_BOX]) as near:
        near.network.behave(FULL_AT_FIRST, Behaviour.FULL_AT_FIRST)
        yield replace(settings, mssante=near.mssante, annuaire=near.annuaire), near


def _smtp(network: Network, loop: asyncio.AbstractEventLoop) -> Callable[[], DsnSmtp]:
    return lambda: DsnSmtp(network, hostname="mx.mssante.example", loop=loop)


def _port(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port
