"""The decision table, as addresses answer it: every situation of one document, for each reader."""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from httpx import AsyncClient

from backend.domain.calendar import civil_day
from backend.storage.db import utcnow, vault_of
from backend.storage.documents import Document, set_visibility
from tests.access import oracle
from tests.access.domain import AIDANTS, ENDED, LETTERS, LIVING
from tests.access.oracle import Facts, decide
from tests.fixtures.twins import MakeTwins
from tests.twins import World

TABLE = oracle.load()
PATIENTS_DOOR = ("", "/document", "/original.pdf", "/visibilite", "/pas-a-moi")
GUESTS_DOOR = ("", "/document")
NOBODY: Facts = {"subject": "guardian", "guardianship": "none"}
LAURAS: dict[str, Facts] = {
    "laura": {"subject": "holder"},
    "guest": {"subject": "guest", "showing": "running", "visit": "running", "shower": "holder"},
    "karim": NOBODY,
    "nadia": NOBODY,
    "visitor": {"subject": "visitor"},
    "tilleuls": {"subject": "machine"},
}
"""Who asks for a document of Laura’s, who is of age."""
LEAS: dict[str, Facts] = {
    "karim for lea": {
        "subject": "guardian",
        "guardianship": "there",
        "from": "today",
        "until": "never",
        "revoked": "no",
    },
    "karim": NOBODY,
    "laura": NOBODY,
    "visitor": {"subject": "visitor"},
}
"""Who asks for a document of Léa’s, a child."""
ID = re.compile(r"/documents/([0-9a-f-]{36})")


def situations() -> Iterator[Facts]:
    """Every kind of document in a record that lives; one that nothing hides in each other."""
    for record in (*LIVING, *ENDED):
        for letter in LETTERS if record in LIVING else LETTERS[:1]:
            yield {"record": record, "account": "actif", **letter}


async def put(world: World, document: UUID, facts: Facts) -> None:
    """The document and its record as these facts say, as if they had always been so."""
    async with world.app.state.sessions() as db:
        row = await db.get_one(Document, document)
        db.expunge(row)
        row.masked, row.hidden_from_guardians = facts["masked"] == "yes", facts["hidden"] == "yes"
        row.withheld = facts["withheld"] != "no"
        set_visibility(vault_of(db), row)
    days = {"no": None, "yes": timedelta(30), "a-month": timedelta(31)}[facts["withheld"]]
    await world.run(
        "UPDATE document SET masked = :masked, withheld = :withheld, withheld_on = :since,"
        " hidden_from_guardians = :hidden, status = :status, visibility_mac = :mac"
        " WHERE id = :id",
        id=document,
        masked=row.masked,
        withheld=row.withheld,
        hidden=row.hidden_from_guardians,
        since=days and civil_day(utcnow()) - days,
        status=facts["status"],
        mac=row.visibility_mac,
    )
    await world.run(
        "UPDATE record SET state = :state WHERE id = :id",
        id=row.record_id,
        state=facts["record"],
    )


async def opened(client: AsyncClient, document: UUID) -> set[bool]:
    """Does each address of the document open? At the door of guests too."""
    addresses = [f"/documents/{document}{rest}" for rest in PATIENTS_DOOR]
    if "partage" in client.cookies:
        addresses = [f"/partage/documents/{document}{rest}" for rest in GUESTS_DOOR]
    return {(await client.get(path)).status_code == 200 for path in addresses}


async def check(world: World, document: UUID, readers: dict[str, Facts], **more: str) -> int:
    """Each address says what the table says; how many times it was yes."""
    yes = 0
    for facts in situations():
        await put(world, document, facts)
        for reader, who in readers.items():
            case = {**AIDANTS[0], "released_by_law": "yes", **facts, **who, **more}
            expected = decide(TABLE, case)
            assert expected is not None
            assert await opened(world.clients[reader], document) == {expected}, (reader, case)
            yes += expected
    return yes


async def hide_nothing(_world: World) -> None:
    """Both worlds are the same."""


async def test_a_document_of_an_adult_opens_to_whom_the_table_says(make_twins: MakeTwins) -> None:
    async with make_twins(hide_nothing, few=1) as twins:
        world = twins.plain
        shown = ID.findall((await world.clients["guest"].get("/partage/documents")).text)
        listed = ID.findall((await world.clients["laura"].get("/documents")).text)
        other = next(id_ for id_ in listed if id_ not in shown)
        assert await check(world, UUID(shown[0]), LAURAS, eighteen="never", chosen="yes")
        guest = {"guest": LAURAS["guest"]}
        assert not await check(world, UUID(other), guest, eighteen="never", chosen="no")


async def test_a_document_of_a_child_opens_to_whom_the_table_says(make_twins: MakeTwins) -> None:
    async with make_twins(hide_nothing, few=1) as twins:
        world = twins.plain
        page = (await world.clients["karim for lea"].get("/documents")).text
        (document,) = set(ID.findall(page))
        assert await check(world, UUID(document), LEAS, eighteen="tomorrow")
        await world.run(
            "UPDATE record SET minor_until = now() - interval '1 day'"
            " WHERE id = (SELECT record_id FROM document WHERE id = :id)",
            id=document,
        )
        parent = {"karim for lea": LEAS["karim for lea"]}
        assert not await check(world, UUID(document), parent, eighteen="yesterday")
