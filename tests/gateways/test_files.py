"""The object store: written once, read back whole, missed in a sentence."""

import os
from pathlib import Path

import pytest
from obstore.store import S3Store

from backend.domain.errors import Unavailable
from backend.gateways.files import Files, open_files

KEY = "ab/abcdef/original"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path.resolve() / "blobs"


@pytest.fixture
def files(folder: Path) -> Files:
    return open_files(f"file://{folder}")


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 3, os.urandom(3_000_000)], ids=len)
async def test_what_is_put_comes_back(files: Files, folder: Path, content: bytes) -> None:
    await files.put(KEY, content)
    assert await files.get(KEY) == content
    assert (folder / KEY).read_bytes() == content


async def test_nothing_is_written_twice_under_one_name(files: Files) -> None:
    await files.put(KEY, b"the first")
    with pytest.raises(Unavailable):
        await files.put(KEY, b"the second")
    assert await files.get(KEY) == b"the first"


async def test_a_missing_file_is_unavailable_and_not_a_bug(files: Files) -> None:
    with pytest.raises(Unavailable, match="indisponible pour le moment"):
        await files.get(KEY)
    await files.put(KEY, b"sealed")
    await files.remove(KEY)
    with pytest.raises(Unavailable):
        await files.get(KEY)


async def test_a_store_that_cannot_be_written_is_unavailable(files: Files, folder: Path) -> None:
    (folder / "ab").write_text("a file where a folder should be")
    with pytest.raises(Unavailable):
        await files.put(KEY, b"sealed")
    with pytest.raises(Unavailable):
        await files.get(KEY)


def test_the_folder_is_made_private(folder: Path) -> None:
    open_files(f"file://{folder}")
    assert folder.stat().st_mode & 0o077 == 0


async def test_every_folder_up_to_the_root_is_flushed_before_it_is_said(
    files: Files, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: dict[int, Path] = {}
    flushed: list[Path] = []
    open_, fsync = os.open, os.fsync

    def note_open(path: Path, flags: int) -> int:
        handle = open_(path, flags)
        opened[handle] = path
        return handle

    def note_fsync(handle: int) -> None:
        flushed.append(opened[handle])
        fsync(handle)

    monkeypatch.setattr(os, "open", note_open)
    monkeypatch.setattr(os, "fsync", note_fsync)
    await files.put(KEY, b"sealed")
    assert flushed == [folder / KEY, folder / "ab/abcdef", folder / "ab", folder]


@pytest.mark.parametrize(
    ("url", "bucket", "prefix"),
    [("s3://reperes", "reperes", None), ("s3://reperes/a/b", "reperes", "a/b")],
)
def test_an_s3_address_names_its_bucket_and_its_prefix(
    monkeypatch: pytest.MonkeyPatch, url: str, bucket: str, prefix: str | None
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "un-identifiant")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "un-secret")
    store = open_files(url)._store
    assert isinstance(store, S3Store)
    assert (store.config["bucket"], store.prefix) == (bucket, prefix)


async def test_an_s3_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "un-identifiant",
        "AWS_SECRET_ACCESS_KEY": "un-secret",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    files = open_files("s3://reperes")
    with pytest.raises(Unavailable):
        await files.put(KEY, b"sealed")
    with pytest.raises(Unavailable):
        await files.get(KEY)


async def test_a_file_that_is_finished_while_files_are_listed_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = open_files(f"file://{tmp_path}")
    (tmp_path / "page#1").write_bytes(b"half")
    real = Path.rglob

    def finished_meanwhile(self: Path, pattern: str) -> list[Path]:
        found = list(real(self, pattern))
        for path in found:
            path.unlink()
        return found

    monkeypatch.setattr(Path, "rglob", finished_meanwhile)
    assert [kept async for batch in files.everything() for kept in batch] == []
