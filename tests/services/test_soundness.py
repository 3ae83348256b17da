"""The store checks itself: sound as the doors leave it, and every kind of damage has its name."""

import dataclasses
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from backend.app import create_app
from backend.cli.fsck import check
from backend.demo import measures, messages, profiles
from backend.demo.people import LAURA
from backend.demo.reports import DemoDeposit, write_message
from backend.domain.formats.hl7v2_writer import Action
from backend.jobs.handlers import make_handlers
from backend.jobs.worker import do_one
from backend.services.soundness import Fault, Soundness
from backend.services.soundness.verdict import TOLD, Tally
from backend.settings import Settings, Worker
from backend.storage.db import make_engine, make_sessions
from backend.storage.inventory import freeze
from backend.storage.vault import Vault
from tests.fixtures.application import client_of, running, settings_for
from tests.fixtures.database import Databases
from tests.fixtures.twins import put_away
from tests.laboratory import Laboratory

Reports = Mapping[str, DemoDeposit]
NOW = datetime(2050, 1, 1, tzinfo=UTC)
SENT = (
    "laura-bilan-sanguin-v1",
    "laura-coproculture-v1",
    "laura-coproculture-v2",
    "lea-bilan-v1",
    "laura-anti-gad-v1",
)
GONE, WAITING = "dominique-trod-v1", "karim-bilan-v1"


class Store(Struct):
    """A database and its files, to damage."""

    settings: Settings
    blobs: Path

    async def check(self, **how: Any) -> Soundness:
        return await check(self.settings, now=how.pop("now", NOW), **how)

    async def run(self, *statements: str) -> None:
        """As somebody with all the rights: neither triggers nor foreign keys."""
        engine = make_engine(self.settings.database_url or "")
        async with engine.begin() as connection:
            for statement in (*UNGUARD, *statements):
                await connection.execute(text(statement))
        await engine.dispose()

    async def one(self, statement: str) -> Any:
        engine = make_engine(self.settings.database_url or "")
        async with engine.begin() as connection:
            found = (await connection.execute(text(statement))).scalar()
        await engine.dispose()
        return found

    async def file(self, statement: str) -> Path:
        return self.blobs / str(await self.one(statement))


UNGUARD = (
    "ALTER TABLE trace DISABLE TRIGGER USER",
    "ALTER TABLE trace_head DISABLE TRIGGER USER",
    """
    DO $$ DECLARE key record; BEGIN
        FOR key IN SELECT conname, conrelid::regclass AS of FROM pg_constraint WHERE contype = 'f'
        LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', key.of, key.conname);
        END LOOP;
    END $$
    """,
)


@pytest.fixture(scope="module")
async def whole(
    databases: Databases,
    world_template: str,
    tmp_path_factory: pytest.TempPathFactory,
    reports: Reports,
) -> AsyncIterator[Store]:
    """New, replaced, withheld, withdrawn; pages drawn, one PDF that still waits; profiles."""
    settings = settings_for(databases.copy(world_template), tmp_path_factory.mktemp("whole"))
    app = create_app(dataclasses.replace(settings, worker=Worker.EXTERNAL))
    async with running(app):
        laboratory, other = (
            Laboratory(client_of(app), f"sgl-{of}") for of in ("estuaire", "tilleuls")
        )
        await measures.measure(app.state.sessions, app.state.policy)
        for name in SENT:
            assert "MSA|AA" in await laboratory.send(write_message(reports[name]))
        for action in (Action.NEW, Action.DELETE):
            assert "MSA|AA" in await laboratory.deposit(reports[GONE].report, action)
        handlers = make_handlers(app.state.outside, app.state.letters, app.state.policy)
        while await do_one(app.state.sessions, handlers):
            pass
        assert "MSA|AA" in await other.send(write_message(reports[WAITING]))
        await messages.correspond(app.state.sessions, app.state.policy, app.state.outside)
        await put_away(app, LAURA)
        await profiles.tell(app.state.sessions, app.state.policy)
    yield Store(settings, settings.var_dir / "blobs")
    databases.drop(settings.database_url or "")


