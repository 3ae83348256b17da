"""The PostgreSQL that comes with the project: one cluster in a folder, one socket, no TCP.

The server outlives the process that started it, so that killing the application loses nothing:
the next start finds it again. Whoever uses it holds a shared lock, and the last to leave stops it.
"""

import os
from dataclasses import dataclass, field
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN, flock
from pathlib import Path
from shutil import rmtree
from urllib.parse import quote

import psycopg

from backend.storage.embedded.cluster import CannotStart, Cluster
from backend.storage.embedded.places import account_for, binaries_for, open_home

__all__ = ["ADMINISTRATOR", "CannotStart", "EmbeddedServer", "InUse", "remove", "start"]

ADMINISTRATOR = "postgres"
DATABASE = "reperes"


class InUse(Exception):
    """Another process holds the server."""


@dataclass(frozen=True)
class EmbeddedServer:
    """A server that accepts connections, until `stop` is called."""

    url: str
    """For SQLAlchemy; the role is not a superuser, and owns its database."""

    socket: Path
    """The folder of the socket. Its permissions are the only door: whoever enters is trusted."""

    _cluster: Cluster = field(repr=False)
    _users: int = field(repr=False)

    def stop(self) -> None:
        """Leave; the last one out stops the server."""
        with self._cluster.alone():
            try:
                if _nobody_else(self._users):
                    self._cluster.halt()
            finally:
                os.close(self._users)


def start(home: Path, *, durable: bool) -> EmbeddedServer:
    """The server of the folder `home`, made, started or found running; CannotStart otherwise.

    A durable one survives a power cut; the others are for tests.
    """
    try:
        cluster = _cluster(home, durable=durable)
        with cluster.alone():
            cluster.create()
            socket = cluster.run()
            _create_database(socket)
            users = _open_users(cluster.folder)
            flock(users, LOCK_SH)
    except (OSError, psycopg.Error) as error:
        raise CannotStart(f"The embedded PostgreSQL in {home} cannot be used: {error}") from error
    url = f"postgresql+psycopg://{DATABASE}@/{DATABASE}?host={quote(str(socket))}&port=5432"
    return EmbeddedServer(url, socket, cluster, users)


def remove(home: Path) -> None:
    """Forget the cluster of `home` and all its data; InUse while somebody has it."""
    if not home.exists():
        home.unlink(missing_ok=True)  # a link to nothing
        return
    cluster = _cluster(home, durable=False)
    with cluster.alone():
        users = _open_users(cluster.folder)
        try:
            if not _nobody_else(users):
                raise InUse(f"The database in {home} is in use: stop the application first.")
        finally:
            os.close(users)
        cluster.halt()
        rmtree(cluster.folder)
        if home.is_symlink():
            home.unlink()


def _cluster(home: Path, *, durable: bool) -> Cluster:
    account = account_for(home)
    folder = open_home(home, account)
    return Cluster(folder, account, binaries_for(folder, account), durable=durable)


def _open_users(folder: Path) -> int:
    return os.open(folder / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)


def _nobody_else(users: int) -> bool:
    flock(users, LOCK_UN)
    try:
        flock(users, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _create_database(socket: Path) -> None:
    with psycopg.connect(
        host=str(socket), port=5432, user=ADMINISTRATOR, dbname="postgres", autocommit=True
    ) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'reperes'").fetchone():
            connection.execute("CREATE ROLE reperes LOGIN")
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'reperes'").fetchone():
            connection.execute("CREATE DATABASE reperes OWNER reperes")
