"""The scopes, in PostgreSQL, against the decision table, over every case there is."""

from collections.abc import Set as AbstractSet
from uuid import UUID

import pytest
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.access.actors import (
    Actor,
    Agent,
    Machine,
    Patient,
    Professional,
    Robot,
    Supposed,
    Visitor,
)
from backend.access.scopes import (
    documents_for,
    files_for,
    notices_for,
    records_for,
    results_for,
    tombstones_for,
    versions_for,
)
from backend.storage.documents import Document, Notice, StoredFile, StoredResult, Version
from backend.storage.records import Record
from tests.access import domain, oracle, rows
from tests.access.conftest import Reading
from tests.access.domain import (
    AIDANTS,
    DOCTOR,
    LETTERS,
    PAPERS,
    PATIENTS,
    PEOPLE,
    REPORTS,
    SETTINGS,
    SHOWN,
    STRUCTURE,
    YN,
    Case,
    Cases,
    allowed,
    case_of,
    guest,
    moment,
    pairs,
    person,
    seen,
)
from tests.access.oracle import Facts

TABLE = oracle.load()
AT = moment(AIDANTS[1])
PHYSICIAN = Professional(DOCTOR, STRUCTURE, "10")
PHARMACIST = Professional(DOCTOR, STRUCTURE, "21/G")
OUTSIDERS: tuple[Actor, ...] = (
    Visitor(),
    Visitor(half=UUID(int=1)),
    Agent(DOCTOR),
    Machine(DOCTOR, STRUCTURE, frozenset({"deposit:bio"})),
    Robot("tell"),
    Professional(DOCTOR, None, "10"),
    Professional(UUID(int=1), UUID(int=2), "10"),
)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: "-".join(setting.values()))
@pytest.mark.parametrize("actor", [PHYSICIAN, PHARMACIST], ids=["physician", "pharmacist"])
async def test_a_professional_sees_what_the_table_says(
    read: Reading, actor: Professional, setting: Facts
) -> None:
    found = await read(actor, setting)
    expected = read_by(actor, setting)
    assert explain(found, expected, PATIENTS, REPORTS) == []
    assert found


@pytest.mark.parametrize(("profession", "physician"), [("10", "yes"), ("21/G", "no")])
async def test_a_supposed_professional_sees_what_one_of_the_team_would(
    patients: AsyncConnection, profession: str, physician: str
) -> None:
    """« Voir comme »: somebody who wrote nothing, was let in, and is neither blocked nor urgent."""
    supposed = {"blocked": "no", "objected": "no", "in_team": "yes", "informed": "yes"}
    supposed |= {"treating": "no", "emergency": "none"}
    unknown = [{**kind, "author": "none"} for kind in REPORTS]
    let_in = [{**facts, **supposed} for facts in PATIENTS]
    more = {"activity": "one", "physician": physician, **SETTINGS[0]}
    for n in range(0, len(PATIENTS), 97):
        query = documents_for(Supposed.of(profession, UUID(int=n)), AT)
        if n or profession != "10":  # of every record once: that takes seconds
            query = query.where(Document.record_id.in_([UUID(int=n), UUID(int=n + 1)]))
        expected = allowed(TABLE, [let_in[n]], unknown, **more)
        assert await seen(patients, query) == ({n: expected[0]} if expected else {})


@pytest.mark.parametrize("actor", OUTSIDERS, ids=repr)
async def test_nobody_else_sees_anything(patients: AsyncConnection, actor: Actor) -> None:
    for query in (documents_for(actor, AT), tombstones_for(actor, AT)):
        assert await seen(patients, query) == {}
    assert list(await patients.scalars(records_for(actor, AT).with_only_columns(Record.id))) == []


@pytest.mark.parametrize("setting", AIDANTS, ids=lambda setting: "-".join(setting.values()))
async def test_a_person_sees_what_the_table_says(people: AsyncConnection, setting: Facts) -> None:
    expected = allowed(TABLE, PEOPLE, LETTERS, **setting)
    for n in range(0, len(PEOPLE), 1 if setting == AIDANTS[1] else 5):
        found = await seen(people, documents_for(person(n), moment(setting)))
        assert explain(found, only(expected, n), PEOPLE, LETTERS) == []


async def test_a_guest_sees_what_the_table_says(engine: AsyncEngine) -> None:
    expected = allowed(TABLE, SHOWN, PAPERS)
    async with engine.connect() as db:
        await rows.build(db, SHOWN, PAPERS)
        for n in range(len(SHOWN)):
            found = await seen(db, documents_for(guest(n), AT))
            assert explain(found, only(expected, n), SHOWN, PAPERS) == []
        await db.rollback()
    assert expected


async def test_the_scope_believes_the_tables_not_the_session(people: AsyncConnection) -> None:
    """Neither « this record is mine » nor « I look at my own » opens anything."""
    plain = allowed(TABLE, PEOPLE, LETTERS, **AIDANTS[1])
    guardians = [n for n, facts in enumerate(PEOPLE) if facts["subject"] == "guardian"]
    for n in (n for n in guardians if plain.get(n, 0) & 1):
        itself = person(n)
        liar = Patient(itself.id, itself.record_id, itself.record_id, itself.session_id)
        assert await seen(people, documents_for(liar, AT)) == only(plain, n)
        stranger = Patient(UUID(int=9), itself.record_id, itself.record_id, itself.session_id)
        assert await seen(people, documents_for(stranger, AT)) == {}


