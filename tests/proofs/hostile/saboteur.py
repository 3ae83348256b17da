"""A child that draws, until a page tells it to do harm: what a hole in PDFium would allow.

Its text is what `python -c` runs: `HOW`, the folder and the port come before it (`orders`).
"""

import ctypes
import os
import socket
import sys
from pathlib import Path

sys.path.append(sys.argv[1])

from backend.gateways.pdf_process import __main__ as child
from backend.gateways.pdf_process import drawing
from backend.gateways.pdf_process.wire import Rendered, Task

HOW, FOLDER, PORT = os.environ.get("HOW", "confined"), Path("/nowhere"), 0


def draw(pdf: bytes) -> Rendered:
    """As usual, unless the file names a harm."""
    for name, harm in HARMS.items():
        if f"harm-{name}".encode() in pdf:
            harm()
    return real(pdf)


def _crash() -> None:
    ctypes.string_at(0)


def _memory() -> None:
    held = []
    while True:
        held.append(bytearray(1 << 26))


def _loop() -> None:
    while True:
        pass


def _write() -> None:
    (FOLDER / "written").touch()


def _fork() -> None:
    if os.fork() == 0:
        (FOLDER / "forked").touch()
        os._exit(0)


def _call() -> None:
    socket.create_connection(("127.0.0.1", PORT), 2).close()


def _read() -> None:
    os.write(1, (FOLDER / "secret").read_bytes())


def _babble() -> None:
    os.write(1, b"\xff" * 4096)


def _leave() -> None:
    os._exit(0)


HARMS = {
    "crash": _crash,
    "memory": _memory,
    "loop": _loop,
    "write": _write,
    "fork": _fork,
    "call": _call,
    "read": _read,
    "babble": _babble,
    "leave": _leave,
}
real, drawing.draw = drawing.draw, draw
# orders
child.CPU_SECONDS[Task.RENDER] = 1
if HOW == "free":
    setattr(child, "confine", lambda **_: set())  # noqa: B010 - the real one is a function
child.main(Task(sys.argv[-1]))