@pytest.fixture
def rows(whole: Store, databases: Databases) -> Iterator[Store]:
    """A copy of its database, to damage."""
    url = databases.copy(whole.settings.database_url or "")
    yield Store(dataclasses.replace(whole.settings, database_url=url), whole.blobs)
    databases.run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")  # the alarm heard it


@pytest.fixture
def store(rows: Store, tmp_path: Path) -> Store:
    """A copy of its files too."""
    blobs = tmp_path / "blobs"
    shutil.copytree(rows.blobs, blobs)
    return Store(dataclasses.replace(rows.settings, storage_url=f"file://{blobs}"), blobs)


async def test_what_the_doors_leave_is_sound(whole: Store) -> None:
    found = await whole.check()
    assert (found.faults, found.broken, found.leftovers) == (0, (), 0)
    assert found.ok
    assert found.counts["documents"] == len(SENT) - 1 + 2
    assert found.counts["versions"] == found.counts["documents"] + 1
    assert found.counts["files"] == found.counts["stored files"] > found.counts["versions"]
    assert min(found.counts.values()) > 0


REPLACED = "(SELECT document_id FROM version GROUP BY document_id HAVING count(*) > 1)"
FIRST = f"document_id = {REPLACED} AND number = 1"
LAST = f"document_id = {REPLACED} AND number = 2"
VISIBLE = "(SELECT min(id::text)::uuid FROM document WHERE NOT withheld AND status = 'current')"
HIDDEN = "(SELECT id FROM document WHERE withheld)"
WITHDRAWN = "(SELECT id FROM document WHERE status = 'withdrawn')"
OTHER_BYTES = "decode(repeat('00', 40), 'hex')"

