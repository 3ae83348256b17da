"""The root key: 32 bytes, in base64. Made once for a demonstration, demanded in production."""

import os
from base64 import b64decode, b64encode
from binascii import Error
from pathlib import Path
from secrets import token_bytes

KEY_BYTES = 32
HOW = "Make one with: openssl rand -base64 32"
DEMO_MARK = b"reperes-demo-key"
"""Keys made here start with it: wherever one travels, production knows it again and refuses it."""

FEWEST_DISTINCT_BYTES = 16
"""Of 32 random bytes about 30 differ; a typed or repeated pattern has far fewer."""


class BadKey(ValueError):
    """The sentence goes on after the name of the setting."""


def read_key(text: str) -> bytes:
    """The key that `text` holds in base64, or BadKey."""
    if not text:
        raise BadKey(f"is required. {HOW}")
    try:
        key = b64decode(text, validate=True)
    except (Error, ValueError) as error:
        raise BadKey(f"is not base64. {HOW}") from error
    if len(key) != KEY_BYTES:
        raise BadKey(f"holds {len(key)} bytes and not {KEY_BYTES}. {HOW}")
    return key


def check_for_production(key: bytes) -> None:
    """BadKey for a key made by a demonstration, or by hand."""
    if key.startswith(DEMO_MARK):
        raise BadKey(f"is the key of a demonstration. {HOW}")
    if len(set(key)) < FEWEST_DISTINCT_BYTES:
        raise BadKey(f"is not random. {HOW}")


def demo_key(file: Path) -> bytes:
    """The key kept in `file`, readable by its owner only; made the first time."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = file.with_name(f".{os.getpid()}.key")
        fresh.touch(mode=0o600)
        fresh.write_bytes(b64encode(DEMO_MARK + token_bytes(KEY_BYTES - len(DEMO_MARK))) + b"\n")
        try:
            file.hardlink_to(fresh)  # whole, or not at all; and the first of two processes wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return read_key(file.read_text().strip())
