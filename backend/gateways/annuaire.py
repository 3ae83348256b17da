"""The Annuaire santé: the MSSanté mailboxes of professionals and structures, by number or name.

Fifteen questions a second at most, under the seventeen that it allows (interop.md §4.3); an answer
serves for an hour, in memory.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx2

from backend.domain.dispatches.listed import Asked, Listed
from backend.domain.dispatches.mailboxes import Box
from backend.domain.errors import Refused, Unavailable
from backend.domain.formats.fhir_directory import read_boxes
from backend.domain.formats.fhir_professionals import PROFESSIONALS, read_professionals
from backend.settings import Annuaire

STRUCTURES = "https://finess.esante.gouv.fr"
TIMEOUT = 10.0
"""Seconds in all, for whoever asks holds a dispatch meanwhile."""
PATIENCE = 3.0
"""The same for somebody who looks for people: their page is given four (`web/shedding.py`)."""
PACE = 1 / 15
FRESH = 3600.0
MOST = 1_000
LARGEST = 2_000_000
AROUND = {
    "_revinclude": "PractitionerRole:practitioner",
    "_include:iterate": "PractitionerRole:organization",
}
"""With somebody, what they do and where."""

A = TypeVar("A")
Read = Callable[[bytes], list[A]]


class AnnuaireSante:
    """Asks one directory with one key; close with `aclose`."""

    def __init__(self, annuaire: Annuaire) -> None:
        self._url = annuaire.url
        self._client = httpx2.AsyncClient(
            headers={"ESANTE-API-KEY": annuaire.key, "Accept": "application/fhir+json"},
            timeout=TIMEOUT,
            trust_env=False,
        )
        self._turn = asyncio.Lock()
        self._asked_at = 0.0
        self._known: dict[str, tuple[float, list[Any]]] = {}

    async def of_professional(self, national_id: str) -> list[Box]:
        """Theirs, and those of the places where they work; Unavailable when it does not answer."""
        number = f"{PROFESSIONALS}|{national_id}"
        async with _in_time():
            own = await self._ask("Practitioner", {"identifier": number}, read_boxes)
            theirs = {"practitioner.identifier": number}
            return own + await self._ask("PractitionerRole", theirs, read_boxes)

    async def of_structure(self, finess: str) -> list[Box]:
        """Those of the structure itself."""
        async with _in_time():
            number = {"identifier": f"{STRUCTURES}|{finess}"}
            return await self._ask("Organization", number, read_boxes)

    async def find(self, asked: Asked) -> list[Listed]:
        """Professionals by their number, or by all these words of their name."""
        named: dict[str, Any] = {"name": [*asked.names], "active": "true"}
        number = {"identifier": f"{PROFESSIONALS}|{asked.national_id}"}
        query = (number if asked.national_id else named) | AROUND
        async with _in_time(PATIENCE):
            return await self._ask("Practitioner", query, read_professionals)

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _ask(self, kind: str, query: dict[str, Any], read: Read[A]) -> list[A]:
        question, now = f"{kind}|{query}", time.monotonic()
        known = self._known.get(question)
        if known and now - known[0] < FRESH:
            return known[1]
        async with self._turn:
            await asyncio.sleep(max(0.0, self._asked_at + PACE - time.monotonic()))
            self._asked_at = time.monotonic()
        found = await self._get(kind, {**query, "_count": "50"}, read)
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[question] = time.monotonic(), found
        return found

    async def _get(self, kind: str, query: dict[str, Any], read: Read[A]) -> list[A]:
        try:
            answer = await self._client.get(f"{self._url}/{kind}", params=query)
            if answer.status_code != httpx2.codes.OK or len(answer.content) > LARGEST:
                raise Unavailable
            return read(answer.content)
        except (httpx2.HTTPError, Refused) as error:
            raise Unavailable from error


@asynccontextmanager
async def _in_time(seconds: float = TIMEOUT) -> AsyncIterator[None]:
    """One that sends a byte now and then does not answer either."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise Unavailable from error


class NoAnnuaire:
    """Nobody to ask: a recipient without an address has none."""

    async def of_professional(self, national_id: str) -> list[Box]:  # noqa: ARG002 - the same shape
        return []

    async def of_structure(self, finess: str) -> list[Box]:  # noqa: ARG002 - the same
        return []

    async def find(self, asked: Asked) -> list[Listed]:  # noqa: ARG002 - the same
        """Nobody can be looked for: the same as one that does not answer."""
        raise Unavailable
