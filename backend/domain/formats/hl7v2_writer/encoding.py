"""Fields into segments, segments into the bytes of a message (ER7)."""

from collections.abc import Mapping
from datetime import date, datetime

from backend.domain.formats.hl7v2.header import PLAIN

CODINGS = {"UNICODE UTF-8": "utf-8", "8859/15": "iso-8859-15"}


def encode(segments: list[str], charset: str) -> bytes:
    """Segments ended by CR, in the charset of MSH-18. Raises UnicodeEncodeError, never loses."""
    text = "".join(line + "\r" for line in segments)
    coding = CODINGS[charset]
    return (text if coding == "utf-8" else text.translate(PLAIN)).encode(coding)


def segment(name: str, fields: Mapping[int, str]) -> str:
    """Fields by rank from 1, the ones between left empty."""
    return "|".join([name, *(fields.get(rank, "") for rank in range(1, max(fields) + 1))])


def parts(components: Mapping[int, str]) -> str:
    """Components of a field, by rank from 1."""
    return "^".join(components.get(rank, "") for rank in range(1, max(components) + 1))


def instant(value: date) -> str:
    """A moment with its offset, or a day."""
    return value.strftime("%Y%m%d%H%M%S%z" if isinstance(value, datetime) else "%Y%m%d")
