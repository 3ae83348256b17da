"""Backups: one moment of the service, restored whole elsewhere, or refused in a sentence."""

import asyncio
import resource
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copytree
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import text
from sqlalchemy.engine import make_url

from backend.domain.calendar import civil_day
from backend.domain.errors import Unavailable
from backend.gateways.files import Files, open_files
from backend.services import backups
from backend.services.backups import BadBackup, Repository
from backend.services.backups.repository import HALF, SUFFIX
from backend.storage import migrate
from backend.storage.backups import tables
from backend.storage.backups.sealing import open_bytes, seal_bytes
from backend.storage.db import AsyncEngine, make_engine, utcnow
from backend.storage.vault import Vault
from tests.canaries import in_bytes, in_text
from tests.fixtures.alarm import hear_files
from tests.fixtures.database import Databases

KEY, OTHER = X25519PrivateKey.generate(), X25519PrivateKey.generate()
VAULT, OTHER_VAULT = (
    Vault(b"the root key of these tests, 32b"),
    Vault(b"another root key of 32 bytes...."),
)
FILES = {f"{n:02x}/{n:032x}/original": bytes([n]) * n * 1000 for n in range(1, 40)}
COUNT = "SELECT count(*) FROM outbox"


@dataclass
class Place:
    """A database and a store."""

    engine: AsyncEngine
    store: Files
    folder: Path

    async def ask(self, statement: str) -> Any:
        async with self.engine.begin() as connection:
            return await connection.scalar(text(statement))


@pytest.fixture
async def place(databases: Databases, tmp_path: Path) -> AsyncIterator[Callable[[str], Place]]:
    made: list[tuple[str, Place]] = []

    def make(name: str) -> Place:
        url, folder = databases.copy(), tmp_path / name
        found = Place(make_engine(url), open_files(f"file://{folder}"), folder)
        made.append((url, found))
        return found

    yield make
    for url, found in made:
        await found.engine.dispose()
        databases.drop(url)


@pytest.fixture
async def service(place: Callable[[str], Place]) -> Place:
    """One with a row of each awkward kind, and files that rows name."""
    service = place("service")
    async with service.engine.begin() as connection:
        await connection.execute(text(WORLD))
        for number, key in enumerate(FILES):
            await connection.execute(
                text(
                    "INSERT INTO stored_file (id, record_id, version_id, part, number, "
                    "media_type, file_key, sealed_facts) SELECT gen_random_uuid(), record_id, id, "
                    "'figure', :number, 'image/png', :key, '' FROM version"
                ),
                {"number": number, "key": key},
            )
    for key, data in FILES.items():
        await service.store.put(key, data)
    await service.store.put("00/version", b"the version's")
    return service


WORLD = """
INSERT INTO record (id, state, wrapped_key, created_at, mask_all, emergency_allowed)
    VALUES (gen_random_uuid(), 'actif', '\\x00ff', now(), false, true);
INSERT INTO account (id, record_id, state, identifier_index, password_hash, preferred, created_at)
    SELECT gen_random_uuid(), id, 'actif', '\\x01', 'hash', 'email', now() FROM record;
INSERT INTO browser_session (id, token_hash, account_id, complete, created_at, seen_at, ends_at)
    SELECT gen_random_uuid(), '\\x02', id, true, now(), now(), now() FROM account;
INSERT INTO structure (id, finess, name, city)
    VALUES (gen_random_uuid(), '1', E'a name with "quotes", a\\ttab and é', '');
INSERT INTO machine_client (id, client_id, structure_id, scopes, jwks)
    SELECT gen_random_uuid(), 'sgl', id, '', '{"keys": [{"kid": "é"}]}' FROM structure;
INSERT INTO document (id, record_id, structure_id, set_index, type_code, status, deposited_at,
    dated_on, version_id, masked, withheld, hidden_from_guardians, visibility_number,
    visibility_mac)
    SELECT gen_random_uuid(), r.id, s.id, '', '11502-2', 'current', now(), '2026-11-23',
    gen_random_uuid(), true, false, false, 0, '' FROM record r, structure s;
INSERT INTO version (id, record_id, document_id, number, unique_index, sha256, size, received_at,
    partial, sealed_summary, sealed_report, file_key, pages_state, page_count)
    SELECT version_id, record_id, id, 1, '', '', 0, now(), false, '', repeat('x', 1200000)::bytea,
    '00/version', 'none', 0 FROM document;
INSERT INTO trace (id, lane, number, at, actor_kind, actor_id, action, allowed, reason, hash)
    SELECT gen_random_uuid(), id, 1, now(), 'Patient', id, 'x', true, '', '' FROM record;
INSERT INTO outbox (id, dedupe_key, job, state, created_at, due_at, attempts, error)
    SELECT gen_random_uuid(), 'key ' || n, '\\x00', 'due', now(), now(), 0, ''
    FROM generate_series(1, 3000) n
"""


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    yield Repository(tmp_path / "backups")
    hear_files("backup", tmp_path / "backups")


