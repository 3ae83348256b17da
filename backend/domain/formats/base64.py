"""Base64 as senders write it: with blanks or without padding, and nothing else."""

import binascii

BLANKS = b" \t\r\n\x0b\x0c"


def decode_base64(written: str) -> bytes:
    """The bytes, or ValueError."""
    digits = written.encode("ascii").translate(None, BLANKS)
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4), strict_mode=True)
