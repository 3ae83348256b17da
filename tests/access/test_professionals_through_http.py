"""The decision table, as addresses answer it to professionals: every rule, each pair it decides.

One record holds documents of many kinds; its person’s decisions change from case to case. What the
page of the record lists, and what opens at the address of each document, is what the table says.
"""

import random
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from litestar import Litestar
from msgspec.structs import replace
from sqlalchemy import insert, select, text, update

from backend.access.scopes import Policy
from backend.app import create_app
from backend.demo.people import TILLEULS
from backend.demo.reports import DemoDeposit
from backend.domain.calendar import civil_day
from backend.services import even
from backend.storage.care import CareLink, Consultation, EmergencyAccess
from backend.storage.db import utcnow, vault_of
from backend.storage.documents import Document, Version, set_visibility
from backend.storage.records import Record
from backend.storage.structures import Professional, Structure
from tests.access import oracle
from tests.access.domain import DECISIONS, PATIENTS, REPORTS, SETTINGS, SWITCHES
from tests.access.oracle import Facts, narrow
from tests.access.rows import MASKED_CATEGORIES, TYPES
from tests.fixtures.application import client_of, running, settings_for
from tests.fixtures.database import Databases
from tests.hiding import another
from tests.laboratory import Laboratory
from tests.pro.records import Consulting

TABLE = oracle.load()
DOCUMENTS = 18
"""In the record: fewer than a page of the list."""
CASES = 2
"""Of each rule."""
ADDRESSES = ("", "/document", "/original.pdf")
PROFESSIONS = {"yes": "10", "no": "21/G"}
ELSEWHERE = {"D0", "D1", "P1"}
"""Nobody signed in, no account, no activity: none of these has a page of a professional."""
RULES = [
    row
    for row in TABLE
    if "professional" in dict(row.when).get("subject", {"professional"})
    and row.rule not in ELSEWHERE
]


@dataclass
class Ward:
    """One professional at work, and the record of somebody who decides."""

    app: Litestar
    desk: Consulting
    who: UUID
    here: UUID
    elsewhere: UUID
    record: UUID
    documents: list[UUID]
    somebody: UUID


@pytest.fixture(scope="module")
async def ward(
    databases: Databases,
    world_template: str,
    reports: Mapping[str, DemoDeposit],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Ward]:
    url = databases.copy(world_template)
    app = create_app(settings_for(url, tmp_path_factory.mktemp("table")))
    async with running(app):
        laboratory, model = Laboratory(client_of(app), "sgl-estuaire"), reports["laura-ecbu-v1"]
        for number in range(DOCUMENTS):
            report = another(model.report, number)
            if number == 0:  # a PDF to download
                report = replace(report, media=model.report.media)
            assert "MSA|AA" in await laboratory.deposit(report)
        desk = Consulting(app)
        await desk.works("martin")
        async with app.state.sessions() as db:
            rows = await db.execute(
                select(Document.id, Document.record_id)
                .join(Version, Version.id == Document.version_id)
                .order_by(Version.pages_state == "none", Document.id)
            )
            found = rows.all()
            here = await db.scalar(text("SELECT structure_id FROM pro_session"))
            who = await db.scalar(text("SELECT professional_id FROM pro_session"))
            tilleuls = Structure.finess == TILLEULS.structure.finess
            elsewhere = await db.scalar(select(Structure.id).where(tilleuls))
            other = await db.scalar(select(Professional.id).where(Professional.id != who).limit(1))
        ids = [id_ for id_, _ in found]
        yield Ward(app, desk, who, here, elsewhere, found[0][1], ids, other)
    databases.drop(url)


def cases() -> Iterator[tuple[Facts, list[Facts]]]:
    """Relations and kinds of document between which each rule decides: chance finds them."""
    dice = random.Random(20261127)
    for row in RULES:
        able = [facts for facts in PATIENTS if _meets(row.when, facts)]
        found = 0
        while found < CASES:
            setting = dice.choice([one for one in SETTINGS if _meets(row.when, one)])
            physician = dice.choice(sorted(dict(row.when).get("physician", {"yes", "no"})))
            facts = {**dice.choice(able), **setting, "physician": physician, "activity": "one"}
            kinds = dice.sample(REPORTS, DOCUMENTS)
            if any(_decides(facts, kind) is row for kind in kinds):
                found += 1
                yield facts, kinds


def _decides(facts: Facts, kind: Facts) -> oracle.Row:
    """The rule of this pair."""
    (row, *_) = narrow(TABLE, {**facts, **kind})
    return next(one for one in TABLE if one.rule == row.rule)


def _meets(when: tuple[oracle.Condition, ...], facts: Facts) -> bool:
    return all(facts[name] in values for name, values in when if name in facts)