ROWS = {
    f"UPDATE profile_section SET sealed_answer = {OTHER_BYTES}": {Fault.PROFILE_BROKEN},
    "UPDATE profile_section SET section = id": {Fault.PROFILE_BROKEN},
    f"UPDATE record SET wrapped_key = {OTHER_BYTES}": {Fault.KEY_BROKEN},
    f"UPDATE identity SET sealed_traits = {OTHER_BYTES}": {Fault.TRAITS_BROKEN},
    "DELETE FROM identity": {Fault.TRAITS_BROKEN},
    f"UPDATE folder SET sealed_name = {OTHER_BYTES}": {Fault.FOLDER_BROKEN},
    "UPDATE folder SET record_id = gen_random_uuid()": {Fault.PLACEMENT_ASTRAY},
    "UPDATE placement SET document_id = gen_random_uuid()": {Fault.PLACEMENT_ASTRAY},
    f"UPDATE dispatch SET sealed = {OTHER_BYTES}": {Fault.DISPATCH_BROKEN},
    f"UPDATE conversation SET sealed_head = {OTHER_BYTES}": {Fault.CONVERSATION_BROKEN},
    f"UPDATE message SET sealed = {OTHER_BYTES}": {Fault.MESSAGE_BROKEN},
    "UPDATE enclosure SET file_key = 'aa/nothing'": {Fault.ENCLOSURE_BROKEN},
    "DELETE FROM dispatch_event WHERE number = 1": {Fault.DISPATCH_BROKEN},
    f"UPDATE announcement SET sealed_reason = {OTHER_BYTES}": {Fault.ANNOUNCEMENT_BROKEN},
    "UPDATE announcement SET record_id = gen_random_uuid()": {
        Fault.ANNOUNCEMENT_ASTRAY,
        Fault.ANNOUNCEMENT_MISSING,
    },
    "UPDATE announcement SET done_at = now()": {Fault.ANNOUNCEMENT_MISSING},
    f"UPDATE announcement SET document_id = {VISIBLE}": {
        Fault.ANNOUNCEMENT_ASTRAY,
        Fault.ANNOUNCEMENT_MISSING,
    },
    f"UPDATE measure SET sealed = {OTHER_BYTES}": {Fault.MEASURE_BROKEN},
    "UPDATE measure SET kind = gen_random_uuid()": {Fault.MEASURE_BROKEN},
    f"UPDATE patient_file SET sealed_traits = {OTHER_BYTES}": {Fault.PATIENT_FILE_BROKEN},
    f"UPDATE patient_file SET wrapped_key = {OTHER_BYTES}": {Fault.PATIENT_FILE_BROKEN},
    f"UPDATE desk_visit SET sealed_choices = {OTHER_BYTES}": {Fault.PATIENT_FILE_BROKEN},
    f"UPDATE identity_anomaly SET sealed_detail = {OTHER_BYTES}": {Fault.PATIENT_FILE_BROKEN},
    f"UPDATE version SET document_id = gen_random_uuid() WHERE {LAST}": {
        Fault.CURRENT_MISSING,
        Fault.VERSION_ASTRAY,
    },
    f"UPDATE document SET version_id = gen_random_uuid() WHERE id = {VISIBLE}": {
        Fault.CURRENT_MISSING
    },
    f"UPDATE version SET superseded_at = now() WHERE {LAST}": {Fault.CURRENT_SUPERSEDED},
    f"UPDATE version SET superseded_at = NULL WHERE {FIRST}": {Fault.NOT_SUPERSEDED},
    f"UPDATE version SET superseded_at = NULL WHERE document_id = {WITHDRAWN}": {
        Fault.NOT_SUPERSEDED
    },
    f"UPDATE version SET number = 3 WHERE {FIRST}": {Fault.NUMBER_ABOVE_CURRENT},
    "DELETE FROM document WHERE withheld": {Fault.VERSION_ASTRAY, Fault.DOCUMENT_LOST},
    f"DELETE FROM version WHERE {FIRST}": {Fault.FILE_ASTRAY, Fault.CHANGE_LOST},
    f"UPDATE version SET sealed_summary = {OTHER_BYTES}": {Fault.SUMMARY_BROKEN},
    "UPDATE version SET sealed_summary = sealed_report": {Fault.SUMMARY_BROKEN},
    f"UPDATE version SET sealed_report = {OTHER_BYTES}": {Fault.REPORT_BROKEN},
    f"UPDATE result SET sealed = {OTHER_BYTES}": {Fault.RESULT_BROKEN},
    "UPDATE result SET position = position + 1": {Fault.RESULTS_DIFFER},
    "DELETE FROM result WHERE position = 0": {Fault.RESULTS_DIFFER},
    f"UPDATE stored_file SET sealed_facts = {OTHER_BYTES}": {Fault.FACTS_BROKEN},
    "UPDATE stored_file SET number = number + 1 WHERE part = 'pdf'": {Fault.PARTS_DIFFER},
    "DELETE FROM stored_file WHERE part = 'pdf'": {Fault.PARTS_DIFFER},
    "DELETE FROM stored_file WHERE part = 'page-small'": {Fault.PARTS_DIFFER},
    "UPDATE version SET pages_state = 'none' WHERE pages_state = 'waiting'": {Fault.PARTS_DIFFER},
    "UPDATE version SET sha256 = decode(repeat('00', 32), 'hex')": {Fault.ORIGINAL_DIFFERS},
    "UPDATE version SET size = size + 1": {Fault.ORIGINAL_DIFFERS},
    f"UPDATE document SET withheld = true WHERE id = {VISIBLE}": {
        Fault.FLAGS_ALTERED,
        Fault.HISTORY_DIFFERS,
    },
    "UPDATE document SET withheld_on = withheld_on - 20": {Fault.WITHHELD_ON_DIFFERS},
    "UPDATE document SET masked = NOT masked": {Fault.FLAGS_ALTERED, Fault.HISTORY_DIFFERS},
    "UPDATE document SET visibility_number = 5": {Fault.FLAGS_ALTERED, Fault.HISTORY_BROKEN},
    f"DELETE FROM visibility_change WHERE document_id = {VISIBLE}": {Fault.HISTORY_BROKEN},
    f"DELETE FROM visibility_change WHERE {FIRST.replace('number = 1', 'number = 0')}": {
        Fault.HISTORY_BROKEN
    },
    "UPDATE visibility_change SET masked = NOT masked": {Fault.HISTORY_DIFFERS},
    "DELETE FROM receipt WHERE action = 'new'": {Fault.WITHOUT_RECEIPT},
    "DELETE FROM receipt WHERE action = 'withdraw'": {Fault.WITHDRAWN_WITHOUT_RECEIPT},
    "INSERT INTO receipt SELECT gen_random_uuid(), decode(repeat('00', 32), 'hex'), client_id, "
    "'R-2', version_id, action, at FROM receipt WHERE action = 'replace'": {Fault.TWO_RECEIPTS},
    "UPDATE receipt SET version_id = gen_random_uuid() WHERE action = 'replace'": {
        Fault.RECEIPT_ASTRAY,
        Fault.WITHOUT_RECEIPT,
    },
    "DELETE FROM notice WHERE kind = 'new'": {Fault.NOTICE_MISSING},
    "DELETE FROM notice WHERE kind = 'withdrawn'": {Fault.NOTICE_MISSING},
    f"UPDATE notice SET document_id = {HIDDEN} WHERE kind = 'replaced'": {
        Fault.NOTICE_TOO_MANY,
        Fault.NOTICE_MISSING,
    },
    "UPDATE notice SET kind = 'withdrawn'": {Fault.NOTICE_TOO_MANY, Fault.NOTICE_MISSING},
    "UPDATE notice SET document_id = gen_random_uuid()": {Fault.NOTICE_ASTRAY},
    "DELETE FROM outbox WHERE dedupe_key LIKE 'tell%'": {Fault.MAIL_NOT_PROMISED},
    "DELETE FROM outbox WHERE dedupe_key LIKE 'draw%'": {Fault.PAGES_NOT_PROMISED},
    "UPDATE outbox SET state = 'done' WHERE state = 'due'": {Fault.PAGES_NOT_PROMISED},
    "UPDATE outbox SET dedupe_key = dedupe_key || '/2' WHERE dedupe_key LIKE 'draw%'": {
        Fault.PROMISE_ASTRAY
    },
    "UPDATE outbox SET job = '{}'": {Fault.PROMISE_BROKEN},
    f"UPDATE document SET record_id = gen_random_uuid() WHERE id = {VISIBLE}": {
        Fault.VERSION_ASTRAY,
        Fault.NOTICE_ASTRAY,
        Fault.PROMISE_ASTRAY,
    },
    "DELETE FROM trace WHERE action = 'document:deposit'": {
        Fault.NOT_IN_JOURNAL,
        Fault.JOURNAL_BROKEN,
    },
    "DELETE FROM trace WHERE action = 'document:withdraw'": {
        Fault.NOT_IN_JOURNAL,
        Fault.JOURNAL_BROKEN,
    },
    f"UPDATE document SET status = 'current' WHERE id = {WITHDRAWN}": {
        Fault.CHANGE_LOST,
        Fault.CURRENT_SUPERSEDED,
    },
    "UPDATE trace_head SET number = number + 1": {Fault.JOURNAL_BROKEN},
}


