"""The disk is full, fails, or lies: nothing unsafe is acknowledged, and reading goes on."""

import asyncio
import errno
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from subprocess import run

import pytest

from backend.cli.fsck import check
from backend.demo.reports import DemoDeposit, write_message
from backend.gateways import files
from backend.services.soundness import Fault
from backend.storage.db import utcnow
from backend.web import health
from tests.pages import text_of
from tests.proofs.faults.conftest import House

Reports = Mapping[str, DemoDeposit]
FIRST, SECOND = "laura-premier-bilan-v1", "laura-deuxieme-bilan-v1"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """The folder of files is a disk of two megabytes."""
    blobs = tmp_path / "var/blobs"
    blobs.mkdir(parents=True, exist_ok=True)
    mounted = run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(blobs)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("this machine lacks: the right to mount a small disk")
    yield blobs
    run(["umount", "-l", str(blobs)], check=True)


async def test_full(
    small_disk: Path, house: House, reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "ROOM", 500_000)
    assert "MSA|AA" in await house.laboratory.send(write_message(reports[FIRST]))
    await drawn(house)
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space"):
        ballast.write_bytes(bytes(4_000_000))
    message = write_message(reports[SECOND])
    assert "MSA|AR" in await house.laboratory.send(message)
    ready = await house.client.get("/readyz")
    assert (ready.status_code, ready.json()) == (503, {"status": "disk full"})
    assert await house.receipts() == 1
    assert (await house.laura.get("/documents")).status_code == 200
    ballast.unlink()
    assert "MSA|AA" in await house.laboratory.send(message)
    assert (await house.client.get("/readyz")).status_code == 200


async def test_a_store_that_said_nothing_of_it_would_be_noticed(
    small_disk: Path, house: House, reports: Reports, careless_store: None
) -> None:
    """The control: what cannot be written is acknowledged, and `reperes fsck` misses it."""
    with pytest.raises(OSError, match="No space"):
        (small_disk / "ballast").write_bytes(bytes(4_000_000))
    assert "MSA|AA" in await house.laboratory.send(write_message(reports[FIRST]))
    found = await check(house.app.state.settings, now=utcnow())
    assert Fault.ORIGINAL_MISSING in {broken.fault for broken in found.broken}


@pytest.fixture
def failing_sync(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Each sync says EIO: what it should keep may be lost, and asking again proves nothing."""

    def fails(_handle: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fails)
    return monkeypatch


async def test_a_failed_sync_acknowledges_nothing_and_trusts_nothing_of_it(
    failing_sync: pytest.MonkeyPatch, house: House, reports: Reports, tmp_path: Path
) -> None:
    message = write_message(reports[FIRST])
    assert "MSA|AR" in await house.laboratory.send(message)
    assert await house.receipts() == 0
    doubtful = {path.name for path in (tmp_path / "var/blobs").rglob("*") if path.is_file()}
    failing_sync.undo()
    assert "MSA|AA" in await house.laboratory.send(message)
    async with house.app.state.engine.connect() as connection:
        named = (await connection.exec_driver_sql("SELECT file_key FROM version")).scalars().all()
    folders = {path.parent.name for path in (tmp_path / "var/blobs").rglob("original")}
    assert doubtful
    assert len(folders) == 2
    assert len(named) == 1


async def test_a_store_that_ignored_it_would_be_noticed(
    failing_sync: pytest.MonkeyPatch, house: House, reports: Reports
) -> None:
    """The control: the same disk, and a store that does not look at what fsync says."""
    failing_sync.setattr(files, "_sync", lambda *_: None)
    assert "MSA|AA" in await house.laboratory.send(write_message(reports[FIRST]))


async def test_a_bit_that_flipped_costs_one_file(
    house: House, reports: Reports, tmp_path: Path
) -> None:
    for name in (FIRST, SECOND):
        assert "MSA|AA" in await house.laboratory.send(write_message(reports[name]))
    paths = await documents(house)
    await drawn(house)
    pdfs = sorted((tmp_path / "var/blobs").rglob("pdf-*"))
    assert len(pdfs) == 2
    content = bytearray(pdfs[0].read_bytes())
    content[len(content) // 2] ^= 1
    pdfs[0].write_bytes(content)
    answers = [await house.laura.get(f"{path}/original.pdf") for path in paths]
    assert sorted(answer.status_code for answer in answers) == [200, 503]
    (damaged,) = (answer for answer in answers if answer.status_code == 503)
    assert "Le service a été prévenu" in text_of(damaged)
    for path in paths:
        assert (await house.laura.get(path)).status_code == 200


async def documents(house: House) -> list[str]:
    listed = (await house.laura.get("/documents")).text
    return ["/documents/" + part.split('"')[0] for part in listed.split('href="/documents/')[1:]]


async def drawn(house: House) -> None:
    """Nothing is promised any more: the worker has done what it had to."""
    async with asyncio.timeout(60):
        while True:
            async with house.app.state.engine.connect() as connection:
                due = await connection.exec_driver_sql("SELECT 1 FROM outbox WHERE state = 'due'")
                if due.first() is None:
                    return
            await asyncio.sleep(0.1)
