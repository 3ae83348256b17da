from random import Random

import pytest

from backend.domain.formats.mllp import MOST_STRAY, Blocks, Fault, wrap

ONE, TWO = b"MSH|^~\\&|A|B\rPID|1\r", "MSH|^~\\&|é\rOBX|1\r".encode()
BOTH = wrap(ONE) + wrap(TWO)


def fed(*pieces: bytes, most: int = 1000) -> Blocks:
    blocks = Blocks(most)
    for piece in pieces:
        blocks.feed(piece)
    return blocks


def test_two_messages_are_two_messages_wherever_the_bytes_are_cut() -> None:
    assert list(fed(BOTH).ready) == [ONE, TWO]
    for first in range(len(BOTH)):
        for second in range(first, len(BOTH)):
            blocks = fed(BOTH[:first], BOTH[first:second], BOTH[second:])
            assert (list(blocks.ready), blocks.fault, blocks.begun) == ([ONE, TWO], None, False)


def test_and_byte_by_byte() -> None:
    blocks = fed(*(BOTH[at : at + 1] for at in range(len(BOTH))))
    assert list(blocks.ready) == [ONE, TWO]


@pytest.mark.parametrize(
    "line",
    [
        b"\x0b" + ONE + b"\x1c\x0b" + TWO + b"\x1c",
        b"\x0b" + ONE + b"\x1c\n" + b"\x0b" + TWO + b"\x1c\r\n",
        b"\r\n\0 " + BOTH + b"\r\n",
        b"CONNECT 9600" + wrap(ONE) + b"OK?" + wrap(TWO),
        b"\x0b" + BOTH,
        wrap(ONE) + b"\x1c\r" + wrap(TWO),
        wrap(b"") + wrap(ONE) + wrap(b"\r") + wrap(b"\x06") + wrap(TWO) + wrap(b"\x15"),
    ],
    ids=["no end of line", "line feeds", "blanks", "noise", "start twice", "end twice", "awake"],
)
def test_what_real_systems_send_is_taken(line: bytes) -> None:
    blocks = fed(line)
    assert (list(blocks.ready), blocks.fault) == ([ONE, TWO], None)


def test_a_message_is_never_made_of_two_halves() -> None:
    blocks = fed(wrap(ONE) + b"\x0bMSH|half" + wrap(TWO))
    assert (list(blocks.ready), blocks.fault) == ([ONE], Fault.AGAIN)
    blocks.feed(wrap(TWO))
    assert list(blocks.ready) == [ONE], "nothing is read after a fault"


def test_a_message_without_a_block_is_noticed() -> None:
    blocks = fed(b"MSH|^~\\&|" + b"x" * MOST_STRAY)
    assert (list(blocks.ready), blocks.fault) == ([], Fault.OUTSIDE)
    assert blocks.partial.startswith(b"MSH|")
    assert fed(b"MSH|short").begun


def test_a_giant_is_left_when_it_is_too_long_and_not_after() -> None:
    assert list(fed(wrap(b"x" * 1000)).ready) == [b"x" * 1000]
    blocks = fed(b"\x0b", b"x" * 600, b"x" * 600)
    assert (list(blocks.ready), blocks.fault, len(blocks.partial)) == ([], Fault.TOO_LONG, 1000)


def test_an_answer_cannot_end_its_block_early() -> None:
    assert wrap(b"MSA|AA|\x1c\r\x0bMSA|AA|2") == b"\x0bMSA|AA|\rMSA|AA|2\x1c\r"


def test_whatever_comes_nothing_falls_and_nothing_grows() -> None:
    random = Random(7)
    alphabet = [b"\x0b", b"\x1c", b"\r", b"\n", b"M", b"MSH|", b"\x06", b"\0", b"x" * 40]
    for _ in range(3000):
        blocks = Blocks(100)
        for _ in range(random.randrange(12)):
            blocks.feed(b"".join(random.choices(alphabet, k=random.randrange(1, 9))))
            assert len(blocks.partial) <= 2 * (MOST_STRAY + 1)
            assert all(0 < len(message) <= 100 for message in blocks.ready)
            assert all(b"\x0b" not in message + b"." for message in blocks.ready)
