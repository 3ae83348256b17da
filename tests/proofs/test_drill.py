"""The drill: a backup made while laboratories deposit, restored elsewhere, lived in.

The commands are the real ones, in processes of their own, and some are killed.
"""

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random
from shutil import copytree, rmtree
from tempfile import mkdtemp
from time import monotonic
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from litestar import Litestar
from sqlalchemy import delete, select, text

from backend.app import create_app
from backend.demo.people import DOMINIQUE, KARIM, LAURA, NADIA, Someone
from backend.demo.reports import DemoDeposit, write_message
from backend.domain.formats.cda_writer import write_cda
from backend.gateways.files import Files, open_files
from backend.services import backups
from backend.services.backups import BadBackup, Repository
from backend.services.backups.repository import SUFFIX
from backend.settings import Settings
from backend.storage import embedded
from backend.storage.accounts import Limit
from backend.storage.backups.keys import read_identity
from backend.storage.db import AsyncSession, Sessions, make_engine, make_sessions
from backend.storage.documents import Document, DocumentStatus, Receipt, Version
from backend.storage.records import Record, key_of
from backend.storage.vault import Vault
from tests.canaries import in_bytes, in_text
from tests.fixtures.application import client_of, running, settings_for
from tests.fixtures.database import Databases
from tests.laboratory import Laboratory
from tests.pages import Browser, text_of
from tests.proofs.conftest import Figure, Scale

PATIENCE = 120
"""Seconds: the longest that anything here may take."""
SIGNED_IN = (LAURA, KARIM, NADIA, DOMINIQUE)
RECEIPT = re.compile(r"R-\d{8}-[0-9A-F]{10}")
DOCUMENT = re.compile(r'href="(/documents/[0-9a-f-]{36})"')
ROOT = Path(__file__).parents[2]
TILLEULS = "sgl-tilleuls"
SENT = (
    *("laura-premier-bilan-v1", "laura-tilleuls-v1", "laura-serologies-v1", "laura-anti-gad-v1"),
    *("laura-coproculture-v1", "laura-coproculture-v2"),
    *("laura-depot-errone-v1", "laura-depot-errone-v1-suppression"),
    *("karim-bilan-v1", "nadia-grossesse-v1", "dominique-inr-v1", "noe-depistage-v1"),
)
"""First, masked, withheld, replaced, withdrawn, hidden from guardians; of both laboratories."""


@dataclass
class House:
    """A service, and the folder of its backups."""

    app: Litestar
    settings: Settings
    folder: Path
    """Of the backups."""
    identity: X25519PrivateKey
    key_file: Path
    recipient: str
    sent: dict[bytes, str] = field(default_factory=dict)
    """Receipt of every message acknowledged."""
    digests: set[bytes] = field(default_factory=set)
    """Of every document sent."""

    @property
    def vault(self) -> Vault:
        return Vault(self.settings.root_key)

    def env(self, **more: str) -> dict[str, str]:
        env = {name: value for name, value in os.environ.items() if name[:8] != "REPERES_"}
        var = str(self.settings.var_dir)
        env |= {"REPERES_VAR_DIR": var, "REPERES_BACKUP_RECIPIENT": self.recipient}
        env["REPERES_DATABASE_URL"] = self.settings.database_url or ""
        return env | more

    async def keep(self, laboratory: Laboratory, message: bytes, document: bytes = b"") -> str:
        """Send a message, and remember what was promised."""
        ack = await laboratory.send(message)
        found = RECEIPT.search(ack)
        assert found, ack
        self.sent[message] = found[0]
        self.digests.add(sha256(document).digest())
        return found[0]


Kill = tuple[Callable[[], bool], float]
"""From when on, and how many seconds after."""


