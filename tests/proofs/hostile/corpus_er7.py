"""ER7 that tries the reader of segments, separators, escapes, characters and base64."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from functools import partial

from tests.proofs.hostile.cases import Case, Desk

Change = Callable[[bytes], bytes]


def corpus() -> Iterator[Case]:
    yield from _separators()
    yield from _floods()
    yield from _characters()
    yield from _base64()
    yield from _structure()


def _changed(name: str, change: Change, verdict: str = "AE", code: str = "") -> Case:
    return Case(name, lambda desk: change(desk.message()), verdict, code)


def _line(name: str, change: Change) -> Change:
    """Changes the first segment of this name."""

    def whole(message: bytes) -> bytes:
        lines = message.split(b"\r")
        at = next(n for n, line in enumerate(lines) if line.startswith(name.encode()))
        lines[at] = change(lines[at])
        return b"\r".join(lines)

    return whole


def _field(segment: str, number: int, value: bytes) -> Change:
    def change(line: bytes) -> bytes:
        fields = line.split(b"|")
        fields += [b""] * (number + 1 - len(fields))
        fields[number] = value
        return b"|".join(fields)

    return _line(segment, change)


def _ended(end: bytes, message: bytes) -> bytes:
    return message + end


def _without(name: bytes, message: bytes) -> bytes:
    return b"\r".join(line for line in message.split(b"\r") if not line.startswith(name))


def _only(content: bytes, _: Desk) -> bytes:
    return content


def _separators() -> Iterator[Case]:
    for position, name in enumerate(("field", "component", "repetition", "escape", "sub"), 3):
        for what, mark in (
            ("missing", b""),
            ("a letter", b"O"),
            ("a blank", b" "),
            ("a NUL", b"\0"),
        ):

            def change(message: bytes, at: int = position, mark: bytes = mark) -> bytes:
                return message[:at] + mark + message[at + 1 :]

            verdict = "AA" if (name, what) in LENIENT else "AE"
            yield _changed(f"{name} separator {what}", change, verdict)
    yield _changed("every separator the same", lambda m: b"MSH|||||" + m[8:])
    yield _changed("separators exchanged", lambda m: b"MSH|~^&\\" + m[8:])
    yield _changed("an end of segment as separator", lambda m: b"MSH\r^~\\&" + m[8:])
    for size in range(8):
        yield Case(f"a message of {size} characters", partial(_only, b"MSH|^~\\&"[:size]))


LENIENT = {
    ("component", "missing"),
    ("repetition", "missing"),
    ("repetition", "a NUL"),
    ("escape", "missing"),
    ("escape", "a letter"),
    ("escape", "a blank"),
    ("escape", "a NUL"),
    ("sub", "missing"),
}
"""Where four marks are left, or where the one that changed is not used: nothing is misread."""


def _floods() -> Iterator[Case]:
    def flood(name: str, segment: str, what: bytes, verdict: str = "AE") -> Case:
        return _changed(name, _line(segment, lambda line: line + what), verdict)

    yield flood("fields without end", "PID", b"|" * 10_000_000, "AA")
    yield flood("components without end", "PID", b"|" + b"^" * 10_000_000, "AA")
    yield flood("repetitions without end", "PID", b"|" + b"~" * 10_000_000, "AA")
    yield flood("sub-components without end", "PID", b"|" + b"&" * 10_000_000, "AA")
    yield flood("escapes without end", "PID", b"|" + b"\\X41\\" * 2_000_000, "AA")
    yield flood("escapes that stay open", "PID", b"|" + b"\\" * 10_000_000, "AA")
    yield flood("hexadecimal of a megabyte", "PID", b"|\\X" + b"41" * 500_000 + b"\\", "AA")
    many = b"~".join([b"x^^^&y"] * 10**6)
    yield _changed("identifiers without end", _field("PID", 3, many))
    # Traits that the message does not give are those of the document.
    yield _changed("names without end", _field("PID", 5, many), "AA")
    yield _changed("addresses without end", _field("PID", 11, many), "AA")
    yield _changed("a million segments", lambda m: m + b"NTE|1\r" * 1_000_000, code="198")
    yield _changed("a million blank lines", lambda m: m + b"\r" * 1_000_000, code="198")
    yield _changed("a million line feeds", lambda m: m + b"\n" * 1_000_000, code="198")
    for name in ("PID", "ORC", "OBR", "PRT"):
        repeated = _line(name, lambda line: b"\r".join([line] * 500))
        yield _changed(f"{name} five hundred times", repeated)
    yield _changed(
        "indicators five hundred times", lambda m: m + b"OBX|1|CE|X^^MetaDMPMSS||Z\r" * 500
    )
    yield _changed("an identifier of a megabyte", _field("MSH", 9, b"x" * 1_000_000), "AA")
    yield _changed("a type of a megabyte", _field("OBR", 4, b"x" * 1_000_000))


def _characters() -> Iterator[Case]:
    for charset in (
        *("UTF-7", "UNICODE UTF-16", "UTF-16", "UNICODE UTF-32", "8859/99", "GB 18030-2000", "x"),
        *("ISO IR87", "../../etc/passwd", "idna", "unicode_escape", "base64", "rot13", "zlib"),
    ):
        yield _changed(
            f"characters announced: {charset}", _field("MSH", 17, charset.encode()), "AE", "103"
        )
    yield _changed("a charset of a megabyte", _field("MSH", 17, b"x" * 10**6))
    yield _changed("ASCII that is not", _field("MSH", 17, b"ASCII"), "AE", "102")
    bad = {
        "a lone byte": b"\xff",
        "overlong": b"\xc0\xaf",
        "a surrogate": b"\xed\xa0\x80",
        "cut": b"\xe2\x82",
    }
    for name, content in bad.items():
        yield _changed(
            f"not UTF-8: {name}", partial(_ended, b"NTE|" + content + b"\r"), "AE", "102"
        )
    controls = {
        "NUL": b"\0",
        "VT": b"\x0b",
        "FS": b"\x1c",
        "bell": b"\a",
        "escape": b"\x1b[2J",
        "bidi": "\u202e".encode(),
    }
    for name, content in controls.items():
        yield _changed(f"{name} in the control id", _field("MSH", 9, b"A" + content + b"B"), "AA")
        yield _changed(
            f"{name} in a name",
            _field("PID", 5, b"BER" + content + b"NARD^LAURA^^^^^L"),
            "AE",
            "207",
        )
    yield _changed(
        "a control id that writes segments",
        _field("MSH", 9, b"A\\X0D\\MSA\\F\\AA\\F\\B\\.br\\MSA\\F\\AA"),
        "AA",
    )
    yield _changed("MLLP around it", lambda m: b"\x0b" + m + b"\x1c\r", "AA")
    yield _changed("MLLP marks without end", lambda m: b"\x0b" * 10**6 + m, "AA")
    yield _changed("line feeds only", lambda m: m.replace(b"\r", b"\n"), "AA")
    yield _changed("both line ends", lambda m: m.replace(b"\r", b"\r\n"), "AA")
    yield _changed("no line end", lambda m: m.replace(b"\r", b" "))


def _content(change: Change) -> Change:
    """Changes OBX-5.5 of the document."""

    def whole(message: bytes) -> bytes:
        start = message.index(b"^Base64^") + len(b"^Base64^")
        end = min(at for mark in (b"|", b"\r") if (at := message.find(mark, start)) > 0)
        return message[:start] + change(message[start:end]) + message[end:]

    return whole


def _base64() -> Iterator[Case]:
    for name, change in {
        "cut in the middle": lambda b: b[: len(b) // 2],
        "cut by one": lambda b: b[:-1],
        "another alphabet": lambda b: b.replace(b"A", b"-"),
        "not base64": lambda _: b"%%%%",
        "signs of equality": lambda _: b"=" * 10_000,
        "nothing": lambda _: b"",
        "blanks": lambda _: b" " * 100_000,
        "padding inside": lambda b: b[:400] + b"==" + b[400:],
        "twelve megabytes of A": lambda _: b"A" * 12_000_000,
        "base64 of base64": b64encode,
        "escapes inside": lambda b: b[:400] + b"\\T\\" + b[400:],
        "letters of another script": lambda b: b[:400] + "Ａ".encode() + b[400:],
    }.items():
        # One sign of padding may be left out; the bytes are the same.
        verdict = "AA" if name == "cut by one" else "AE"
        yield _changed(f"base64: {name}", _content(change), verdict)
    yield _changed("nineteen megabytes", _content(lambda _: b"QUFB" * 4_750_000))


def _structure() -> Iterator[Case]:
    yield Case("two messages", lambda desk: desk.message() + desk.message())
    yield Case("a message in a message", _nested)
    yield _changed("MSH twice", lambda m: m.split(b"\r")[0] + b"\r" + m, "AA")
    for name in (b"PID", b"ORC", b"OBR", b"OBX", b"PRT"):
        yield _changed(
            f"without {name.decode()}",
            partial(_without, name),
        )
    fields = {
        ("MSH", 8, b""): "200",
        ("MSH", 8, b"ADT^A01"): "200",
        ("MSH", 8, b"ORU^R99"): "201",
        ("MSH", 8, b"MDM^T02"): "203",
        ("MSH", 11, b"9.9"): "203",
        ("MSH", 10, b"X"): "202",
        ("MSH", 9, b""): "101",
        ("ORC", 1, b"XX"): "103",
        ("ORC", 1, b"CA"): "199",
        ("OBR", 4, b"1^2^3"): "199",
        ("PID", 3, b""): "207",
        ("PID", 3, b"2910544109001830^^^ASIP&1.2.250.1.213.1.4.8^INS"): "207",
        ("PID", 3, b"' OR 1=1 --^^^ASIP&1.2.250.1.213.1.4.8^INS"): "207",
        ("PID", 5, b"<script>alert(1)</script>^X^^^^^L"): "207",
        ("PID", 8, b"\xf0\x9f\x92\xa9"): "207",
        ("PRT", 4, b"XX"): "101",
    }
    for (segment, number, value), code in fields.items():
        label = value.decode("utf-8", "replace") or "nothing"
        yield _changed(f"{segment}-{number} is {label}", _field(segment, number, value), "AE", code)
    for date in (b"99999999", b"-1"):
        yield _changed(f"born on {date.decode()}", _field("PID", 7, date), "AA")
    for date in (
        b"99999999",
        b"00000000",
        b"20261123999999",
        b"20261123080000+9999",
        b"-1",
        b"1e9",
    ):
        yield _changed(f"sent at {date.decode()}", _field("MSH", 6, date), "AA")


def _nested(desk: Desk) -> bytes:
    return desk.document(desk.message())
