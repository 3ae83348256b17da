"""What machines and robots reach, and what they do not."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.access import Action, authorise
from backend.access.actors import Agent, Machine, Robot
from backend.access.scopes import deposited_by, records_by_ins, version_for_work
from backend.domain.calendar import civil_day
from backend.domain.reports import Traits
from backend.storage.db import utcnow, vault_of
from backend.storage.documents import Document, DocumentStatus, StoredFile, Version
from backend.storage.records import IdentityStatus, Record, RecordState, ins_index, new_record
from backend.storage.structures import Structure

TRAITS = Traits(
    matricule="279035121518989", oid="1.2.250.1.213.1.4.10", birth_name="PAT-TROIS", sex="F"
)
DRAWER = Robot("draw-pages")
LIVE = {RecordState.OPEN, RecordState.ACTIVE}


@dataclass
class Filed:
    """One document of one record, with its PDF, waiting to be drawn."""

    record: Record
    document: Document
    version: Version
    machine: Machine


@pytest.fixture
async def filed(db: AsyncSession) -> Filed:
    structure = Structure(id=uuid4(), finess="990000001", name="Laboratoire du Parc")
    record = new_record(
        db, TRAITS, state=RecordState.OPEN, status=IdentityStatus.QUAL, now=utcnow()
    )
    authorise(db, Robot("demo"), Action.CREATE_RECORD, record)
    db.add(structure)
    await db.flush()
    document = Document(
        id=uuid4(),
        record_id=record.id,
        structure_id=structure.id,
        set_index=b"set",
        type_code="11502-2",
        deposited_at=utcnow(),
        dated_on=civil_day(utcnow()),
        version_id=uuid4(),
        visibility_mac=b"",
    )
    db.add(document)
    await db.flush()
    version = Version(
        id=document.version_id,
        record_id=record.id,
        document_id=document.id,
        number=1,
        unique_index=b"unique",
        sha256=b"",
        size=0,
        received_at=utcnow(),
        sealed_summary=b"",
        sealed_report=b"",
        file_key="",
        pages_state="waiting",
    )
    db.add(version)
    await db.flush()
    db.add(
        StoredFile(
            record_id=record.id,
            version_id=version.id,
            part="pdf",
            media_type="application/pdf",
            file_key="",
            sealed_facts=b"",
        )
    )
    await db.flush()
    machine = Machine(uuid4(), structure.id, frozenset({"deposit:bio"}))
    return Filed(record, document, version, machine)


async def found(db: AsyncSession, oid: str = TRAITS.oid) -> Sequence[UUID]:
    query = records_by_ins([ins_index(vault_of(db), oid, TRAITS.matricule)])
    return (await db.scalars(query.with_only_columns(Record.id))).all()


@pytest.mark.parametrize("state", RecordState)
async def test_a_deposit_finds_live_records_only(
    db: AsyncSession, filed: Filed, state: RecordState
) -> None:
    filed.record.state = state
    await db.flush()
    assert await found(db) == ([filed.record.id] if state in LIVE else [])


@pytest.mark.parametrize("status", IdentityStatus)
async def test_a_deposit_finds_qualified_identities_only(
    db: AsyncSession, filed: Filed, status: IdentityStatus
) -> None:
    filed.record.identity.status = status
    await db.flush()
    assert await found(db) == ([filed.record.id] if status is IdentityStatus.QUAL else [])
    assert await found(db, oid="1.2.250.1.213.1.4.8") == []


async def test_a_machine_reaches_its_structures_documents_withdrawn_or_not(
    db: AsyncSession, filed: Filed
) -> None:
    neighbour = Machine(uuid4(), uuid4(), filed.machine.scopes)
    for status in DocumentStatus:
        filed.document.status = status
        await db.flush()
        assert (await db.scalars(deposited_by(filed.machine))).all() == [filed.document]
        assert (await db.scalars(deposited_by(neighbour))).all() == []
        assert (await db.scalars(deposited_by(Agent(filed.machine.id)))).all() == []


@pytest.mark.parametrize("state", RecordState)
async def test_but_only_those_of_live_records(
    db: AsyncSession, filed: Filed, state: RecordState
) -> None:
    filed.record.state = state
    await db.flush()
    mine = (await db.scalars(deposited_by(filed.machine))).all()
    assert mine == ([filed.document] if state in LIVE else [])


async def test_the_robot_that_draws_takes_the_version_with_its_file(
    db: AsyncSession, filed: Filed
) -> None:
    work = await version_for_work(db, DRAWER, filed.version.id, part="pdf")
    assert work
    assert work[:2] == (filed.version, filed.record)
    assert work[2].part == "pdf"


async def test_and_nothing_when_no_work_is_left(db: AsyncSession, filed: Filed) -> None:
    id_ = filed.version.id
    assert await version_for_work(db, Robot("tell"), id_, part="pdf") is None
    assert await version_for_work(db, DRAWER, id_, part="figure") is None
    assert await version_for_work(db, DRAWER, uuid4(), part="pdf") is None
    for row, name, over in (
        (filed.version, "pages_state", "ready"),
        (filed.document, "status", DocumentStatus.WITHDRAWN),
        (filed.document, "version_id", uuid4()),
        (filed.record, "state", RecordState.CLOSED),
    ):
        before = getattr(row, name)
        setattr(row, name, over)
        await db.flush()
        assert await version_for_work(db, DRAWER, id_, part="pdf") is None, name
        setattr(row, name, before)
        await db.flush()
    assert await version_for_work(db, DRAWER, id_, part="pdf")
