"""Bech32 (BIP 173): short bytes as text that says what it is and notices a mistake.

age's keys are written so; their length may go past the 90 characters of the first standard.
"""

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
CHECK = 6
"""Letters of the checksum."""
LETTER, BYTE = 5, 8
"""Bits of each."""


def write_bech32(prefix: str, data: bytes) -> str:
    """`prefix`, a 1, the data and a checksum; lower case."""
    words = _regroup(data, BYTE, LETTER, pad=True)
    state = _checksum([*_expanded(prefix), *words, *[0] * CHECK]) ^ 1
    check = [(state >> LETTER * (CHECK - 1 - place)) & 31 for place in range(CHECK)]
    return prefix + "1" + "".join(ALPHABET[word] for word in [*words, *check])


def read_bech32(prefix: str, text: str) -> bytes:
    """The data after `prefix`, or ValueError. All lower case or all capitals."""
    if text not in {text.lower(), text.upper()}:
        raise ValueError("case")
    found, _, rest = text.lower().rpartition("1")
    if found != prefix.lower() or len(rest) < CHECK:
        raise ValueError("prefix")
    words = [ALPHABET.index(letter) for letter in rest]
    if _checksum([*_expanded(found), *words]) != 1:
        raise ValueError("checksum")
    return bytes(_regroup(words[:-CHECK], LETTER, BYTE, pad=False))


def _expanded(prefix: str) -> list[int]:
    codes = prefix.encode("ascii")
    return [*(code >> LETTER for code in codes), 0, *(code & 31 for code in codes)]


def _checksum(words: list[int]) -> int:
    state = 1
    for word in words:
        top = state >> 25
        state = (state & 0x1FFFFFF) << LETTER ^ word
        for place, generator in enumerate(GENERATORS):
            state ^= generator if top >> place & 1 else 0
    return state


def _regroup(words: bytes | list[int], size: int, wanted: int, *, pad: bool) -> list[int]:
    """The same bits in words of another size; what is left over is padding, and is zero."""
    held = bits = 0
    out = []
    for word in words:
        held, bits = held << size | word, bits + size
        while bits >= wanted:
            bits -= wanted
            out.append(held >> bits)
            held &= (1 << bits) - 1
    if pad and bits:
        out.append(held << (wanted - bits))
    elif not pad and (held or bits >= size):
        raise ValueError("padding")
    return out
