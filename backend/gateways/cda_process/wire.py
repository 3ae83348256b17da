"""What the child says: once that it is ready, then a verdict for each document.

Both pipes carry frames: 4 bytes of length, then them.
"""

from msgspec import Struct

from backend.domain.official import Verdict

LENGTH_BYTES = 4
LARGEST_ANSWER = 4_000_000


class Ready(Struct, frozen=True, tag="ready"):
    """What can be checked from now on."""

    schema: bool
    schematrons: tuple[str, ...]
    broken: tuple[str, ...]
    """They are there, and cannot be run: a file that they include is missing, above all."""
    engine: bool
    """Whether what runs schematrons is installed."""


class Checked(Struct, frozen=True, tag="checked"):
    """The answer to one document."""

    verdict: Verdict


class Unreadable(Struct, frozen=True, tag="unreadable"):
    """Not a CDA document."""


Answer = Checked | Unreadable
