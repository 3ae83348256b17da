"""The carte Vitale through its connector, over real HTTP: a key to ask INSi with, nothing more."""

from typing import Any

import httpx
import msgspec
import pytest

from backend.demo.insi import FakeInsi
from backend.demo.listening import listen
from backend.demo.people import KARIM, LEA
from backend.demo.vitale import FakeReader, card_of, open_reader
from backend.domain.errors import Refused
from backend.gateways.insi import ByCard
from backend.gateways.vitale import (
    LARGEST,
    CardProblem,
    Connector,
    ConnectorDown,
    read_reading,
)

CARD = card_of(KARIM)


async def test_a_card_says_who_is_on_it() -> None:
    async with open_reader(FakeReader(CARD)) as address:
        reading = await Connector(address).read()
    assert [one.given for one in reading.people] == ["KARIM", "LEA", "NOE"]
    own, child = reading.question(0), reading.question(1)
    assert own == ByCard(
        KARIM.traits.matricule[:13],
        reading.people[0].birth_date,
        own=KARIM.traits.matricule[:13],
        birth_name="BENALI",
    )
    assert (child.own, child.birth_date) == ("", LEA.traits.birth_date)
    for place in (-1, 3):
        with pytest.raises(Refused, match="Choisissez"):
            reading.question(place)


async def test_what_goes_wrong_at_the_desk_is_said() -> None:
    reader = FakeReader()
    async with open_reader(reader) as address:
        connector = Connector(address)
        with pytest.raises(CardProblem, match="Aucune carte"):
            await connector.read()
        reader.status = 422
        with pytest.raises(CardProblem, match="puce"):
            await connector.read()
        reader.status = 503
        with pytest.raises(ConnectorDown):
            await connector.read()
        reader.status, reader.card = 200, {"protocol": 1}
        with pytest.raises(CardProblem, match="incomplète"):
            await connector.read()
    with pytest.raises(ConnectorDown):
        await connector.read()
    async with listen(FakeInsi()) as another:
        with pytest.raises(CardProblem):
            await Connector(another).read()


OURS, ANOTHERS = "http://localhost:8000", "https://ailleurs.example"


async def test_the_pages_of_nobody_else_are_answered() -> None:
    reader = FakeReader(CARD, origins={OURS})
    near = {
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Private-Network": "true",
    }
    async with open_reader(reader) as address, httpx.AsyncClient(base_url=address) as browser:
        mine = await browser.get("/v1/carte", headers={"Origin": OURS})
        assert (mine.status_code, mine.json()) == (200, CARD)
        assert mine.headers["access-control-allow-origin"] == OURS
        assert (mine.headers["vary"], mine.headers["cache-control"]) == ("Origin", "no-store")
        asked = await browser.options("/v1/carte", headers={"Origin": OURS} | near)
        assert asked.status_code == 204
        assert asked.headers["access-control-allow-private-network"] == "true"
        assert asked.headers["access-control-allow-methods"] == "GET"
        reader.status = 422
        failed = await browser.get("/v1/carte", headers={"Origin": OURS})
        assert failed.headers["access-control-allow-origin"] == OURS, "or no page knows which"
        reader.status = 200
        for origin in (ANOTHERS, "null", f"{OURS}0", "http://localhost"):
            for method in ("GET", "OPTIONS"):
                other = await browser.request(
                    method, "/v1/carte", headers={"Origin": origin} | near
                )
                assert other.status_code == 403
                assert not [name for name in other.headers if name.startswith("access-control")]
                assert CARD["opener"]["matricule"] not in other.text


def test_a_connector_is_on_this_machine() -> None:
    for url in ("http://10.0.0.7:9982", "http://lecteur.example", "file:///etc/passwd"):
        with pytest.raises(ValueError, match="machine"):
            Connector(url)


CHANGES: list[dict[str, Any]] = [
    {"protocol": 2},
    {"people": []},
    {"people": [CARD["people"][0]] * 20},
    {"people": [CARD["people"][0] | {"rank": 0}]},
    {"people": [CARD["people"][0] | {"own": "18207"}]},
    {"people": [CARD["people"][0] | {"given": " "}]},
    {"people": [CARD["people"][0] | {"birth_date": "1982-02-30"}]},
    {"opener": CARD["opener"] | {"key": "99"}},
    {"status": "QUAL"},
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_page_may_post_nothing_that_a_card_does_not_say(change: dict[str, Any]) -> None:
    read_reading(msgspec.json.encode(CARD))
    with pytest.raises(CardProblem, match="incomplète"):
        read_reading(msgspec.json.encode(CARD | change))


@pytest.mark.parametrize("posted", [b"", b"{", b"[]", b"\xff", b" " * (LARGEST + 1)])
def test_nonsense_is_not_a_reading(posted: bytes) -> None:
    with pytest.raises(CardProblem):
        read_reading(posted)