@pytest.mark.parametrize("damage", ROWS)
async def test_a_damaged_row_has_its_name(rows: Store, damage: str) -> None:
    await rows.run(damage)
    found = await rows.check()
    assert not found.ok
    named = {broken.fault for broken in found.broken}
    assert named >= ROWS[damage], named


def test_every_fault_is_shown() -> None:
    files = {Fault.ORIGINAL_MISSING, Fault.ORIGINAL_BROKEN, Fault.FILE_MISSING, Fault.FILE_BROKEN}
    assert set().union(*ROWS.values()) | files | {Fault.PROMISE_UNTIMELY} == set(Fault)


async def test_a_promise_about_a_document_that_is_withheld_is_told(store: Store) -> None:
    """An e-mail promised before its time would tell that something is there."""
    version, record, account = [
        await store.one(
            f"SELECT {what} FROM document JOIN account USING (record_id) WHERE withheld"
        )
        for what in ("version_id", "record_id", "account.id")
    ]
    document = await store.one(HIDDEN)
    job = (
        f'{{"type":"tell","event":"new","account_id":"{account}","record_id":"{record}",'
        f'"document_id":"{document}","version_id":"{version}"}}'
    )
    await store.run(
        "INSERT INTO outbox (id, dedupe_key, job, state, created_at, due_at, attempts, error) "
        f"VALUES (gen_random_uuid(), 'tell/{version}/{account}', "
        f"convert_to('{job}', 'UTF8'), 'due', now(), now(), 0, '')".replace(":", "\\:")
    )
    found = await store.check()
    assert [broken.fault for broken in found.broken] == [Fault.PROMISE_UNTIMELY]


