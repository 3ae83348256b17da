"""The real service for the benchmarks: its own PostgreSQL, its files, one or several processes."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy.engine import make_url

from backend.settings import Settings
from backend.storage import embedded
from backend.storage.db import Sessions, make_engine, make_sessions
from backend.storage.migrate import upgrade
from backend.storage.vault import Vault
from benchmarks.load import SUCCESS, fetch, write_request

ROOT = Path(__file__).parents[1]
KEY = "YmVuY2htYXJrcy1vbmx5LWtleS1vZi0zMi1ieXRlcyE="
READY_SECONDS = 60
MEGA = 1 << 20


CODE = re.compile(r"\b(\d{3}) (\d{3})\b")


class PostOffice:
    """Takes every letter; of each, keeps the code that is in it."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        """The last one of each address."""

    async def handle_DATA(self, _smtp: SMTP, _session: Session, letter: Envelope) -> str:  # noqa: N802
        """Called by the server."""
        message = BytesParser(policy=default).parsebytes(letter.original_content or b"")
        if found := CODE.search(message.get_content()):
            self.codes[letter.rcpt_tos[0]] = found[1] + found[2]
        return "250 OK"

    async def code_of(self, address: str) -> str:
        """The code sent there, once it has come: letters come in on another thread."""
        async with asyncio.timeout(READY_SECONDS):
            while True:
                if code := self.codes.pop(address, ""):
                    return code
                await asyncio.sleep(0.005)


@dataclass(frozen=True, slots=True)
class Place:
    """A database and a folder that live as long as the benchmarks."""

    database_url: str
    socket: str
    """Folder of the server's socket, for its administrator."""
    folder: Path
    smtp_port: int
    post: PostOffice

    @property
    def database(self) -> str:
        return make_url(self.database_url).database or ""

    def environment(self, port: int, processes: int) -> dict[str, str]:
        """Production settings: several processes, proxies, no demonstration."""
        return {
            "REPERES_MODE": "production",
            "REPERES_DATABASE_URL": self.database_url,
            "REPERES_VAR_DIR": str(self.folder),
            "REPERES_PUBLIC_URL": "https://localhost",
            "REPERES_HOST": "127.0.0.1",
            "REPERES_PORT": str(port),
            "REPERES_ROOT_KEY": KEY,
            "REPERES_PROCESSES": str(processes),
            "REPERES_WORKER": "external",
            "REPERES_TRUSTED_PROXIES": "1",
            "REPERES_SESSION_IDLE_MINUTES": "60",
            "REPERES_SMTP_HOST": "localhost",
            "REPERES_SMTP_PORT": str(self.smtp_port),
            "REPERES_SMTP_SECURITY": "none",
            "REPERES_SMTP_FROM": "reperes@service.example",
        }


@contextmanager
def place() -> Iterator[Place]:
    """PostgreSQL with fsync on, on the disk of the project."""
    var = ROOT / "var"
    var.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=var) as name:
        folder = Path(name)
        folder.chmod(0o755)  # root's server runs under another account
        letters = PostOffice()
        post = Controller(letters, hostname="127.0.0.1", port=free_port())
        post.start()
        server = embedded.start(folder / "postgres", durable=True)
        try:
            upgrade(server.url)
            yield Place(server.url, str(server.socket), folder, post.port, letters)
        finally:
            server.stop()
            post.stop()


@asynccontextmanager
async def sessions_of(where: Place) -> AsyncIterator[Sessions]:
    """Sessions with the service's keys, to prepare data."""
    engine = make_engine(where.database_url)
    settings = Settings.from_env(where.environment(1, 1))
    yield make_sessions(engine, Vault(settings.root_key))
    await engine.dispose()


@dataclass(slots=True)
class Service:
    """A running service."""

    port: int
    process: subprocess.Popen[bytes]
    start_seconds: float

    def memory(self) -> list[float]:
        """Megabytes of each web process, without what its like share with it (PSS)."""
        parent = psutil.Process(self.process.pid)
        webs = [child for child in parent.children() if _listens(child)] or [parent]
        return [one.memory_full_info().pss / MEGA for one in webs]


def _listens(process: psutil.Process) -> bool:
    found = process.net_connections("tcp")
    return any(connection.status == psutil.CONN_LISTEN for connection in found)


@asynccontextmanager
async def service(where: Place, *, processes: int) -> AsyncIterator[Service]:
    """`reperes run`, ready."""
    port = free_port()
    async with running(where.environment(port, processes), "-m", "backend", "run") as process:
        began = time.perf_counter()
        await until_ready(process, port, "/readyz")
        yield Service(port, process, time.perf_counter() - began)


@asynccontextmanager
async def worker(where: Place) -> AsyncIterator[psutil.Process]:
    """`reperes worker` beside it."""
    async with running(where.environment(1, 1), "-m", "backend", "worker") as process:
        yield psutil.Process(process.pid)


@asynccontextmanager
async def bare(folder: Path, *, processes: int) -> AsyncIterator[int]:
    """The port of the bare application, which sends what `folder` holds."""
    port = free_port()
    words = ["-m", "uvicorn", "benchmarks.bare:app", "--port", str(port), "--no-access-log"]
    words += ["--workers", str(processes), "--log-level", "error"]
    async with running({"BARE": str(folder)}, *words) as process:
        await until_ready(process, port, "/ready")
        yield port


@asynccontextmanager
async def running(
    environment: dict[str, str], *words: str
) -> AsyncIterator[subprocess.Popen[bytes]]:
    """A Python program that is told to stop at the end."""
    kept = {name: value for name, value in os.environ.items() if name[:8] != "REPERES_"}
    with (ROOT / "var/bench.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, env=kept | environment, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.wait, 40)


async def until_ready(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    """Wait for a 200, or fail with what to read."""
    async with asyncio.timeout(READY_SECONDS):
        while process.poll() is None:
            try:
                if (await fetch(port, write_request("GET", path)))[0] == SUCCESS:
                    return
            except (OSError, EOFError):
                pass
            await asyncio.sleep(0.01)
    raise RuntimeError("the service did not start: see var/bench.log")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
