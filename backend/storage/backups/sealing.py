"""Files sealed for one public key, in the format of age v1, with its only X25519 recipient.

A fresh file key is wrapped for the recipient (X25519, HKDF-SHA-256, ChaCha20-Poly1305). The
content is cut in chunks of 64 kB, each sealed under a nonce that counts the chunks and marks the
last one (the STREAM construction): moved, altered, added or missing, a chunk does not open.
Nothing here is ours but the words: `age --decrypt` reads these files.
"""

import hmac
from base64 import b64decode, b64encode
from io import BytesIO
from secrets import token_bytes
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"age-encryption.org/v1"
STANZA = b"-> X25519 "
FOOTER = b"---"
ZERO_NONCE = bytes(12)
"""Safe: the key that wraps is used once."""
FILE_KEY, NONCE = 16, 16
CHUNK, TAG = 64 * 1024, 16
LINE = 100
"""No line of our header is longer."""
LAST = b"\x01"


class Unreadable(Exception):
    """A sealed file that does not open; the reason goes on after its name."""


OTHER_KEY = "is sealed for another key, or its first lines were altered"
ALTERED = "was altered"
CUT = "is cut short"
CUT_OR_ALTERED = "is cut short, or its end was altered"
NOT_SEALED = "is not a sealed backup"


class Sealer:
    """Seals what is written; `close` writes the last chunk, without which nothing reads it."""

    def __init__(self, out: BinaryIO, recipient: X25519PublicKey) -> None:
        file_key, nonce = token_bytes(FILE_KEY), token_bytes(NONCE)
        out.write(_header(file_key, recipient) + nonce)
        self._out, self._held, self._number = out, bytearray(), 0
        self._cipher = ChaCha20Poly1305(_hkdf(file_key, nonce, b"payload"))

    def write(self, data: bytes) -> int:
        self._held += data
        while len(self._held) > CHUNK:
            self._put(bytes(self._held[:CHUNK]))
            del self._held[:CHUNK]
        return len(data)

    def close(self) -> None:
        self._put(bytes(self._held), last=LAST)

    def _put(self, chunk: bytes, last: bytes = b"\0") -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, last), chunk, None))
        self._number += 1


class Opener:
    """Reads what a Sealer sealed, chunk after chunk; Unreadable where it is not as it was."""

    def __init__(self, source: BinaryIO, identity: X25519PrivateKey) -> None:
        file_key = _open_header(source, identity)
        nonce = source.read(NONCE)
        if len(nonce) < NONCE:
            raise Unreadable(CUT)
        self._source, self._held, self._number = source, bytearray(), 0
        self._cipher = ChaCha20Poly1305(_hkdf(file_key, nonce, b"payload"))
        self._next: bytes | None = source.read(CHUNK + TAG)

    def read(self, size: int = -1) -> bytes:
        """`size` bytes, fewer at the end only; all of them when it is not given."""
        while self._next is not None and (size < 0 or len(self._held) < size):
            self._held += self._take(self._next)
        size = len(self._held) if size < 0 else size
        found = bytes(self._held[:size])
        del self._held[:size]
        return found

    def _take(self, sealed: bytes) -> bytes:
        after = self._source.read(CHUNK + TAG)
        content = self._open(sealed, b"\0" if after else LAST)
        if content is None and after:
            raise Unreadable(ALTERED)
        if content is None:
            whole = self._open(sealed, b"\0") is not None
            raise Unreadable(CUT if whole or not sealed else CUT_OR_ALTERED)
        self._next = after or None
        self._number += 1
        return content

    def _open(self, sealed: bytes, last: bytes) -> bytes | None:
        try:
            return self._cipher.decrypt(_nonce(self._number, last), sealed, None)
        except InvalidTag:
            return None


def seal_bytes(data: bytes, recipient: X25519PublicKey) -> bytes:
    """A small file, in memory."""
    out = BytesIO()
    sealer = Sealer(out, recipient)
    sealer.write(data)
    sealer.close()
    return out.getvalue()


def open_bytes(sealed: bytes, identity: X25519PrivateKey) -> bytes:
    """The reverse, or Unreadable."""
    return Opener(BytesIO(sealed), identity).read()


def _header(file_key: bytes, recipient: X25519PublicKey) -> bytes:
    ours = X25519PrivateKey.generate()
    share = ours.public_key().public_bytes_raw()
    wrap = _wrap_key(ours.exchange(recipient), share, recipient)
    body = ChaCha20Poly1305(wrap).encrypt(ZERO_NONCE, file_key, None)
    head = b"\n".join((VERSION, STANZA + _base64(share), _base64(body), FOOTER))
    return head + b" " + _base64(_head_mac(file_key, head)) + b"\n"


def _open_header(source: BinaryIO, identity: X25519PrivateKey) -> bytes:
    lines = [source.readline(LINE) for _ in range(4)]
    if lines[0] != VERSION + b"\n":
        raise Unreadable(NOT_SEALED if lines[0] else CUT)
    if not lines[3].endswith(b"\n"):
        raise Unreadable(CUT if not source.read(1) else ALTERED)
    try:
        share = b64decode(lines[1].removeprefix(STANZA).strip() + b"=", validate=True)
        body = b64decode(lines[2].strip() + b"=", validate=True)
        shared = identity.exchange(X25519PublicKey.from_public_bytes(share))
        wrap = _wrap_key(shared, share, identity.public_key())
        file_key = ChaCha20Poly1305(wrap).decrypt(ZERO_NONCE, body, None)
    except (ValueError, InvalidTag) as error:
        raise Unreadable(OTHER_KEY) from error
    head = b"".join(lines[:3]) + FOOTER
    expected = FOOTER + b" " + _base64(_head_mac(file_key, head)) + b"\n"
    if not hmac.compare_digest(lines[3], expected):
        raise Unreadable(ALTERED)
    return file_key


def _wrap_key(shared: bytes, share: bytes, recipient: X25519PublicKey) -> bytes:
    return _hkdf(shared, share + recipient.public_bytes_raw(), VERSION + b"/X25519")


def _head_mac(file_key: bytes, head: bytes) -> bytes:
    return hmac.digest(_hkdf(file_key, None, b"header"), head, "sha256")


def _hkdf(secret: bytes, salt: bytes | None, label: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, label).derive(secret)


def _nonce(number: int, last: bytes) -> bytes:
    return number.to_bytes(11, "big") + last


def _base64(data: bytes) -> bytes:
    return b64encode(data).rstrip(b"=")
