"""What a conversation keeps, sealed: its subject, its words, what comes with them."""

from msgspec import Struct


class Head(Struct, frozen=True):
    """Of a conversation."""

    subject: str
    address: str = ""
    """Of a professional outside, who writes by MSSanté; empty for one of a structure here."""
    reply_to: str = ""
    """Where the person is allowed to write to them."""
    name: str = ""
    """What that professional says that they are called: nobody checked it."""
    reason: str = ""
    """Why it was closed, for the person to read."""


class Mailed(Struct, frozen=True):
    """Of a message that came or left by mail: what an answer quotes."""

    message_id: str
    references: tuple[str, ...] = ()


class Said(Struct, frozen=True):
    """One message."""

    text: str
    author: str = ""
    """Who wrote it, as they were called that day."""
    job: str = ""
    left_out: tuple[str, ...] = ()
    """Names of the files of a mail that could not be taken in."""
    mail: Mailed | None = None


class Enclosed(Struct, frozen=True):
    """A file that comes with a message: always a PDF, made anew from what was sent."""

    name: str
    size: int = 0
