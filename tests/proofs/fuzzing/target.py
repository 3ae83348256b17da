"""`python -m tests.proofs.fuzzing.target READER CORPUS [libFuzzer options]`: one reader, fuzzed.

A reader may refuse; anything else that it raises ends the program, with the bytes that did it in a
file. With `planted-` before its name it has a fault planted in it.
"""

import sys
from collections.abc import Callable
from contextlib import suppress

import atheris

with atheris.instrument_imports(
    include=["backend.domain.formats", "backend.interop.reading", "backend.interop.fhir.reading"]
):
    from backend.domain.errors import Refused
    from backend.domain.formats.cda import read_cda
    from backend.domain.formats.hl7v2 import MessageError, read_message, read_msh, write_ack
    from backend.domain.formats.mhd import FhirError, read_bundle, read_reference
    from backend.domain.formats.mllp import Blocks
    from backend.interop.fhir.reading import to_deposit
    from backend.interop.reading import read_deposit

from datetime import UTC, datetime

NOW = datetime(2026, 11, 23, tzinfo=UTC)
EXPECTED = (Refused, MessageError, FhirError)
MOST = 20_000


def hl7(data: bytes) -> None:
    """A message, its header alone, the answer to it, and the line that it may come on."""
    blocks = Blocks(MOST)
    for half in (data[: len(data) // 2], data[len(data) // 2 :]):
        blocks.feed(half)
    assert len(blocks.partial) <= MOST
    write_ack(read_msh(data), "AE", control_id="1", at=NOW, errors=[], receipt="")
    read_message(data)


def cda(data: bytes) -> None:
    read_cda(data)


def deposit(data: bytes) -> None:
    """Both, one in the other."""
    read_deposit(data)


def fhir(data: bytes) -> None:
    """A lot, or a document alone."""
    for read in (read_bundle, read_reference):
        with suppress(FhirError):
            to_deposit(read(data))


def form(data: bytes) -> None:
    """Whatever reads forms, the framework’s part included."""
    from tests.proofs.fuzzing.forms import read_form

    read_form(data)


READERS: dict[str, Callable[[bytes], None]] = {
    "hl7": hl7,
    "cda": cda,
    "deposit": deposit,
    "form": form,
    "fhir": fhir,
}


def main() -> None:
    name = sys.argv.pop(1)
    reader, planted = READERS[name.removeprefix("planted-")], name.startswith("planted-")

    def one(data: bytes) -> None:
        with suppress(*EXPECTED):
            reader(data)
        if planted and len(data) > 40 and data[3:4] == b"~":
            raise ZeroDivisionError

    if name == "form":
        with atheris.instrument_imports(include=["litestar", "backend.web.bodies"]):
            form(b"")
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
