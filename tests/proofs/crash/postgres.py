"""PostgreSQL killed too: its postmaster and every process of it, at once."""

import signal
import time
from pathlib import Path
from shutil import rmtree
from threading import Lock

import psutil
import psycopg

from backend.storage import embedded
from tests.fixtures.alarm import hear_log

SECONDS = 30
HASTY = ("synchronous_commit = off", "wal_writer_delay = '10s'", "wal_writer_flush_after = '1GB'")


def processes_of(home: Path) -> list[psutil.Process]:
    """The postmaster of this folder, then its children."""
    note = home.resolve() / "data/postmaster.pid"
    postmaster = psutil.Process(int(note.read_text().splitlines()[0]))
    return [postmaster, *postmaster.children(recursive=True)]


def discard(home: Path) -> None:
    """Stop without a farewell, and forget it all: nothing there is worth keeping."""
    processes = processes_of(home)
    processes[0].send_signal(signal.SIGQUIT)
    psutil.wait_procs(processes, timeout=SECONDS)
    hear_log((home / "server.log").read_bytes())
    rmtree(home.parent)


class Cluster:
    """A server that survives a power cut, and is killed often."""

    def __init__(self, home: Path) -> None:
        self.home, self._busy = home, Lock()
        self.server = embedded.start(home, durable=True)

    def hurry(self) -> None:
        """Answer commits before they are on the disk: what a hasty operator might set."""
        with psycopg.connect(
            host=str(self.server.socket), user=embedded.ADMINISTRATOR, autocommit=True
        ) as connection:
            for setting in HASTY:
                connection.execute(f"ALTER SYSTEM SET {setting}".encode())
            connection.execute("SELECT pg_reload_conf()")
        time.sleep(1)  # each process reads its settings again when it is next idle

    def kill(self) -> None:
        """SIGKILL to all of it; then started again, as at the next start of the service."""
        with self._busy:
            processes = processes_of(self.home)
            for process in processes:
                process.kill()
            psutil.wait_procs(processes, timeout=SECONDS)
            self.server.stop()  # leaves: nobody is there to stop
            self.server = embedded.start(self.home, durable=True)

    def discard(self) -> None:
        """Once it runs: a storm that ends leaves the thread that was killing it."""
        with self._busy:
            discard(self.home)
