"""The demonstration's deposits, through the real door, and the words that greet whoever runs it."""

import asyncio
import sys

import httpx2
import segno
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from backend.demo.people import LABORATORIES, everyone
from backend.demo.reports import demo_messages
from backend.domain.calendar import civil_day
from backend.interop.client import Sender
from backend.storage.db import Sessions, utcnow
from backend.storage.documents import Receipt

SECONDS = 30.0


async def deposit_all(sessions: Sessions, url: str) -> tuple[int, int]:
    """(accepted, refused) of the sample messages; nothing when they were sent before."""
    async with sessions() as db:
        if await db.scalar(select(select(Receipt).exists())):
            return 0, 0
    accepted = refused = 0
    async with httpx2.AsyncClient(base_url=url, timeout=SECONDS) as client:
        secrets = {lab.client_id: lab.client_secret for lab in LABORATORIES}
        tokens = {name: await Sender(client, name, secrets[name]).token() for name in secrets}
        today = civil_day(utcnow())
        for _name, client_id, message in await asyncio.to_thread(list, demo_messages(today)):
            sender = Sender(client, client_id, secrets[client_id])
            answer = await sender.send(tokens[client_id], message)
            if b"MSA|AA" in answer:
                accepted += 1
            else:
                refused += 1
    return accepted, refused


def greet(url: str, phone_url: str | None, accepted: int, refused: int) -> None:
    """Where to go, as whom, and how to find the codes."""
    console = Console(highlight=False)
    console.print(f"\n[bold]Repères[/bold] · démonstration, personnes fictives\n{url}\n")
    if accepted or refused:
        console.print(
            f"Comptes rendus déposés par la porte HL7v2 : {accepted} (refusés : {refused})"
        )
    table = Table("Personne", "Identifiant", "Mot de passe")
    for someone in everyone():
        if someone.identifier:
            table.add_row(someone.key.capitalize(), someone.identifier, someone.password)
    console.print(table)
    console.print(f"Les codes reçus par e-mail et SMS : {url}/demo/boite")
    console.print(f"Tous les comptes et les clients des laboratoires : {url}/demo/comptes.json\n")
    if phone_url:
        console.print(f"Sur un téléphone du même réseau : {phone_url}")
        segno.make(phone_url, error="m").terminal(compact=True)
    sys.stdout.flush()
