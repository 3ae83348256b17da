"""What a child cannot do, whatever a file makes it try: each tried in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from backend.gateways.pdf import Flaw, Unusable
from backend.gateways.pdf_process import confinement

ATTEMPTS = {
    "a connection": "import socket; socket.create_connection(('127.0.0.1', 9), 1)",
    "a pair of sockets": "import socket; socket.socketpair()",
    "a child": "os.fork()",
    "a program": "os.execv('/bin/true', ['true'])",
    "a file to write": "os.open('{folder}/made', os.O_WRONLY | os.O_CREAT)",
    "a folder": "os.mkdir('{folder}/made')",
    "a file to remove": "os.remove('{folder}/there')",
    "a file to rename": "os.rename('{folder}/there', '{folder}/made')",
    "a signal to its parent": "os.kill(os.getppid(), 0)",
    "the limits of its parent": (
        "import resource; resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))"
    ),
}
READINGS = {
    "a secret": "open('{folder}/there').read()",
    "the users": "open('/etc/passwd').read()",
    "the map of its memory": "open('/proc/self/maps').read()",
}
HEIC = """
from backend.gateways.pdf_process.conversion import check_threads
from backend.gateways.pdf_process.wire import Flaw, FlawFound
try:
    check_threads()
except FlawFound as found:
    raise BlockingIOError(found.flaw is Flaw.UNREAD_PHOTO or found) from found
"""
SCRIPT = """
import ctypes, json, os, socket, resource, sys
sys.path.append(sys.argv[1])
from backend.gateways.pdf_process.confinement import confine
if "conversion" in sys.argv[3]:  # libraries are loaded before
    import backend.gateways.pdf_process.conversion
had = set() if sys.argv[2] == "free" else confine(threads=sys.argv[2] == "threads")
try:
    exec(sys.argv[3])
    said = "done"
except (OSError, RuntimeError) as error:
    said = type(error).__name__
print(json.dumps([sorted(had), said]))
"""


def attempt(code: str, folder: Path, how: str = "confined") -> tuple[list[str], str]:
    folder.mkdir(exist_ok=True)
    (folder / "there").write_text("secret")
    root = str(Path(confinement.__file__).parents[3])
    command = [sys.executable, "-I", "-c", SCRIPT, root, how, code.format(folder=folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    if not done.stdout:  # another program took its place
        return [], "done"
    had, said = json.loads(done.stdout.splitlines()[0])
    return had, said


def require(part: str, had: list[str]) -> None:
    if part not in had:
        pytest.skip(f"this kernel does not confine {part}")


@pytest.mark.parametrize("code", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_what_is_not_a_calculation_is_refused(code: str, tmp_path: Path) -> None:
    had, said = attempt(code, tmp_path / "place")
    require("calls", had)
    assert said != "done"
    assert [path.name for path in (tmp_path / "place").iterdir()] == ["there"]


@pytest.mark.parametrize("code", READINGS.values(), ids=READINGS.keys())
def test_files_of_others_are_not_read(code: str, tmp_path: Path) -> None:
    had, said = attempt(code, tmp_path / "place")
    require("files", had)
    assert said == "PermissionError"


@pytest.mark.parametrize("code", [ATTEMPTS["a child"], READINGS["a secret"]])
def test_without_confinement_the_same_attempts_succeed(code: str, tmp_path: Path) -> None:
    assert attempt(code, tmp_path / "place", "free")[1] == "done"


@pytest.mark.parametrize(
    ("how", "code", "expected"),
    [
        ("confined", "import threading; threading.Thread(target=int).start()", "RuntimeError"),
        ("threads", "import threading; threading.Thread(target=int).start()", "done"),
        ("confined", HEIC, "BlockingIOError"),
        ("threads", HEIC, "done"),
        ("threads", ATTEMPTS["a child"], "PermissionError"),
        ("threads", ATTEMPTS["a program"], "OSError"),
    ],
)
def test_the_task_that_may_start_threads_may_start_no_process(
    how: str, code: str, expected: str, tmp_path: Path
) -> None:
    had, said = attempt(code, tmp_path / "place", how)
    require("calls", had)
    assert said == expected


def test_who_has_an_iphone_is_told_what_to_do_where_its_photos_are_not_read() -> None:
    for words in (
        "Réglages",
        "Appareil photo",
        "Formats",
        "Le plus compatible",
        "reprenez la photo",
    ):
        assert words in Unusable(Flaw.UNREAD_PHOTO).message
