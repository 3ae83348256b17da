"""What keeps our bytes: a distant store gone, failing or mute; the database’s own disk full."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from subprocess import run
from tempfile import mkdtemp
from time import monotonic

import pytest

from backend.app import create_app
from backend.demo import world
from backend.demo.people import LAURA
from backend.demo.reports import DemoDeposit, write_message
from backend.gateways import files
from backend.settings import Settings
from backend.storage import embedded
from backend.storage.db import make_engine, make_sessions
from backend.storage.migrate import upgrade
from backend.storage.vault import Vault
from tests.fixtures.application import client_of, running, settings_for
from tests.laboratory import Laboratory
from tests.pages import Browser
from tests.proofs.conftest import Figure

Reports = Mapping[str, DemoDeposit]
FIRST, SECOND = "laura-premier-bilan-v1", "laura-deuxieme-bilan-v1"
READERS = 12
"""More than there are connections to the database."""
PATIENCE = 60
"""Seconds after which something hangs."""


async def documents(laura: Browser) -> list[str]:
    """Their addresses, on her list."""
    listed = (await laura.get("/documents")).text
    return ["/documents/" + part.split('"')[0] for part in listed.split('href="/documents/')[1:]]


class Bucket:
    """An object store that speaks enough of S3, and fails as it is told."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.port = 0
        self.status = 0
        """What it answers instead, when it is not 0."""
        self._speaks = asyncio.Event()
        self._speaks.set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def mute(self) -> None:
        """It listens, and answers nothing."""
        self._speaks.clear()

    def recover(self) -> None:
        self.status = 0
        self._speaks.set()

    def close(self) -> None:
        """Nobody listens there any more."""
        if self._server:
            self._server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            (method, path, _), *lines = (line.split(" ", 2) for line in head.split("\r\n") if line)
            headers = {line[0].lower(): line[-1] for line in lines}
            body = await reader.readexactly(int(headers.get("content-length:", 0)))
            await self._speaks.wait()
            status, content = self._do(method, path.partition("?")[0], body)
            lines_out = [
                f"HTTP/1.1 {status} .",
                f"content-length: {len(content)}",
                'etag: "0"',
                "last-modified: Mon, 23 Nov 2026 08:00:00 GMT",
                "connection: close",
            ]
            writer.write("\r\n".join([*lines_out, "", ""]).encode() + content)
            await writer.drain()
        except (EOFError, ConnectionError):
            pass
        finally:
            writer.close()

    def _do(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if self.status:
            return self.status, b""
        if method == "PUT":
            self.kept[path] = body
            return 200, b""
        return (200, self.kept[path]) if path in self.kept else (404, b"")


@pytest.fixture
async def bucket(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bucket]:
    bucket = Bucket()
    await bucket.open()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "un-identifiant",
        "AWS_SECRET_ACCESS_KEY": "un-secret",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{bucket.port}",
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    yield bucket
    bucket.recover()
    bucket.close()


@asynccontextmanager
async def peopled(settings: Settings) -> AsyncIterator[tuple[Browser, Laboratory]]:
    """Laura and a laboratory."""
    app = create_app(settings)
    async with running(app):
        laura, laboratory = Browser(app, client_of(app)), Laboratory(client_of(app), "sgl-estuaire")
        await laura.sign_in(LAURA)
        yield laura, laboratory


@pytest.mark.parametrize("fault", ["gone", "failing", "mute"])
async def test_a_distant_store(
    limits_of_production: pytest.MonkeyPatch,
    bucket: Bucket,
    settings: Settings,
    reports: Reports,
    figure: Figure,
    fault: str,
) -> None:
    """Files cannot be read nor deposited, everything else can; then all is well again."""
    settings = replace(settings, storage_url="s3://reperes")
    async with peopled(settings) as (laura, laboratory):
        assert "MSA|AA" in await laboratory.send(write_message(reports[FIRST]))
        (document,) = await documents(laura)
        if fault == "gone":
            bucket.close()
        elif fault == "failing":
            bucket.status = 503
        else:
            bucket.mute()
        began = monotonic()
        async with asyncio.timeout(PATIENCE):
            ack, listed, report, paper = await asyncio.gather(
                laboratory.send(write_message(reports[SECOND])),
                laura.get("/documents"),
                laura.get(document),
                laura.get(f"{document}/original.pdf"),
            )
        figure(f"distant store {fault}: four answers in seconds", f"{monotonic() - began:.1f}")
        assert "MSA|AR" in ack
        assert (listed.status_code, report.status_code) == (200, 200)
        assert paper.status_code == 503
        assert int(paper.headers["retry-after"]) > 0
        bucket.recover()
        if fault == "gone":
            await bucket.open()
        assert "MSA|AA" in await laboratory.send(write_message(reports[SECOND]))
        assert (await laura.get(f"{document}/original.pdf")).status_code == 200
        assert len(await documents(laura)) == 2


async def test_a_store_that_said_nothing_of_it_would_be_noticed(
    bucket: Bucket, settings: Settings, reports: Reports, careless_store: None
) -> None:
    """The control: the same store fails, and deposits are acknowledged."""
    async with peopled(replace(settings, storage_url="s3://reperes")) as (_, laboratory):
        bucket.status = 403
        assert "MSA|AA" in await laboratory.send(write_message(reports[FIRST]))
    assert not bucket.kept


async def list_while_files_hang(bucket: Bucket, settings: Settings, reports: Reports) -> int:
    """The status of a page that needs no file, while a dozen others wait for theirs."""
    settings = replace(settings, storage_url="s3://reperes")
    async with peopled(settings) as (laura, laboratory):
        assert "MSA|AA" in await laboratory.send(write_message(reports[FIRST]))
        (document,) = await documents(laura)
        bucket.mute()
        papers = [
            asyncio.create_task(laura.get(f"{document}/original.pdf")) for _ in range(READERS)
        ]
        await asyncio.sleep(0.5)
        async with asyncio.timeout(PATIENCE):
            status = (await laura.get("/documents")).status_code
            assert {paper.status_code for paper in await asyncio.gather(*papers)} == {503}
        bucket.recover()
    return status


async def test_a_store_that_hangs_leaves_the_database_to_others(
    limits_of_production: pytest.MonkeyPatch, bucket: Bucket, settings: Settings, reports: Reports
) -> None:
    assert await list_while_files_hang(bucket, settings, reports) == 200


async def test_unbounded_it_would_take_every_connection(
    limits_of_production: pytest.MonkeyPatch, bucket: Bucket, settings: Settings, reports: Reports
) -> None:
    """The control."""
    limits_of_production.setattr(files, "AT_ONCE", 100)
    assert await list_while_files_hang(bucket, settings, reports) == 503


@pytest.fixture
def small_server() -> Iterator[tuple[embedded.EmbeddedServer, Path]]:
    """A PostgreSQL whose disk can be filled."""
    home = Path(mkdtemp(prefix="faults-"))
    home.chmod(0o755)  # root's server runs under another account
    options = ["-t", "tmpfs", "-o", "size=160m,mode=755", "none", str(home)]
    if run(["mount", *options], check=False, capture_output=True).returncode:
        rmtree(home)
        pytest.skip("this machine lacks: the right to mount a small disk")
    server = embedded.start(home / "postgres", durable=False)
    yield server, home
    server.stop()
    run(["umount", "-l", str(home)], check=True)
    rmtree(home)


async def test_the_disk_of_the_database_is_full(
    small_server: tuple[embedded.EmbeddedServer, Path], reports: Reports, tmp_path: Path
) -> None:
    server, disk = small_server
    settings = settings_for(server.url, tmp_path)
    upgrade(server.url)
    engine = make_engine(server.url)
    async with make_sessions(engine, Vault(settings.root_key)).begin() as db:
        await world.load(db)
    await engine.dispose()
    async with peopled(settings) as (laura, laboratory):
        assert "MSA|AA" in await laboratory.send(write_message(reports[FIRST]))
        ballast = disk / "ballast"
        with pytest.raises(OSError, match="No space"):
            ballast.write_bytes(bytes(300_000_000))
        async with asyncio.timeout(PATIENCE):
            assert "MSA|AR" in await laboratory.send(write_message(reports[SECOND]))
            assert (await laura.get("/documents")).status_code == 200
            assert len(await documents(laura)) == 1
        ballast.unlink()
        assert "MSA|AA" in await laboratory.send(write_message(reports[SECOND]))
        assert len(await documents(laura)) == 2
