"""The carte Vitale, through a small connector on the desk’s own machine: JSON over loopback HTTP.

`GET /v1/carte` answers 200 and a reading, or a problem: 404 no card, 503 no reader, 422 a card
that does not read. What a page posts is that very answer. A reading is a key to ask INSi with, and
nothing more: no status comes of it, and the serial number of the card is not in it.
"""

from datetime import date
from urllib.parse import urlsplit

import httpx2
import msgspec
from msgspec import Struct

from backend.domain.errors import Refused, Unavailable
from backend.domain.ins import key_is_right
from backend.domain.rniv import plain_name
from backend.gateways.insi import ByCard

PROTOCOL = 1
PATH = "/v1/carte"
SECONDS = 15.0
"""Somebody puts the card in."""
LARGEST = 20_000
MOST_PEOPLE = 19
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class CardProblem(Refused):
    """Something to do at the desk, in words."""


class ConnectorDown(Unavailable):
    """The program that reads cards is not there."""

    message = (
        "Le lecteur de cartes de ce poste ne répond pas. Cherchez la personne par ses traits, "
        "ou relancez le connecteur."
    )


NOT_A_READING = "La lecture de la carte est incomplète. Retirez la carte et recommencez."
NO_READER = (
    "Le lecteur de cartes n’est pas branché à ce poste. Branchez-le et recommencez, ou cherchez "
    "la personne par ses traits."
)
PROBLEMS = {
    404: "Aucune carte dans le lecteur. Insérez la carte Vitale, puce vers vous.",
    422: "La carte ne se lit pas. Essuyez la puce et recommencez, ou cherchez par les traits.",
}


SAID = {**PROBLEMS, 503: NO_READER}
"""What a page tells of each status; of any other, and of silence, what `ConnectorDown` does."""


class Opener(Struct, frozen=True, forbid_unknown_fields=True):
    """The assuré of the card: a parent, for a child."""

    matricule: str
    key: str


class OnCard(Struct, frozen=True, forbid_unknown_fields=True):
    """One person written on the card."""

    given: str
    birth_date: date
    birth_name: str = ""
    used_name: str = ""
    rank: int = 1
    own: str = ""
    """Their own number, thirteen characters, when the card knows it."""


class Reading(Struct, frozen=True, forbid_unknown_fields=True):
    """What the card says."""

    protocol: int
    opener: Opener
    people: tuple[OnCard, ...]
    test: bool = False

    def question(self, place: int) -> ByCard:
        """What to ask INSi about the person at this place; CardProblem when there is none."""
        if not 0 <= place < len(self.people):
            raise CardProblem("Choisissez une personne de la carte.")
        one = self.people[place]
        return ByCard(
            opener=self.opener.matricule,
            birth_date=one.birth_date,
            rank=one.rank,
            own=one.own,
            birth_name=plain_name(one.birth_name),
        )


def read_reading(posted: bytes) -> Reading:
    """What the page posts, checked; CardProblem when no card says that."""
    if len(posted) > LARGEST:
        raise CardProblem(NOT_A_READING)
    try:
        reading = msgspec.json.decode(posted, type=Reading)
    except msgspec.DecodeError as error:
        raise CardProblem(NOT_A_READING) from error
    numbers = [one.own for one in reading.people if one.own]
    if (
        reading.protocol != PROTOCOL
        or not 1 <= len(reading.people) <= MOST_PEOPLE
        or not all(1 <= one.rank <= MOST_PEOPLE and plain_name(one.given) for one in reading.people)
        or not key_is_right(reading.opener.matricule + reading.opener.key)
        or any(len(number) != len(reading.opener.matricule) for number in numbers)
    ):
        raise CardProblem(NOT_A_READING)
    return reading


class Connector:
    """The program on this machine, asked directly: by the page’s stand-in, and by its status."""

    def __init__(self, url: str, *, seconds: float = SECONDS) -> None:
        if urlsplit(url).hostname not in LOOPBACK:
            raise ValueError("a connector is on this machine")
        self._url = f"{url.rstrip('/')}{PATH}"
        self._seconds = seconds

    async def read(self) -> Reading:
        """The card that is in the reader; CardProblem, or ConnectorDown."""
        try:
            async with httpx2.AsyncClient(timeout=self._seconds, trust_env=False) as client:
                answer = await client.get(self._url)
        except httpx2.HTTPError as error:
            raise ConnectorDown from error
        if problem := PROBLEMS.get(answer.status_code):
            raise CardProblem(problem)
        if not answer.is_success:
            raise ConnectorDown
        return read_reading(answer.content)
