"""MLLP, the blocks that HL7 v2 messages travel in: 0x0B, the message, 0x1C 0x0D.

Bytes in, messages out, however they are cut. What real systems send is taken: no 0x0D or a line
feed after a block, blank lines, zeros or a few stray bytes between two, empty blocks to keep a line
awake. What would make a message of two halves is not.
"""

from collections import deque
from enum import StrEnum

START, END, RETURN = 0x0B, 0x1C, 0x0D
BLANK = b"\r\n\t \0\x1c"
"""Between two blocks; a second end as well."""
CONFIRMATIONS = {b"", b"\x06", b"\x15"}
"""Blocks that ask for no answer: a line kept awake, the confirmations of MLLP release 2."""
MOST_STRAY = 256
"""Bytes outside blocks, from one block to the next: beyond it, this is not MLLP."""


class Fault(StrEnum):
    """Why nothing more can be read on a line. The words are for whoever sends."""

    OUTSIDE = "message hors de tout bloc : 0x0B est attendu avant, 0x1C 0x0D après."
    AGAIN = "un bloc commence avant la fin du précédent."
    TOO_LONG = "message trop volumineux."


def wrap(message: bytes) -> bytes:
    """The block that carries this message, which cannot end it early."""
    inside = message.translate(None, bytes((START, END)))
    return bytes((START,)) + inside + bytes((END, RETURN))


class Blocks:
    """The receiving end of a line."""

    def __init__(self, most: int) -> None:
        self.ready: deque[bytes] = deque()
        """Whole messages that nobody has taken yet, in order."""
        self.fault: Fault | None = None
        """Comes after what is ready."""
        self.partial = bytearray()
        """What has come of the message, or of what stands where one should begin."""
        self._most, self._inside = most, False

    @property
    def begun(self) -> bool:
        """Somebody has begun to say something that is not whole."""
        return self._inside or bool(self.partial)

    def feed(self, data: bytes) -> None:
        """More bytes of the line; after a fault they are left unread."""
        at = 0
        while at < len(data) and not self.fault:
            at = self._more(data, at) if self._inside else self._before(data, at)

    def _before(self, data: bytes, at: int) -> int:
        """Outside a block, up to where one begins."""
        start = data.find(START, at)
        stray = data[at : start if start >= 0 else len(data)].translate(None, BLANK)
        self.partial += stray[: MOST_STRAY + 1]
        if len(self.partial) > MOST_STRAY:
            self.fault = Fault.OUTSIDE
        if start < 0 or self.fault:
            return len(data)
        self.partial.clear()
        self._inside = True
        return start + 1

    def _more(self, data: bytes, at: int) -> int:
        """Inside a block, up to its end."""
        end = data.find(END, at)
        stop = end if end >= 0 else len(data)
        if not self.partial and data[at] == START:
            return at + 1
        if data.find(START, at, stop) >= 0:
            self.fault = Fault.AGAIN
            return len(data)
        if len(self.partial) + stop - at > self._most:
            self.partial += data[at:stop][: max(0, self._most - len(self.partial))]
            self.fault = Fault.TOO_LONG
            return len(data)
        self.partial += data[at:stop]
        if end < 0:
            return stop
        message = bytes(self.partial)
        self.partial.clear()
        self._inside = False
        if message.strip(BLANK) not in CONFIRMATIONS:
            self.ready.append(message)
        return end + 1