async def reperes(*words: str, env: dict[str, str], kill: Kill | None = None) -> tuple[int, str]:
    """(status, what it said) of a command, killed on the way or not."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "backend", *words),
        env=env | {"PYTHONPATH": str(ROOT)},
        stdout=PIPE,
        stderr=PIPE,
    )
    if kill:
        begun, later = kill
        while process.returncode is None and not begun():  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.005)
        await asyncio.sleep(later)
        if process.returncode is None:
            process.kill()
    out, err = await asyncio.wait_for(process.communicate(), PATIENCE)
    return process.returncode or 0, out.decode() + err.decode()


@pytest.fixture(scope="module")
async def world(
    databases: Databases,
    world_template: str,
    tmp_path_factory: pytest.TempPathFactory,
    reports: dict[str, DemoDeposit],
) -> AsyncIterator[House]:
    """The demonstration's deposits, by its two laboratories: first, replaced, withheld, gone."""
    url, folder = databases.copy(world_template), tmp_path_factory.mktemp("house")
    settings, key_file = settings_for(url, folder), folder / "backup.key"
    status, said = await reperes("backup", "keygen", str(key_file), env=dict(os.environ))
    assert status == 0, said
    assert key_file.stat().st_mode & 0o077 == 0
    identity = read_identity(key_file.read_text())
    async with running(create_app(settings)) as app:
        house = House(app, settings, folder / "backups", identity, key_file, said.strip())
        names = ("sgl-estuaire", TILLEULS)
        laboratories = {name: Laboratory(client_of(app), name) for name in names}
        for sent in (reports[name] for name in SENT):
            laboratory = laboratories[sent.laboratory.client_id]
            await house.keep(laboratory, write_message(sent), write_cda(sent.report))
        yield house
    databases.drop(url)


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder that PostgreSQL's account may enter."""
    folder = Path(mkdtemp(prefix="reperes-drill-"))
    folder.chmod(0o755)
    yield folder
    embedded.remove(folder / "var" / "postgres")
    rmtree(folder)


@pytest.fixture
async def restored(
    world: House, reports: dict[str, DemoDeposit], elsewhere: Path, figure: Figure
) -> AsyncIterator[tuple[Settings, set[str]]]:
    """Backed up while deposits go on; restored on another server, in other folders."""
    before = set(world.sent.values())
    live = asyncio.create_task(_deposit_until(world, reports, stop := asyncio.Event()))
    await asyncio.sleep(0.5)
    status, said = await reperes("backup", str(world.folder), env=world.env())
    in_time = len(world.sent) - len(before)
    stop.set()
    await asyncio.wait_for(live, PATIENCE)
    assert status == 0, said
    assert not in_text(said)
    figure("deposits acknowledged while the backup was made", in_time)
    figure("backup, with new files (s)", re.findall(r"([\d.]+) s", said)[-1])

    var = elsewhere / "var"
    (var / "keys").mkdir(parents=True)
    root_key = world.settings.var_dir / "keys" / "root.key"
    (var / "keys" / "root.key").write_bytes(root_key.read_bytes())
    env = world.env(REPERES_VAR_DIR=str(var), REPERES_DATABASE_URL="")
    started = monotonic()
    status, said = await reperes(
        "restore", str(world.folder), "--identity", str(world.key_file), env=env
    )
    assert status == 0, said
    assert "0 faults" in said
    figure(
        "RTO: empty machine to a service that checked itself (s)", f"{monotonic() - started:.1f}"
    )

    server = embedded.start(var / "postgres", durable=True)
    blobs = f"file://{var / 'blobs'}"
    there = replace(world.settings, var_dir=var, database_url=server.url, storage_url=blobs)
    yield there, before
    server.stop()


async def _deposit_until(
    house: House, reports: dict[str, DemoDeposit], stop: asyncio.Event
) -> None:
    laboratory = Laboratory(client_of(house.app), "sgl-estuaire")
    sent = reports["laura-premier-bilan-v1"]
    while not stop.is_set():
        report = fresh(sent)
        document = write_cda(report)
        message = laboratory.message(report, content=document)
        await asyncio.wait_for(house.keep(laboratory, message, document), PATIENCE)
        await asyncio.sleep(0.05)


def fresh(sent: DemoDeposit) -> Any:
    """The same report as another document, without its PDF: nobody waits for its drawing."""
    header = sent.report.header
    name = msgspec.structs.replace(header.id, root=f"2.25.{uuid4().int}")
    header = msgspec.structs.replace(header, id=name, set_id=name)
    return msgspec.structs.replace(sent.report, header=header, media=())


async def test_a_service_restored_elsewhere_is_the_same(
    world: House, restored: tuple[Settings, set[str]], scale: Scale, figure: Figure
) -> None:
    there, before = restored
    engine = make_engine(there.database_url or "")
    sessions = make_sessions(engine, world.vault)
    async with sessions() as db:
        kept = set(await db.scalars(select(Receipt.number)))
        assert before <= kept, "RPO: what was acknowledged before the backup is in it"
        assert kept <= set(world.sent.values())
        figure("RPO: deposits acknowledged before the backup, and lost", len(before - kept))
        figure("deposits of the time of the backup, in it", len(kept) - len(before))
        files = open_files(there.storage_url)
        figure("documents opened and compared", await _compare_documents(db, files, world))
        await _compare_rows(world.app.state.sessions, db)
    await engine.dispose()
    async with running(create_app(there)) as app:
        await _send_again(app, world, kept)
        figure("journeys on the restored service", await _live_in_it(app, scale.of(8, 100)))


