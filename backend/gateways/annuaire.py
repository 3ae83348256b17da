"""The Annuaire santé: the MSSanté mailboxes of a professional or a structure, by their number.

Fifteen questions a second at most, under the seventeen that it allows (interop.md §4.3); an answer
serves for an hour, in memory.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from backend.domain.dispatches.mailboxes import Box
from backend.domain.errors import Refused, Unavailable
from backend.domain.formats.fhir_directory import read_boxes
from backend.settings import Annuaire

PROFESSIONALS = "urn:oid:1.2.250.1.71.4.2.1"
STRUCTURES = "https://finess.esante.gouv.fr"
TIMEOUT = 10.0
"""Seconds in all, for whoever asks holds a dispatch meanwhile."""
PACE = 1 / 15
FRESH = 3600.0
MOST = 1_000
LARGEST = 2_000_000


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
        self._known: dict[str, tuple[float, list[Box]]] = {}

    async def of_professional(self, national_id: str) -> list[Box]:
        """Theirs, and those of the places where they work; Unavailable when it does not answer."""
        number = f"{PROFESSIONALS}|{national_id}"
        async with _in_time():
            own = await self._ask("Practitioner", "identifier", number)
            return own + await self._ask("PractitionerRole", "practitioner.identifier", number)

    async def of_structure(self, finess: str) -> list[Box]:
        """Those of the structure itself."""
        async with _in_time():
            return await self._ask("Organization", "identifier", f"{STRUCTURES}|{finess}")

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _ask(self, kind: str, name: str, value: str) -> list[Box]:
        question, now = f"{kind}|{value}", time.monotonic()
        known = self._known.get(question)
        if known and now - known[0] < FRESH:
            return known[1]
        async with self._turn:
            await asyncio.sleep(max(0.0, self._asked_at + PACE - time.monotonic()))
            self._asked_at = time.monotonic()
        boxes = await self._get(kind, {name: value, "_count": "50"})
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[question] = time.monotonic(), boxes
        return boxes

    async def _get(self, kind: str, query: dict[str, str]) -> list[Box]:
        try:
            answer = await self._client.get(f"{self._url}/{kind}", params=query)
            if answer.status_code != httpx2.codes.OK or len(answer.content) > LARGEST:
                raise Unavailable
            return read_boxes(answer.content)
        except (httpx2.HTTPError, Refused) as error:
            raise Unavailable from error


@asynccontextmanager
async def _in_time() -> AsyncIterator[None]:
    """One that sends a byte now and then does not answer either."""
    try:
        async with asyncio.timeout(TIMEOUT):
            yield
    except TimeoutError as error:
        raise Unavailable from error


class NoAnnuaire:
    """Nobody to ask: a recipient without an address has none."""

    async def of_professional(self, national_id: str) -> list[Box]:  # noqa: ARG002 - the same shape
        return []

    async def of_structure(self, finess: str) -> list[Box]:  # noqa: ARG002 - the same
        return []
