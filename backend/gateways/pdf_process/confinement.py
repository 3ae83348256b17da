"""What a child may still ask of the kernel once it has loaded what it needs: almost nothing.

Neither network, nor process, nor program, nor file to write; to read, only its own libraries and
a few places, as the fonts that a page names without carrying them. Where the kernel or the machine
offers none of this, limits alone hold (`__main__`): what could be had is returned.
"""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable, Iterator, Sequence
from errno import EACCES, ENOSYS
from pathlib import Path

FONTS = ("/usr/share/fonts", "/usr/share/X11/fonts", "/usr/local/share/fonts")
"""Where PDFium looks for them."""
RANDOM = "/dev/urandom"
PROGRAMS = (sys.prefix, sys.base_prefix, Path(__file__).parents[2])

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
ALLOW, REFUSE, DENY = 0x7FFF0000, 0x00050000 | ENOSYS, 0x00050000 | EACCES
LOAD, EQUALS, ANY_OF, RETURN = 0x20, 0x15, 0x45, 0x06
"""Words of the filter: load a word, compare, test bits, answer."""
NUMBER_AT, ARCHITECTURE_AT, FIRST_AT, THIRD_AT = 0, 4, 16, 32
"""Where the call, the machine and the arguments are, in bytes."""
CLONE_THREAD = 0x10000
"""Of this process, under the same filter; the kernel then refuses a memory of its own."""
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

Calls = tuple[int, Sequence[int], Sequence[int], int, int, int]
# Reading and writing pipes, memory, clocks, signals, limits of oneself, ending; then looking at
# files; then the three whose arguments are looked at: openat, prlimit64, clone.
MACHINES: dict[str, Calls] = {
    "x86_64": (
        0xC000003E,
        (
            *(0, 1, 3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 19, 20, 24, 25, 28, 35, 39, 60),
            *(63, 96, 97, 98, 99, 100, 102, 104, 107, 108, 131, 160, 186, 202, 204, 219, 228),
            *(229, 230, 231, 273, 318, 324, 334),
        ),
        (4, 6, 21, 79, 89, 217, 262, 267, 332),
        257,
        302,
        56,
    ),
    "aarch64": (
        0xC00000B7,
        (
            *(57, 62, 63, 64, 65, 66, 67, 73, 80, 93, 94, 98, 99, 101, 113, 114, 115, 123, 124),
            *(128, 132, 134, 135, 139, 153, 160, 163, 164, 165, 169, 172, 174, 175, 176, 177),
            *(178, 179, 214, 215, 216, 222, 226, 233, 278, 283, 293),
        ),
        (17, 48, 61, 78, 79, 291),
        56,
        261,
        220,
    ),
}
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
EVERY_RIGHT, READ_FILE, READ_RIGHTS = (1 << 13) - 1, 1 << 2, (1 << 2) | (1 << 3)
"""Of the first version of Landlock; reading a file; that and reading a folder."""


def confine(*, threads: bool = False, places: Sequence[str | Path] = FONTS) -> set[str]:
    """For the rest of this process’s life: what was had, of `files` (but `places`) and `calls`."""
    system, had = ctypes.CDLL(None, use_errno=True), set[str]()
    if system.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return had
    if _only_places(system, (*PROGRAMS, *places, RANDOM)):
        had.add("files")
    if _only_calls(system, threads=threads):
        had.add("calls")
    return had


def _only_places(system: ctypes.CDLL, places: Iterable[str | Path]) -> bool:
    """Landlock: nothing of the file system but these, to read."""
    wanted = ctypes.create_string_buffer(struct.pack("Q", EVERY_RIGHT), 8)
    rules = system.syscall(LANDLOCK_CREATE, wanted, 8, 0)
    if rules < 0:
        return False
    for place in filter(os.path.exists, places):
        at = os.open(Path(place).resolve(), os.O_PATH)
        rights = READ_RIGHTS if Path(place).is_dir() else READ_FILE
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, at), 12)
        system.syscall(LANDLOCK_ADD, rules, 1, rule, 0)
        os.close(at)
    done = bool(system.syscall(LANDLOCK_RESTRICT, rules, 0) == 0)
    os.close(rules)
    return done


def _only_calls(system: ctypes.CDLL, *, threads: bool) -> bool:
    """Seccomp: a list of calls; any other is answered as if the kernel did not know it."""
    calls = MACHINES.get(platform.machine())
    if calls is None:
        return False
    program = b"".join(_filter(calls, threads=threads))
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    wanted = ctypes.create_string_buffer(header, len(header))
    return bool(system.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, wanted, 0, 0) == 0)


def _filter(calls: Calls, *, threads: bool) -> Iterator[bytes]:
    """Instructions of eight bytes: code, two jumps, a word."""
    machine, plain, looking, openat, prlimit, clone = calls
    yield struct.pack("HBBI", LOAD, 0, 0, ARCHITECTURE_AT)
    yield struct.pack("HBBI", EQUALS, 1, 0, machine)
    yield struct.pack("HBBI", RETURN, 0, 0, REFUSE)
    yield struct.pack("HBBI", LOAD, 0, 0, NUMBER_AT)
    for number in (*plain, *looking):
        yield struct.pack("HBBI", EQUALS, 0, 1, number)
        yield struct.pack("HBBI", RETURN, 0, 0, ALLOW)
    yield from _unless(openat, THIRD_AT, WRITES)
    yield from _unless(prlimit, FIRST_AT, 0xFFFFFFFF)  # 0 is oneself
    if threads:
        yield from _looked_at(clone, FIRST_AT, CLONE_THREAD, ALLOW, DENY)
    yield struct.pack("HBBI", RETURN, 0, 0, REFUSE)


def _unless(number: int, argument: int, bits: int) -> Iterator[bytes]:
    """This call is allowed when its argument has none of these bits."""
    return _looked_at(number, argument, bits, DENY, ALLOW)


def _looked_at(number: int, argument: int, bits: int, any_of: int, none_of: int) -> Iterator[bytes]:
    """What is answered to this call when its argument has any of these bits, and when none."""
    yield struct.pack("HBBI", EQUALS, 0, 4, number)
    yield struct.pack("HBBI", LOAD, 0, 0, argument)
    yield struct.pack("HBBI", ANY_OF, 0, 1, bits)
    yield struct.pack("HBBI", RETURN, 0, 0, any_of)
    yield struct.pack("HBBI", RETURN, 0, 0, none_of)
