"""Read a file on stdin, answer on stdout, again until stdin closes. `argv[-1]` is the task."""

import os
import resource
import sys
import time
from collections.abc import Callable
from typing import BinaryIO

import msgspec

from backend.gateways.pdf_process.confinement import confine
from backend.gateways.pdf_process.wire import (
    LENGTH_BYTES,
    Answer,
    Flaw,
    Flawed,
    FlawFound,
    Kind,
    Task,
)

Work = Callable[[Kind, bytes], Answer]

MEMORY = {Task.INSPECT: 512 << 20, Task.RENDER: 1 << 30, Task.CONVERT: 1 << 30}
CPU_SECONDS = {Task.INSPECT: 5, Task.RENDER: 20, Task.CONVERT: 15}
OPEN_FILES = 16
"""The three pipes, and the font a page names without carrying it."""


def main(task: Task) -> None:
    """Serve until the parent closes stdin or dies."""
    work = _worker(task)
    _limit(task)
    _confine(task)
    while head := sys.stdin.buffer.read(1 + LENGTH_BYTES):
        content = sys.stdin.buffer.read(int.from_bytes(head[1:]))
        _allow_cpu(CPU_SECONDS[task])
        _write(sys.stdout.buffer, _answer(work, Kind(head[0]), content))


def _worker(task: Task) -> Work:
    """The libraries are loaded before the limits, and only those that the task needs."""
    if task is Task.INSPECT:
        from backend.gateways.pdf_process import figures, inspection

        inspection.warm_up()
        figures.warm_up()
        return lambda kind, content: (
            inspection.inspect(content) if kind is Kind.PDF else figures.look(kind, content)
        )
    if task is Task.CONVERT:
        from backend.gateways.pdf_process import conversion

        conversion.warm_up()
        return conversion.convert
    from backend.gateways.pdf_process import drawing

    drawing.warm_up()
    os.nice(10)  # drawing waits for whoever is reading a page
    return lambda _, content: drawing.draw(content)


def _answer(work: Work, kind: Kind, content: bytes) -> Answer:
    try:
        return work(kind, content)
    except FlawFound as found:
        return Flawed(found.flaw)
    except MemoryError:
        return Flawed(Flaw.TOO_HEAVY)
    except Exception:  # noqa: BLE001 - whatever a parser throws at a hostile file
        return Flawed(Flaw.DAMAGED)


def _write(pipe: BinaryIO, answer: Answer) -> None:
    body = msgspec.msgpack.encode(answer)
    pipe.write(len(body).to_bytes(LENGTH_BYTES) + body)
    pipe.flush()


def _limit(task: Task) -> None:
    for kind, limit in (
        (resource.RLIMIT_AS, MEMORY[task]),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):
        resource.setrlimit(kind, (limit, limit))


def _confine(task: Task) -> None:
    """No process, ever. A thread only to make PDFs, and where the kernel can tell the two apart."""
    threads = task is Task.CONVERT
    had = confine(threads=threads)
    if not (threads and "calls" in had):
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def _allow_cpu(seconds: int) -> None:
    """The kernel counts for the whole life of the process: move the limit before each job."""
    spent = int(time.process_time()) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main(Task(sys.argv[-1]))
