"""What is hidden does not exist, in short: `tests/proofs/test_existence.py` asks much more."""

from collections.abc import Mapping

import pytest
from httpx import AsyncClient, Response

from backend.demo.reports import DemoDeposit
from backend.domain.formats.hl7v2_writer import Action
from tests.fixtures.twins import MakeTwins
from tests.hiding import FROM_GUARDIANS, Sent, another, deposit, ways
from tests.twins import Asked, Difference

Reports = Mapping[str, DemoDeposit]


async def searched(client: AsyncClient, typed: str) -> Response:
    """What the form of the list answers."""
    await client.get("/documents")
    form = {"_csrf_token": client.cookies["csrf"], "mots": typed}
    return await client.post("/documents/recherche", data=form, follow_redirects=False)


@pytest.mark.parametrize(
    ("reader", "way"),
    [
        ("laura", "withheld among others"),
        ("karim for lea", "hidden from guardians and withdrawn"),
        ("karim for lea", "in secret"),
    ],
)
async def test_a_reader_cannot_tell_a_world_that_hides_from_one_that_does_not(
    make_twins: MakeTwins, reports: Reports, reader: str, way: str
) -> None:
    messages = ways(reports)[way]
    async with make_twins(lambda world: deposit(world, messages), few=1) as twins:
        assert twins.hidden
        assert await twins.compare(reader) == set()
        assert twins.compare_letters(but="") == set()


async def test_a_search_finds_nothing_of_what_is_hidden(
    make_twins: MakeTwins, reports: Reports
) -> None:
    messages = ways(reports)["withheld today"] + ways(reports)["withheld among others"]
    async with make_twins(lambda world: deposit(world, messages), few=1) as twins:
        laura, found = twins.plain.clients["laura"], set[str]()
        differences = set[Difference]()
        for typed in ("gad", "anticorps", "glycemie", "estuaire", "cholesterol"):
            to = (await searched(laura, typed)).headers["location"]
            one, _ = await twins.both("laura", Asked("(search)", "GET", to), differences)
            assert "contien" in one.text
            found |= {typed} if "Aucun document" not in one.text else set()
        assert differences == set()
        assert {"glycemie", "estuaire"} <= found
        assert "gad" not in found


async def test_guardians_are_not_told_that_what_they_can_read_now_was_hidden_before(
    make_twins: MakeTwins, reports: Reports
) -> None:
    first, second = (another(reports["lea-bilan-v1"].report, 800, version=v) for v in (1, 2))
    late = [Sent(first, FROM_GUARDIANS), Sent(second, action=Action.REPLACE)]
    async with make_twins(lambda world: deposit(world, late), few=1) as twins:
        page = (await twins.hiding.clients["karim for lea"].get("/")).text
        assert "Nouveau résultat" in page
        assert "corrigé" not in page