async def make(service: Place, repository: Repository, **more: Any) -> backups.Made:
    return await backups.make(
        service.engine, VAULT, service.store, repository, KEY.public_key(), **more
    )


async def restore(target: Place, source: Path, **more: Any) -> backups.Restored:
    vault, key = more.get("vault", VAULT), more.get("key", KEY)
    return await backups.restore(target.engine, vault, target.store, key, source)


async def rows(place: Place) -> dict[str, list[str]]:
    async with place.engine.connect() as connection:
        found = {}
        for table in await tables.layout(connection):
            all_rows = await connection.scalars(text(f"SELECT t::text FROM {table.name} t"))
            found[table.name] = sorted(all_rows)
        return found


async def refused(target: Place, source: Path, sentence: str, **more: Any) -> None:
    """And nothing is there afterwards."""
    with pytest.raises(BadBackup, match=sentence):
        await restore(target, source, **more)
    assert await target.ask(COUNT) == 0
    assert await target.store.is_empty()


# --- what is made


async def test_everything_comes_back(
    service: Place, repository: Repository, place: Callable[[str], Place]
) -> None:
    made = await make(service, repository)
    assert (made.files, made.copied, made.missing) == (40, 40, 0)
    target = place("target")
    done = await restore(target, repository.folder)
    assert (done.rows, done.files) == (made.rows, 40)
    before, after = await rows(service), await rows(target)
    assert len(before.pop("browser_session")) == 1
    assert after.pop("browser_session") == [], "nobody is signed in"
    assert after == before
    for key, data in FILES.items():
        assert await target.store.get(key) == data


async def test_a_backup_restored_is_backed_up_the_same(
    service: Place, repository: Repository, place: Callable[[str], Place], tmp_path: Path
) -> None:
    await make(service, repository)
    target = place("target")
    await restore(target, repository.folder)
    again = await make(target, Repository(tmp_path / "again"))
    assert (again.files, again.copied) == (40, 40)
    done = await backups.check(VAULT, KEY, tmp_path / "again")
    assert done.rows == again.rows


async def test_only_new_files_are_copied(service: Place, repository: Repository) -> None:
    await make(service, repository)
    assert (await make(service, repository)).copied == 0
    await service.store.put("ff/new", b"new")
    await service.ask("UPDATE stored_file SET file_key = 'ff/new' WHERE number = 0 RETURNING 1")
    assert (await make(service, repository)).copied == 1
    assert len(list(repository.folder.glob(f"*{SUFFIX}"))) == 3


async def test_another_key_gets_its_own_copies(service: Place, repository: Repository) -> None:
    await make(service, repository)
    made = await backups.make(service.engine, VAULT, service.store, repository, OTHER.public_key())
    assert made.copied == 40
    await backups.check(VAULT, OTHER, repository.folder / made.name)


