"""The pair of keys of the backups: the service knows the one that seals, never the one that opens.

Written as age writes them (https://age-encryption.org/v1): `age1…` and `AGE-SECRET-KEY-1…`.
"""

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from backend.domain.formats.bech32 import read_bech32, write_bech32

PUBLIC, SECRET = "age", "age-secret-key-"
KEY = 32


class BadKey(ValueError):
    """Not a key of backups; the sentence says which."""


def new_identity() -> X25519PrivateKey:
    """A fresh key that opens."""
    return X25519PrivateKey.generate()


def write_recipient(key: X25519PublicKey) -> str:
    """The key that seals, as text."""
    return write_bech32(PUBLIC, key.public_bytes_raw())


def write_identity(key: X25519PrivateKey) -> str:
    """The key that opens, as the lines of its file."""
    secret = write_bech32(SECRET, key.private_bytes_raw()).upper()
    return f"# public key: {write_recipient(key.public_key())}\n{secret}\n"


def read_recipient(text: str) -> X25519PublicKey:
    """The key that seals, or BadKey."""
    return X25519PublicKey.from_public_bytes(_read(PUBLIC, text.strip(), "a public key, age1…"))


def read_identity(text: str) -> X25519PrivateKey:
    """The key that opens, from the lines of its file; or BadKey."""
    lines = [line.strip() for line in text.splitlines() if not line.startswith("#")]
    secret = next(filter(None, lines), "")
    return X25519PrivateKey.from_private_bytes(_read(SECRET, secret, "AGE-SECRET-KEY-1…"))


def _read(prefix: str, text: str, expected: str) -> bytes:
    try:
        key = read_bech32(prefix, text)
    except ValueError as error:
        raise BadKey(f"is not a key of backups: {expected} is expected") from error
    if len(key) != KEY:
        raise BadKey(f"is not a key of backups: {expected} is expected")
    return key