async def _compare_documents(db: AsyncSession, files: Files, house: House) -> int:
    """Every version opens, and is byte for byte one that a laboratory sent."""
    count = 0
    rows = await db.execute(select(Version, Record).join(Record, Record.id == Version.record_id))
    for version, record in rows:
        sealed = await files.get(version.file_key)
        content = key_of(db, record).for_file(version.id).open(sealed, "original")
        assert sha256(content).digest() == version.sha256
        assert version.sha256 in house.digests
        count += 1
    return count


async def _compare_rows(sessions: Sessions, restored: AsyncSession) -> None:
    """Every row of the restored service is one of the service: nothing was made up or changed."""
    for table, columns in {
        "document": "id, masked, withheld, hidden_from_guardians, visibility_mac, status",
        "visibility_change": "*",
        "trace": "*",
        "identity": "*",
        "account": "*",
        "outbox": "dedupe_key, job, created_at",
        "notice": "*",
    }.items():
        ask = text(f"SELECT t::text FROM (SELECT {columns} FROM {table}) t")
        found = set(await restored.scalars(ask))
        assert found, table
        async with sessions() as ours:
            assert found <= set(await ours.scalars(ask)), table
    withheld = select(Document.id).where(Document.withheld)
    withdrawn = select(Document.id).where(Document.status == DocumentStatus.WITHDRAWN)
    assert (await restored.scalars(withheld)).all()
    assert (await restored.scalars(withdrawn)).all()


async def _send_again(app: Litestar, house: House, kept: set[str]) -> None:
    """What laboratories do when they hear of it: the lost gets in, the rest has its receipt."""
    laboratories = [Laboratory(client_of(app), name) for name in ("sgl-estuaire", TILLEULS)]
    for message, receipt in list(house.sent.items()):
        ours = [lab for lab in laboratories if lab.data.software.encode() in message]
        laboratory = ours[0] if ours else laboratories[0]
        found = RECEIPT.search(await laboratory.send(message))
        assert found
        assert (found[0] == receipt) is (receipt in kept)


async def _live_in_it(app: Litestar, journeys: int) -> int:
    for number in range(journeys):
        someone = SIGNED_IN[number % len(SIGNED_IN)]
        async with app.state.sessions.begin() as db:
            await db.execute(delete(Limit))
        await _journey(app, someone)
    return journeys


async def _journey(app: Litestar, someone: Someone) -> None:
    """Sign in with the code of the letter, list, open, take the PDF away."""
    browser = Browser(app, client_of(app))
    app.state.outside.inbox._messages.clear()
    await asyncio.wait_for(browser.sign_in(someone), PATIENCE)
    listed = await browser.get("/documents")
    assert listed.status_code == 200
    assert "Anti-GAD" not in listed.text, "withheld stays withheld"
    links = DOCUMENT.findall(listed.text)
    assert links, text_of(listed)
    pdfs = 0
    for link in dict.fromkeys(links[:4]):
        assert (await browser.get(link)).status_code == 200
        pdf = await browser.get(f"{link}/original.pdf")
        assert pdf.status_code in {200, 404}
        pdfs += pdf.content.startswith(b"%PDF")
    assert pdfs
    assert (await browser.post("/deconnexion")).status_code == 303


# --- what must be refused


async def test_nothing_altered_gets_through(
    world: House, tmp_path: Path, scale: Scale, figure: Figure
) -> None:
    """The negative controls: the same reading that accepts the backup refuses these."""
    status, said = await reperes("backup", str(world.folder), env=world.env())
    assert status == 0, said
    await backups.check(world.vault, world.identity, world.folder)
    repository = Repository(world.folder)
    newest = repository.newest_keys(world.identity.public_key())
    files = sorted(world.folder.rglob(f"*{SUFFIX}"))
    files = [path for path in files if path == newest or path.parent != newest.parent]
    for path in files:
        assert not in_text(path.name)
        assert not in_bytes(path.read_bytes())
    random, refusals = Random(20261123), 0
    table_file = repository.latest()
    for _ in range(scale.of(16, 1000)):
        path = random.choice([table_file, random.choice(files)])
        whole = path.read_bytes()
        path.write_bytes(_spoilt(whole, random))
        with pytest.raises(BadBackup, match=path.name):
            await backups.check(world.vault, world.identity, world.folder)
        path.write_bytes(whole)
        refusals += 1
    await _swap(world, random, files)
    await backups.check(world.vault, world.identity, world.folder)
    figure("spoilt backups refused by their names", refusals)

    env = world.env()
    restore = ("restore", str(world.folder), "--check", "--identity")
    other = tmp_path / "other.key"
    await reperes("backup", "keygen", str(other), env=env)
    status, said = await reperes(*restore, str(other), env=env)
    assert (status, "another key" in said) == (1, True), said
    root = "YSByb290IGtleSBvZiBzb21lYm9keSBlbHNlLCBoaSE="
    status, said = await reperes(
        *restore, str(world.key_file), env=env | {"REPERES_ROOT_KEY": root}
    )
    assert (status, "another root key" in said) == (1, True), said
    status, said = await reperes(*restore, str(world.key_file), env=env)
    assert (status, "read and sound" in said) == (0, True), said