async def test_what_commits_during_the_backup_is_wholly_in_it_or_not_at_all(
    service: Place, repository: Repository, place: Callable[[str], Place]
) -> None:
    """Two rows of one transaction, in tables far apart, while backups are made."""
    stop = asyncio.Event()

    async def write() -> int:
        number = 0
        while not stop.is_set():
            number += 1
            async with service.engine.begin() as connection:
                for statement in (
                    "INSERT INTO structure VALUES (gen_random_uuid(), 'live' || :n, '', '')",
                    "INSERT INTO rate_limit (key, arrival) VALUES (('live' || :n)::bytea, now())",
                ):
                    await connection.execute(text(statement), {"n": number})
        return number

    writer = asyncio.create_task(write())
    names = [(await make(service, repository)).name for _ in range(3)]
    stop.set()
    assert await writer > 3
    for number, name in enumerate(names):
        target = place(f"target-{number}")
        await restore(target, repository.folder / name)
        live = "SELECT count(*) FROM structure WHERE finess LIKE 'live%'"
        assert await target.ask(live) == await target.ask("SELECT count(*) FROM rate_limit")


async def test_nothing_in_it_can_be_read(service: Place, repository: Repository) -> None:
    await make(service, repository)
    for path in repository.folder.rglob("*"):
        assert not in_text(path.name)
        if path.is_file():
            sealed = path.read_bytes()
            assert not in_bytes(sealed)
            assert b"original" not in sealed
            assert b"outbox" not in sealed
            assert path.stat().st_mode & 0o077 == 0 or path.name == "lock"


async def test_a_missing_file_stops_it_unless_one_says_so(
    service: Place, repository: Repository, place: Callable[[str], Place]
) -> None:
    lost = next(iter(FILES))
    await service.store.remove(lost)
    with pytest.raises(BadBackup, match="1 of 40 files cannot be read: no backup was made"):
        await make(service, repository)
    assert list(repository.folder.glob(f"*{SUFFIX}")) == []
    assert (await make(service, repository, incomplete=True)).missing == 1
    target = place("target")
    assert (await restore(target, repository.folder)).missing == 1
    with pytest.raises(Unavailable):
        await target.store.get(lost)


async def test_two_at_once_in_one_folder_are_refused(
    service: Place, repository: Repository
) -> None:
    with repository.alone(), pytest.raises(BadBackup, match="Another backup"):
        await make(service, repository)


async def test_what_a_killed_one_left_is_removed(service: Place, repository: Repository) -> None:
    left = repository.folder / f"x{SUFFIX}{HALF}"
    repository.folder.mkdir()
    left.write_bytes(b"half")
    with pytest.raises(BadBackup, match="no backup"):
        repository.latest()
    await make(service, repository)
    assert not left.exists()


async def test_a_disk_that_fills_leaves_no_backup(service: Place, repository: Repository) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))  # as a disk without more room
    try:
        with pytest.raises(BadBackup, match="cannot be written: File too large"):
            await make(service, repository)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path for path in repository.folder.rglob("*") if path.suffix in {SUFFIX, HALF}] == []
    await make(service, repository)


async def test_a_folder_that_cannot_be_written_is_told(service: Place, tmp_path: Path) -> None:
    (tmp_path / "full").write_text("not a folder")
    with pytest.raises(BadBackup, match="cannot be written"):
        await make(service, Repository(tmp_path / "full"))


# --- what is refused