async def test_what_was_withdrawn_leaves_a_tombstone_to_those_who_could_see_it(
    patients: AsyncConnection, people: AsyncConnection
) -> None:
    left = graves(read_by(PHYSICIAN, SETTINGS[0]), REPORTS)
    assert await seen(patients, tombstones_for(PHYSICIAN, AT)) == left
    left = graves(allowed(TABLE, PEOPLE, LETTERS, **AIDANTS[1]), LETTERS, withheld={"no"})
    for n in range(0, len(PEOPLE), 7):
        assert await seen(people, tombstones_for(person(n), AT)) == only(left, n)


async def test_a_person_knows_the_records_whose_plain_documents_they_read(
    people: AsyncConnection,
) -> None:
    readable = allowed(TABLE, PEOPLE, LETTERS, **AIDANTS[1])
    for n in range(0, len(PEOPLE), 3):
        query = records_for(person(n), AT).with_only_columns(Record.id)
        found = [id_.int for id_ in await people.scalars(query)]
        assert found == ([n] if readable.get(n, 0) & 1 else [])


async def test_a_professional_knows_the_records_that_the_decisions_open(
    patients: AsyncConnection,
) -> None:
    some = range(0, len(PATIENTS), 7)  # all of them would take minutes
    query = records_for(PHYSICIAN, AT).where(Record.id.in_([UUID(int=n) for n in some]))
    found = {id_.int for id_ in await patients.scalars(query.with_only_columns(Record.id))}
    reading = {n for n in read_by(PHYSICIAN, SETTINGS[0]) if n in some}
    assert reading <= found
    assert all(PATIENTS[n]["mask_all"] == "yes" for n in found - reading)
    for n in found:
        assert PATIENTS[n]["record"] in {"ouvert", "actif"}
        assert PATIENTS[n]["blocked"] == "no"


async def test_everything_about_a_document_is_seen_with_it(
    patients: AsyncConnection, people: AsyncConnection
) -> None:
    """Invariant I4: existence is content."""
    some = await rows.build_contents(patients, every=40)
    await check_contents(patients, PHYSICIAN, some, wrote=True)
    await check_contents(patients, PHARMACIST, some, wrote=True)
    await check_contents(patients, OUTSIDERS[3], some, wrote=False)
    some = await rows.build_contents(people)
    for n in range(0, len(PEOPLE), 97):
        await check_contents(people, person(n), some, wrote=False)


async def check_contents(
    db: AsyncConnection, actor: Actor, some: set[Case], *, wrote: bool
) -> None:
    documents = pairs(await seen(db, documents_for(actor, AT))) & some
    gone = pairs(await seen(db, tombstones_for(actor, AT))) & some
    history = {(n, k) for n, k in documents if wrote and REPORTS[k]["author"] != "none"}
    versions = await ids(db, versions_for(actor, AT).with_only_columns(Version.id))
    assert versions == (history, documents)
    files = await ids(db, files_for(actor, AT).with_only_columns(StoredFile.id))
    assert files == (history, documents)
    results = await ids(db, results_for(actor, AT).with_only_columns(StoredResult.id))
    assert results == (set(), documents)
    notices = await ids(db, notices_for(actor, AT).with_only_columns(Notice.id))
    assert notices == (documents, documents | gone)


async def ids(db: AsyncConnection, query: Select[UUID]) -> tuple[set[Case], set[Case]]:
    """The cases of first versions (or notices of kind `new`), and of the others."""
    first: set[Case] = set()
    current: set[Case] = set()
    for id_ in await db.scalars(query):
        (current if id_.int >> 96 & domain.CURRENT else first).add(case_of(id_))
    return first, current


def only(cases: Cases, n: int) -> Cases:
    """Those of record `n`."""
    return {n: cases[n]} if n in cases else {}


def graves(
    readable: Cases, kinds: list[Facts], *, withheld: AbstractSet[str] = frozenset(YN)
) -> Cases:
    """The withdrawn documents of which the same, not withdrawn, is readable.

    What was withheld when it was withdrawn was never known to its patient.
    """
    twins = {
        k: kinds.index({**kind, "status": "current"})
        for k, kind in enumerate(kinds)
        if kind["status"] == "withdrawn" and kind["withheld"] in withheld
    }
    left = {n: sum((was >> twins[k] & 1) << k for k in twins) for n, was in readable.items()}
    return {n: gone for n, gone in left.items() if gone}


def read_by(actor: Professional, setting: Facts) -> Cases:
    """What the table lets this professional read."""
    physician = "yes" if actor == PHYSICIAN else "no"
    return allowed(TABLE, PATIENTS, REPORTS, activity="one", physician=physician, **setting)


def explain(found: Cases, expected: Cases, records: list[Facts], kinds: list[Facts]) -> list[Facts]:
    """The facts of the first few that differ."""
    differing = {n: found.get(n, 0) ^ expected.get(n, 0) for n in {*found, *expected}}
    return [{**records[n], **kinds[k]} for n, k in sorted(pairs(differing))[:3]]