async def put(ward: Ward, facts: Facts, kinds: list[Facts]) -> None:
    """The record, what its person decided, and the documents, as these facts say."""
    now = utcnow()
    async with ward.app.state.engine.begin() as db:
        for table in ("care_link", "emergency_access", "consultation", "rate_limit"):
            await db.execute(text(f"DELETE FROM {table}"))
        await db.execute(
            update(Record)
            .where(Record.id == ward.record)
            .values(
                state=facts["record"],
                mask_all=facts["mask_all"] == "yes",
                masked_categories=MASKED_CATEGORIES,
                **{name: facts[name] == "yes" for name in SWITCHES},
            )
        )
        await db.execute(
            text("UPDATE pro_session SET profession = :it"),
            {"it": PROFESSIONS[facts["physician"]]},
        )
        for row in _rows(ward, facts, now):
            await db.execute(row)
    async with ward.app.state.sessions() as db:
        documents = [await db.get_one(Document, id_) for id_ in ward.documents]
        changes = []
        for document, kind in zip(documents, kinds, strict=True):
            db.expunge(document)
            document.masked = kind["masked"] == "yes"
            document.withheld = kind["withheld"] == "yes"
            document.hidden_from_guardians = kind["hidden"] == "yes"
            set_visibility(vault_of(db), document)
            changes.append(_change(ward, document, kind, now))
    async with ward.app.state.engine.begin() as db:
        await db.execute(CHANGE, changes)


CHANGE = text(
    "UPDATE document SET masked = :masked, withheld = :withheld, withheld_on = :since,"
    " hidden_from_guardians = :hidden, status = :status, visibility_mac = :mac,"
    " structure_id = :structure, author_id = :author, type_code = :type_code WHERE id = :id"
)


def _change(ward: Ward, document: Document, kind: Facts, now: datetime) -> dict[str, Any]:
    author = kind["author"]
    return {
        "id": document.id,
        "masked": document.masked,
        "withheld": document.withheld,
        "since": civil_day(now) if document.withheld else None,
        "hidden": document.hidden_from_guardians,
        "status": kind["status"],
        "mac": document.visibility_mac,
        "structure": ward.here if author == "structure" else ward.elsewhere,
        "author": ward.who if author == "person" else ward.somebody,
        "type_code": TYPES[kind["matrix"], kind["category"]],
    }


def _rows(ward: Ward, facts: Facts, now: datetime) -> Iterator[Any]:
    both = {"record_id": ward.record, "professional_id": ward.who}
    today = civil_day(now)
    days = {"none": None, "yesterday": today - timedelta(1), "today": today}
    if facts["link"] == "there":
        decided = {name: facts[name] == "yes" for name in DECISIONS}
        yield insert(CareLink).values(
            id=uuid4(), **both, **decided, consent_until=days[facts["consent"]]
        )
    purpose = None
    if facts["emergency"] != "none":
        here = facts["emergency"] != "elsewhere"
        running_now = facts["emergency"] != "ended"
        until = now + timedelta(hours=1) if running_now else now - timedelta(minutes=1)
        yield insert(EmergencyAccess).values(
            id=uuid4(), **both, structure_id=ward.here if here else ward.elsewhere,
            purpose=facts["purpose"],
            declared_at=now - timedelta(hours=2), until=until, sealed_reason=b"",
        )  # fmt: skip
        samu = facts["purpose"] == "ETREAT"
        allowed = facts["samu_allowed" if samu else "emergency_allowed"] == "yes"
        if here and running_now and allowed and (not samu or facts["physician"] == "yes"):
            purpose = facts["purpose"]
    yield insert(Consultation).values(
        id=uuid4(),
        **both,
        structure_id=ward.here,
        began_at=now,
        purpose=purpose,
    )


async def test_each_pair_opens_to_a_professional_as_the_table_says(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(even, "FLOOR", 0.0)
    place, allowed = f"/pro/dossiers/{ward.record}", 0
    for facts, kinds in cases():
        await put(ward, facts, kinds)
        ward.app.state.policy = policy_of(facts)
        answers = [_decides(facts, kind).read for kind in kinds]
        expected = {id_ for id_, read in zip(ward.documents, answers, strict=True) if read}
        listed = {UUID(one.rpartition("/")[2]) for one in await ward.desk.documents(place)}
        assert listed == expected, facts
        allowed += len(expected)
        first, rest = ward.documents[0], ADDRESSES[allowed % len(ADDRESSES)]
        for id_, address in {first: rest, next(iter(expected), first): ""}.items():
            answer = await ward.desk.get(f"{place}/documents/{id_}{address}")
            assert (answer.status_code == 200) is (id_ in expected), (address, facts)
    assert allowed > DOCUMENTS


def policy_of(facts: Facts) -> Policy:
    chosen = ("masked_visible_to_treating_physician", "blocked_author_reads")
    policy: Any = {name: facts[name] == "yes" for name in chosen}
    return Policy(**policy)
