"""Base64 as senders write it: with blanks or without padding, and nothing else."""

import pybase64

BLANKS = b" \t\r\n\x0b\x0c"


def decode_base64(written: str) -> bytes:
    """The bytes, or ValueError."""
    digits = written.encode("ascii")
    if any(blank in digits for blank in BLANKS):
        digits = digits.translate(None, BLANKS)
    return pybase64.b64decode(digits + b"=" * (-len(digits) % 4), validate=True)
