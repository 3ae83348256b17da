"""ER7, the pipe-and-hat form of HL7 v2: segments, components, escapes, bytes."""

from collections.abc import Mapping
from datetime import date, datetime

ESCAPES = str.maketrans({"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"})
CODINGS = {"UNICODE UTF-8": "utf-8", "8859/15": "iso-8859-15"}
PLAIN = str.maketrans({"’": "'", "\u202f": "\xa0", "–": "-"})
"""French typography that ISO 8859-15 lacks, and what stands for it there."""


def encode(segments: list[str], charset: str) -> bytes:
    """Segments ended by CR, in the charset of MSH-18. Raises UnicodeEncodeError, never loses."""
    text = "".join(line + "\r" for line in segments)
    coding = CODINGS[charset]
    return (text if coding == "utf-8" else text.translate(PLAIN)).encode(coding)


def segment(name: str, fields: Mapping[int, str]) -> str:
    """Fields by rank from 1, the ones between left empty."""
    return "|".join([name, *(fields.get(rank, "") for rank in range(1, max(fields) + 1))])


def escape(text: str) -> str:
    r"""Text that holds delimiters, as ER7 wants it; line breaks become `\.br\`."""
    return text.translate(ESCAPES).replace("\r\n", "\n").replace("\n", "\\.br\\")


def parts(components: Mapping[int, str]) -> str:
    """Components of a field, by rank from 1."""
    return "^".join(components.get(rank, "") for rank in range(1, max(components) + 1))


def instant(value: date) -> str:
    """A moment with its offset, or a day."""
    return value.strftime("%Y%m%d%H%M%S%z" if isinstance(value, datetime) else "%Y%m%d")