def _spoilt(whole: bytes, random: Random) -> bytes:
    """One bit of one byte turned, or the end missing."""
    at = random.randrange(len(whole))
    if random.random() < 0.3:
        return whole[:at]
    return whole[:at] + bytes([whole[at] ^ 1 << random.randrange(8)]) + whole[at + 1 :]


async def _swap(world: House, random: Random, files: list[Path]) -> None:
    """Two files in each other's place; one gone."""
    one, two = random.sample([path for path in files if "files-" in str(path)], 2)
    for path, content, sentence in (
        (one, two.read_bytes(), "not the one"),
        (one, None, "missing"),
    ):
        whole = path.read_bytes()
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)
        with pytest.raises(BadBackup, match=f"{path.name}.*{sentence}"):
            await backups.check(world.vault, world.identity, world.folder)
        path.write_bytes(whole)


# --- what is killed


def any_file(folder: Path, name: str, left: Collection[Path] = ()) -> bool:
    """One more than what was left there before."""
    return any(path not in left for path in folder.rglob(name))


async def test_a_killed_backup_leaves_no_backup(
    world: House, tmp_path: Path, scale: Scale, figure: Figure
) -> None:
    random, whole, rounds = Random(1), 0, scale.of(2, 60)
    for number in range(rounds):
        folder = tmp_path / str(number % 2)  # the next one goes on from what this one left
        before = set(folder.glob(f"*{SUFFIX}"))
        halves = partial(any_file, folder, "*.part", set(folder.rglob("*.part")))
        later = random.choice([0, random.uniform(0, 0.5)])
        await reperes("backup", str(folder), env=world.env(), kill=(halves, later))
        for path in set(folder.glob(f"*{SUFFIX}")) - before:
            await backups.check(world.vault, world.identity, path)
            whole += 1
    for name in ("0", "1"):
        status, said = await reperes("backup", str(tmp_path / name), env=world.env())
        assert status == 0, said
        await backups.check(world.vault, world.identity, tmp_path / name)
        assert not list((tmp_path / name).rglob("*.part"))
    figure("backups killed", rounds - whole)


async def test_a_killed_restore_leaves_an_empty_database(
    world: House, databases: Databases, tmp_path: Path, scale: Scale, figure: Figure
) -> None:
    await _backup_here(world)
    random, whole, rounds = Random(2), 0, scale.of(2, 40)
    for number in range(rounds):
        url, var = databases.copy(), tmp_path / f"killed-{number}"
        copytree(world.settings.var_dir / "keys", var / "keys")
        env = world.env(REPERES_DATABASE_URL=url, REPERES_VAR_DIR=str(var))
        words = ("restore", str(world.folder), "--identity", str(world.key_file))
        arrived = partial(any_file, var / "blobs", "original")
        later = random.choice([0, random.uniform(0, 0.5)])
        await reperes(*words, env=env, kill=(arrived, later))
        engine = make_engine(url)
        async with make_sessions(engine, world.vault)() as db:
            restored = bool(await db.scalar(text("SELECT count(*) FROM version")))
            lines = await db.scalar(text("SELECT count(*) FROM trace"))
        assert restored == bool(lines)
        if not restored:
            rmtree(var / "blobs", ignore_errors=True)
            status, said = await reperes(*words, env=env)
            assert status == 0, said
        whole += restored
        store = open_files(f"file://{var / 'blobs'}")
        assert not await store.is_empty()
        await engine.dispose()
        databases.drop(url)
    figure("restores killed, begun again", rounds - whole)


async def _backup_here(world: House) -> None:
    engine = make_engine(world.settings.database_url or "")
    await backups.make(
        engine,
        world.vault,
        open_files(world.settings.storage_url),
        Repository(world.folder),
        world.identity.public_key(),
    )
    await engine.dispose()
