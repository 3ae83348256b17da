"""The bytes of a mail into parts: bounded before anything is parsed, and lazily after.

The standard library is used with its old policy: it keeps headers as they are and makes sense of
one only when asked, where the new one fails in many ways on what strangers write.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses

from backend.domain.contact import read_email
from backend.domain.errors import Refused

LARGEST = 36_000_000
"""Twenty-five megabytes, in base64."""
LARGEST_HEADERS = 64_000
MOST_PARTS, MOST_LEVELS = 200, 12
PART = re.compile(rb"^content-type\s*:", re.IGNORECASE | re.MULTILINE)
LEVEL = re.compile(rb"^content-type\s*:\s*(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)
HEAD = re.compile(rb"\r?\n\r?\n")
CHARSETS = {
    "utf-8": "utf-8",
    "us-ascii": "ascii",
    "iso-8859-1": "windows-1252",
    "windows-1252": "windows-1252",
    "iso-8859-15": "iso-8859-15",
}
"""Others are read as UTF-8: some codecs of Python take minutes, or are not text."""
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
LONGEST_LINE, LONGEST_TEXT, MOST_ADDRESSES = 1_000, 200_000, 100
ID = re.compile(r"<([^<>@\s]{1,200})@[^<>@\s]{1,200}>")

Part = Message


class BadMail(Refused):
    """Not a mail that this service reads; the sentence says why."""


def parse(raw: bytes) -> Part:
    """The parts of a mail, or BadMail."""
    if len(raw) > LARGEST:
        raise BadMail("Le message est trop volumineux.")
    head = HEAD.search(raw, 0, LARGEST_HEADERS)
    if head is None:
        raise BadMail("L’en-tête du message est trop long, ou n’a pas de fin.")
    if len(PART.findall(raw)) > MOST_PARTS or len(LEVEL.findall(raw)) > MOST_LEVELS:
        raise BadMail("Le message a trop de parties.")
    try:
        return message_from_bytes(raw, policy=compat32)
    except (MessageError, ValueError, LookupError, RecursionError, TypeError) as error:
        raise BadMail("Le message est illisible.") from error


def line(part: Part, name: str, *, most: int = LONGEST_LINE) -> str:
    """A header in words, on one line; `""` when it is not there or cannot be read."""
    value = part.get(name)
    if value is None:
        return ""
    return plain(_decoded(str(value)[: 4 * most])).replace("\n", " ").strip()[:most]


def _decoded(value: str) -> str:
    try:
        pieces = [
            (piece, CHARSETS.get((charset or "utf-8").lower(), "utf-8") if charset else None)
            for piece, charset in decode_header(value)
        ]
        return str(make_header(pieces))
    except (MessageError, ValueError, LookupError, AssertionError, TypeError):
        return value


def plain(text: str) -> str:
    """Without what would not be text."""
    return CONTROLS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))


def addresses(part: Part, *names: str) -> tuple[str, ...]:
    """The good addresses of these headers, in small letters, each once."""
    values = [str(value)[:20_000] for name in names for value in part.get_all(name, [])]
    found: dict[str, None] = {}
    try:
        pairs = getaddresses(values)
    except (ValueError, IndexError, TypeError, RecursionError):
        return ()
    for _name, written in pairs[:MOST_ADDRESSES]:
        if good := address(written):
            found[good] = None
    return tuple(found)


def address(written: str) -> str:
    """`rfc822;Name@Domain` or `Name@Domain`, in small letters; `""` when it is none."""
    bare = written.partition(";")[2] or written
    try:
        return read_email(bare.strip().strip("<>")).lower()
    except Refused:
        return ""


def keys(*values: str) -> tuple[str, ...]:
    """Left parts of the Message-IDs in these values."""
    found = [key for value in values for key in ID.findall(value[:20_000])]
    return tuple(dict.fromkeys(found))[:50]


def leaves(part: Part) -> Iterator[Part]:
    """The parts that are not made of parts; those of a message inside are that message’s own."""
    if part.is_multipart():
        payload = part.get_payload()
        inner = payload if part.get_content_maintype() == "multipart" else []
        for one in inner if isinstance(inner, list) else []:
            if isinstance(one, Message):
                yield from leaves(one)
        return
    yield part


def content(part: Part) -> bytes:
    """The decoded bytes."""
    try:
        found = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError, TypeError):
        return b""
    return found if isinstance(found, bytes) else b""


def words(part: Part) -> str:
    """The text of a part, whatever its characters."""
    try:
        said = part.get_param("charset") or ""
    except (ValueError, LookupError, TypeError):
        said = ""
    charset = CHARSETS.get(said.lower(), "utf-8") if isinstance(said, str) else "utf-8"
    return plain(content(part)[: 4 * LONGEST_TEXT].decode(charset, "replace"))[:LONGEST_TEXT]
