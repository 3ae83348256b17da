"""PostgreSQL killed too: its postmaster and every process of it, at once."""

from pathlib import Path

import psutil

from backend.storage import embedded

SECONDS = 30


def processes_of(home: Path) -> list[psutil.Process]:
    """The postmaster of this folder, then its children."""
    note = home.resolve() / "data/postmaster.pid"
    postmaster = psutil.Process(int(note.read_text().splitlines()[0]))
    return [postmaster, *postmaster.children(recursive=True)]


class Cluster:
    """A server that survives a power cut, and is killed often."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.server = embedded.start(home, durable=True)

    def kill(self) -> None:
        """SIGKILL to all of it; then started again, as at the next start of the service."""
        processes = processes_of(self.home)
        for process in processes:
            process.kill()
        psutil.wait_procs(processes, timeout=SECONDS)
        self.server.stop()  # leaves: nobody is there to stop
        self.server = embedded.start(self.home, durable=True)