async def test_every_altered_byte_is_found(
    service: Place, repository: Repository, place: Callable[[str], Place]
) -> None:
    name = (await make(service, repository)).name
    path, target = repository.folder / name, place("target")
    whole = path.read_bytes()
    for at in (0, 30, 90, 130, 200, 70_000, len(whole) // 2, len(whole) - 1):
        altered = bytearray(whole)
        altered[at] ^= 1
        path.write_bytes(altered)
        await refused(target, path, name)
    path.write_bytes(whole)
    await restore(target, path)


async def test_a_cut_backup_is_refused(
    service: Place, repository: Repository, place: Callable[[str], Place]
) -> None:
    name = (await make(service, repository)).name
    path, target = repository.folder / name, place("target")
    whole = path.read_bytes()
    for size in (0, 10, 150, 215, 70_000, len(whole) - 1):
        path.write_bytes(whole[:size])
        await refused(target, path, "cut short|altered|not a sealed backup")


async def test_wrong_keys_are_named(
    service: Place, repository: Repository, place: Callable[[str], Place]
) -> None:
    await make(service, repository)
    target = place("target")
    await refused(target, repository.folder, "sealed for another key", key=OTHER)
    await refused(target, repository.folder, "another root key", vault=OTHER_VAULT)


async def test_files_missing_altered_or_swapped_are_refused(
    service: Place, repository: Repository, place: Callable[[str], Place], tmp_path: Path
) -> None:
    await make(service, repository)
    target = place("target")
    one, two = sorted(repository.folder.glob(f"files-*/*/*{SUFFIX}"))[3:5]
    was = one.read_bytes()
    one.unlink()
    await refused(target, repository.folder, "is missing from the backup")
    one.write_bytes(two.read_bytes())
    await refused(target, repository.folder, "is not the one that was backed up")
    one.write_bytes(seal_bytes(open_bytes(was, KEY)[:-1] + b"?", KEY.public_key()))
    await refused(target, repository.folder, "is not the one that was backed up")
    one.write_bytes(was[:-1] + bytes([was[-1] ^ 1]))
    await refused(target, repository.folder, "cut short, or its end was altered")
    one.write_bytes(was)
    await restore(target, repository.folder)


async def test_a_backup_that_somebody_else_sealed_is_refused(
    service: Place, repository: Repository, place: Callable[[str], Place]
) -> None:
    """The key that seals is no secret: the service's own mark is what counts."""
    name = (await make(service, repository)).name
    path, target = repository.folder / name, place("target")
    inside = open_bytes(path.read_bytes(), KEY)
    for old, new in ((b"key 1500", b"key 1501"), (b'"rows":3000', b'"rows":3001')):
        assert old in inside
        path.write_bytes(seal_bytes(inside.replace(old, new, 1), KEY.public_key()))
        await refused(target, path, "refuses|not made by this service|does not hold")


async def test_a_place_that_is_not_empty_is_left_alone(
    service: Place, repository: Repository, place: Callable[[str], Place]
) -> None:
    await make(service, repository)
    target = place("target")
    await target.store.put("00/theirs", b"theirs")
    with pytest.raises(BadBackup, match="store of files is not empty"):
        await restore(target, repository.folder)
    await target.store.remove("00/theirs")
    await target.ask("INSERT INTO structure VALUES (gen_random_uuid(), '9', '', '') RETURNING 1")
    with pytest.raises(BadBackup, match="database is not empty"):
        await restore(target, repository.folder)
    assert await target.ask("SELECT finess FROM structure") == "9"


async def test_a_disk_that_fills_during_a_restore_leaves_nothing(
    service: Place, repository: Repository, place: Callable[[str], Place]
) -> None:
    await make(service, repository)
    target = place("target")

    class Full(Files):
        async def put(self, key: str, data: bytes) -> None:
            if len(data) > 20_000:
                raise Unavailable
            await target.store.put(key, data)

        async def is_empty(self) -> bool:
            return await target.store.is_empty()

        async def remove(self, key: str) -> None:
            if (target.folder / key).exists():
                await target.store.remove(key)

    full = replace(target, store=Full.__new__(Full))
    await refused(full, repository.folder, "files cannot be written: nothing was restored")


async def test_a_database_that_fills_during_a_restore_stays_empty(
    service: Place, repository: Repository, place: Callable[[str], Place]
) -> None:
    await make(service, repository)
    target = place("target")
    async with target.engine.begin() as connection:
        await connection.execute(text(FULL))
        await connection.execute(
            text(
                "CREATE TRIGGER full_disk BEFORE INSERT ON stored_file EXECUTE FUNCTION full_disk()"
            )
        )
    await refused(target, repository.folder, r"database refuses \(DiskFull\): nothing was restored")


FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $full$
BEGIN
    RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full';
END $full$
"""


# --- schemas


@pytest.fixture
def bare(databases: Databases) -> Iterator[str]:
    """A database without a table."""
    url = databases.copy()
    erase(url)
    yield url
    databases.drop(url)


def erase(url: str) -> None:
    plain = make_url(url)
    with psycopg.connect(
        host=str(plain.query["host"]), user=plain.username, dbname=plain.database, autocommit=True
    ) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


async def test_an_older_backup_is_restored_then_migrated(
    bare: str, repository: Repository, databases: Databases, tmp_path: Path
) -> None:
    migrate.upgrade(bare, to="0001")
    old = Place(make_engine(bare), open_files(f"file://{tmp_path / 'old'}"), tmp_path)
    try:
        await old.ask("INSERT INTO structure VALUES (gen_random_uuid(), '9', '', '') RETURNING 1")
        await make(old, repository)
        erase(bare)
        await restore(old, repository.folder)
        assert await old.ask("SELECT finess FROM structure") == "9"
        assert migrate.is_current(bare)
    finally:
        await old.engine.dispose()


async def test_a_backup_of_a_newer_version_is_refused(
    service: Place, repository: Repository, place: Callable[[str], Place]
) -> None:
    await service.ask("UPDATE alembic_version SET version_num = '9999' RETURNING 1")
    await make(service, repository)
    await refused(place("target"), repository.folder, "newer version of Repères")


async def test_nothing_is_counted_by_a_sequence(service: Place) -> None:
    """A backup holds tables: a sequence would start again from 1."""
    assert await service.ask("SELECT count(*) FROM pg_sequences") == 0


async def test_a_copied_repository_restores_too(
    service: Place, repository: Repository, place: Callable[[str], Place], tmp_path: Path
) -> None:
    await make(service, repository)
    copytree(repository.folder, tmp_path / "elsewhere")
    await restore(place("target"), tmp_path / "elsewhere" / repository.latest().name)


# --- the records' keys, which may be destroyed


WRAPPED = "SELECT encode(wrapped_key, 'hex') FROM record"


async def test_no_backup_holds_the_key_of_a_record(service: Place, repository: Repository) -> None:
    key = bytes(range(60))
    await service.ask(f"UPDATE record SET wrapped_key = '\\x{key.hex()}' RETURNING 1")
    name = (await make(service, repository)).name
    assert key not in open_bytes((repository.folder / name).read_bytes(), KEY)
    (kept,) = repository.keys(KEY.public_key()).iterdir()
    assert key in open_bytes(kept.read_bytes(), KEY)


async def test_two_generations_of_keys_are_kept(service: Place, repository: Repository) -> None:
    names = [(await make(service, repository)).name for _ in range(4)]
    kept = sorted(path.name for path in repository.keys(KEY.public_key()).iterdir())
    assert kept == names[-2:]


async def test_what_was_erased_after_a_backup_stays_erased_when_it_is_restored(
    service: Place, repository: Repository, place: Callable[[str], Place]
) -> None:
    first = (await make(service, repository)).name
    target = place("before")
    await restore(target, repository.folder / first)
    assert await target.ask(WRAPPED) == "00ff", "a key that exists comes back"
    await service.ask(
        "UPDATE record SET wrapped_key = '', state = 'efface', erase_on = NULL RETURNING 1"
    )
    await make(service, repository)
    await make(service, repository)
    everything = [path for path in repository.folder.rglob("*") if path.is_file()]
    sealed = [path for path in everything if path.suffix == SUFFIX and "files-" not in str(path)]
    assert len(sealed) == 5
    target = place("after")
    done = await restore(target, repository.folder / first)
    assert done.erased == 1
    assert await target.ask(WRAPPED) == ""
    assert await target.ask("SELECT state FROM record") == "ferme"
    assert await target.ask("SELECT erase_on FROM record") == civil_day(utcnow())


async def test_without_their_keys_records_are_not_restored(
    service: Place, repository: Repository, place: Callable[[str], Place]
) -> None:
    await make(service, repository)
    (kept,) = repository.keys(KEY.public_key()).iterdir()
    whole, target = kept.read_bytes(), place("target")
    kept.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    await refused(target, repository.folder, "cut short, or its end was altered")
    kept.write_bytes(seal_bytes(b"not a tar", KEY.public_key()))
    await refused(target, repository.folder, "does not hold what it says")
    kept.unlink()
    await refused(target, repository.folder, "keys are missing")
    with pytest.raises(BadBackup, match="keys are missing"):
        await backups.check(VAULT, KEY, repository.folder)
    kept.write_bytes(whole)
    await restore(target, repository.folder)