ORIGINAL = "SELECT file_key FROM version LIMIT 1"
PAGE = "SELECT file_key FROM stored_file WHERE part = 'page-large' LIMIT 1"


@pytest.mark.parametrize(
    ("which", "missing", "broken"),
    [
        (ORIGINAL, Fault.ORIGINAL_MISSING, Fault.ORIGINAL_BROKEN),
        (PAGE, Fault.FILE_MISSING, Fault.FILE_BROKEN),
    ],
)
async def test_a_file_that_is_missing_or_altered_is_told(
    store: Store, which: str, missing: Fault, broken: Fault
) -> None:
    file = await store.file(which)
    whole = file.read_bytes()
    for damaged in (whole[:-1], b"", whole[:-1] + bytes([whole[-1] ^ 1])):
        file.write_bytes(damaged)
        assert [found.fault for found in (await store.check()).broken] == [broken]
    file.unlink()
    assert [found.fault for found in (await store.check()).broken] == [missing]


async def test_another_file_in_its_place_does_not_open(store: Store) -> None:
    """Even one of the same person, sealed under the same record key."""
    here, there = [
        await store.file(f"SELECT file_key FROM version WHERE {n}") for n in (FIRST, LAST)
    ]
    here.write_bytes(there.read_bytes())
    assert [found.fault for found in (await store.check()).broken] == [Fault.ORIGINAL_BROKEN]


async def test_leftovers_are_counted_and_the_old_ones_removed_when_asked(store: Store) -> None:
    left = store.blobs / "ab" / ("ab" * 16) / "original"
    half = left.with_name("pdf-1-00000000#1")
    foreign = store.blobs / "README"
    left.parent.mkdir(parents=True)
    for file in (left, half, foreign):
        file.write_bytes(b"sealed")
    now = datetime.now(UTC) + timedelta(seconds=5)
    found = await store.check(now=now, remove_leftovers=True)
    assert (found.ok, found.leftovers, found.removed) == (True, 3, 0)
    found = await store.check(now=now + timedelta(days=2))
    assert (found.leftovers, found.removed) == (3, 0)
    found = await store.check(now=now + timedelta(days=2), remove_leftovers=True)
    assert (found.ok, found.leftovers, found.removed) == (True, 3, 2)
    assert (left.exists(), half.exists(), foreign.exists()) == (False, False, True)
    found = await store.check()
    assert (found.faults, found.leftovers) == (0, 1)


async def test_a_check_writes_nothing(store: Store) -> None:
    engine = make_engine(store.settings.database_url or "")
    async with make_sessions(engine, Vault(store.settings.root_key))() as db:
        await freeze(db)
        with pytest.raises(DBAPIError, match="read-only"):
            await db.execute(text("DELETE FROM notice"))
    await engine.dispose()


def test_faults_beyond_the_first_are_counted() -> None:
    tally = Tally()
    for _ in range(TOLD + 5):
        tally.add(Fault.FILE_MISSING, uuid4())
    found = tally.soundness()
    assert (found.faults, len(found.broken)) == (TOLD + 5, TOLD)
