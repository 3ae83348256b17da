"""An emulator of the connector that reads cartes Vitale: the demonstration’s people have one.

A page of ours asks it from the browser, which is another origin: it answers our pages alone, and
says so before, as browsers ask of what listens on their own machine (CORS, Private Network Access).
"""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import msgspec

from backend.demo.listening import LOOPBACK, Call, Reply, listen
from backend.demo.people import Someone, everyone
from backend.gateways.vitale import PATH, PROTOCOL
from backend.settings import Settings

KIND = "application/json"


def card_of(holder: Someone) -> dict[str, Any]:
    """What is written on somebody’s card: themselves, and the children paid for under it.

    A child is there without a number: the only one on the card is the parent’s.
    """
    number = holder.traits.matricule
    children = [one for one in everyone() if one.parents[:1] == (holder.key,)]
    people = [_written(holder) | {"own": number[:13]}, *map(_written, children)]
    opener = {"matricule": number[:13], "key": number[13:]}
    return {"protocol": PROTOCOL, "test": True, "opener": opener, "people": people}


class FakeReader:
    """A reader: with a card, without one, unplugged, or with a card that does not read."""

    def __init__(
        self, card: dict[str, Any] | None = None, *, origins: Collection[str] = ()
    ) -> None:
        self.card = card
        self.status = 200
        """Anything else is answered whatever the card."""
        self.origins = frozenset(origins)
        """Whose pages may ask; a program says no origin, and may."""

    async def __call__(self, call: Call) -> Reply:
        """One request."""
        if call.origin and call.origin not in self.origins:
            return _problem(403, "origin")
        reply = self._preflight() if call.method == "OPTIONS" else self._answer(call)
        headers = {"Cache-Control": "no-store", "Vary": "Origin", **reply.headers}
        if call.origin:
            headers["Access-Control-Allow-Origin"] = call.origin
        return replace(reply, headers=headers)

    def _answer(self, call: Call) -> Reply:
        if (call.method, call.path) != ("GET", PATH):
            return _problem(405, "method")
        if self.status != 200:  # noqa: PLR2004 - HTTP
            return _problem(self.status, "reader")
        if self.card is None:
            return _problem(404, "no-card")
        return Reply(200, KIND, msgspec.json.encode(self.card))

    def _preflight(self) -> Reply:
        allowed = {
            "Access-Control-Allow-Methods": "GET",
            "Access-Control-Allow-Private-Network": "true",
        }
        return Reply(204, KIND, b"", allowed)


@asynccontextmanager
async def open_reader(
    reader: FakeReader, *, port: int = 0, host: str = LOOPBACK
) -> AsyncIterator[str]:
    """The address of the connector on this machine, until left."""
    async with listen(reader, port=port, host=host) as address:
        yield address


def origins_of(settings: Settings) -> frozenset[str]:
    """Our pages, by the names that a browser of this machine has for them."""
    here = (f"http://{name}:{settings.port}" for name in ("localhost", LOOPBACK))
    return frozenset({settings.public_url, *here})


def _problem(status: int, word: str) -> Reply:
    return Reply(status, KIND, msgspec.json.encode({"problem": word}))


def _written(one: Someone) -> dict[str, Any]:
    traits = one.traits
    return {
        "birth_name": traits.birth_name,
        "used_name": traits.used_name,
        "given": traits.first_given,
        "birth_date": str(traits.birth_date),
        "rank": 1,
    }
