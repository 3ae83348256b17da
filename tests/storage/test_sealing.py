"""Sealed files: read by one key, whole and in order, or not at all."""

from hashlib import sha256
from io import BytesIO
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from backend.storage.backups.keys import (
    BadKey,
    read_identity,
    read_recipient,
    write_identity,
    write_recipient,
)
from backend.storage.backups.sealing import (
    CHUNK,
    NONCE,
    TAG,
    Opener,
    Sealer,
    Unreadable,
    open_bytes,
    seal_bytes,
)

KEY = X25519PrivateKey.from_private_bytes(sha256(b"the key that opens").digest())
OTHER = X25519PrivateKey.from_private_bytes(sha256(b"another key").digest())
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7]


def some(size: int) -> bytes:
    return Random(size).randbytes(size)


def header_of(sealed: bytes) -> int:
    return sealed.index(b"\n", sealed.index(b"\n---") + 1) + 1


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_opens(size: int) -> None:
    sealed = seal_bytes(some(size), KEY.public_key())
    assert open_bytes(sealed, KEY) == some(size)
    chunks = max(1, -(-size // CHUNK))
    assert len(sealed) == header_of(sealed) + NONCE + size + chunks * TAG


def test_it_is_written_and_read_in_any_steps() -> None:
    random, data, out = Random(8), some(5 * CHUNK + 11), BytesIO()
    sealer, at = Sealer(out, KEY.public_key()), 0
    while at < len(data):
        step = random.choice([1, 100, 10_240, CHUNK, 2 * CHUNK])
        sealer.write(data[at : at + step])
        at += step
    sealer.close()
    opener, read = Opener(BytesIO(out.getvalue()), KEY), b""
    while piece := opener.read(random.choice([1, 512, 10_240, 3 * CHUNK])):
        read += piece
    assert read == data


def test_two_files_of_the_same_bytes_have_nothing_in_common() -> None:
    one, two = (seal_bytes(some(1000), KEY.public_key()) for _ in range(2))
    assert one[22:] != two[22:]
    assert one[-1016:] != two[-1016:]


def test_another_key_opens_nothing() -> None:
    with pytest.raises(Unreadable, match="another key"):
        open_bytes(seal_bytes(b"words", KEY.public_key()), OTHER)


@pytest.mark.parametrize("size", [0, 9, CHUNK, 2 * CHUNK + 3])
def test_no_byte_may_change(size: int) -> None:
    sealed = seal_bytes(some(size), KEY.public_key())
    places = {*range(header_of(sealed) + 40), *range(len(sealed) - 40, len(sealed))}
    places |= {Random(1).randrange(len(sealed)) for _ in range(50)}
    for at in sorted(place for place in places if place < len(sealed)):
        altered = bytearray(sealed)
        altered[at] ^= 1
        with pytest.raises(Unreadable):
            open_bytes(bytes(altered), KEY)


def test_no_end_may_be_missing() -> None:
    sealed = seal_bytes(some(2 * CHUNK + 3), KEY.public_key())
    start = header_of(sealed) + NONCE
    ends = {*range(start + 20), *range(len(sealed) - 40, len(sealed))}
    ends |= {start + number * (CHUNK + TAG) for number in range(3)}
    for end in sorted(ends):
        with pytest.raises(Unreadable):
            open_bytes(sealed[:end], KEY)
    with pytest.raises(Unreadable, match=r"cut short$"):
        open_bytes(sealed[: start + CHUNK + TAG], KEY)


def test_chunks_keep_their_places() -> None:
    sealed = seal_bytes(some(3 * CHUNK), KEY.public_key())
    start, size = header_of(sealed) + NONCE, CHUNK + TAG
    head, one, two, last = (
        sealed[:start],
        *(sealed[start + n * size : start + (n + 1) * size] for n in range(3)),
    )
    assert open_bytes(head + one + two + last, KEY) == some(3 * CHUNK)
    for body in (two + one + last, one + last, one + two + two + last, one + two + last + last):
        with pytest.raises(Unreadable, match="altered"):
            open_bytes(head + body, KEY)


def test_a_file_of_something_else_is_not_ours() -> None:
    for other in (b"", b"PGDMP and the rest", b"age-encryption.org/v2\n"):
        with pytest.raises(Unreadable):
            open_bytes(other, KEY)


def test_keys_are_written_and_read() -> None:
    text = write_identity(KEY)
    assert read_identity(text).private_bytes_raw() == KEY.private_bytes_raw()
    public = write_recipient(KEY.public_key())
    assert public in text
    assert public.startswith("age1")
    assert read_recipient(public).public_bytes_raw() == KEY.public_key().public_bytes_raw()


def test_a_key_in_the_wrong_place_is_told() -> None:
    secret, public = write_identity(KEY).splitlines()[1], write_recipient(KEY.public_key())
    for text in ("", secret, public[:-1], public[:-1] + "b", "age1qqqq"):
        with pytest.raises(BadKey):
            read_recipient(text)
    for text in ("", public, secret[:-2], "# only a comment\n"):
        with pytest.raises(BadKey):
            read_identity(text)
