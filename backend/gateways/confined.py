"""Child processes of our own that read hostile files: how each is started, heard and ended.

What one may do is the child’s own business: it gives up the rest (`pdf_process.confinement`).
"""

import asyncio
import contextlib
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

ROOT = Path(__file__).parents[2]


def orders(module: str) -> str:
    """What an interpreter is told to run this module.

    -I gives it no folder of the caller’s: it is told of ours, after all others.
    """
    return (
        "import runpy, sys; sys.path.append(sys.argv[1]); "
        f"runpy.run_module({module!r}, run_name='__main__')"
    )


async def start(launch: str, *arguments: str) -> Process:
    """Without environment, folder or terminal; OSError when there is no room for it."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-c", launch, str(ROOT), *arguments),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        cwd="/",
        env={},
        start_new_session=True,  # a Ctrl-C is for the parent, which ends its children
        limit=1 << 20,
    )


async def send(process: Process, *parts: bytes) -> None:
    """All of it, as fast as it is read."""
    assert process.stdin is not None
    process.stdin.write(b"".join(parts))
    await process.stdin.drain()


async def hear(process: Process, length_bytes: int, largest: int) -> bytes:
    """One answer, after its length; EOFError when the child ended, or would not."""
    assert process.stdout is not None
    length = int.from_bytes(await process.stdout.readexactly(length_bytes))
    if length > largest:
        raise EOFError
    return await process.stdout.readexactly(length)


async def end(process: Process) -> None:
    """Without farewell: it holds nothing."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    await process.communicate()
