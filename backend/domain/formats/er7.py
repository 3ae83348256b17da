"""ER7, the pipe encoding of HL7 v2: segments, fields, repetitions, components, escapes.

Written here rather than taken from a library: messages come with CR, LF or both, with half a
megabyte in one field, and with separators of their own; a few lines do that exactly.
"""

from dataclasses import dataclass

MOST_SEGMENTS = 2_000
"""Of a message; one that says more is not read at all (`has_too_many_segments`)."""
MOST_PARTS = 1_000
"""Fields of a segment, repetitions of a field: what comes after stays in the last one."""
MOST_ESCAPES = 50_000

ESCAPES = {"F": 0, "S": 1, "R": 2, "E": 3, "T": 4}
DEFAULT = "|^~\\&"


@dataclass(frozen=True, slots=True)
class Separators:
    """Field, component, repetition, escape, sub-component (MSH-1 and MSH-2)."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"

    def unescape(self, text: str) -> str:
        r"""`\F\ \S\ \R\ \E\ \T\`, `\Xhh\` and `\.br\`; an unknown escape stays as it is.

        So does a text with more of them than anybody writes: undoing each would take seconds.
        """
        if self.escape not in text or text.count(self.escape) > MOST_ESCAPES:
            return text
        marks = (self.field, self.component, self.repetition, self.escape, self.subcomponent)
        parts = text.split(self.escape)
        out, inside = [parts[0]], True
        for position, part in enumerate(parts[1:], 1):
            last = position == len(parts) - 1
            if inside and not last and (value := _escaped(part, marks)) is not None:
                out.append(value)
                inside = False
            elif inside:
                out.append(self.escape + part)
            else:
                out.append(part)
                inside = True
        return "".join(out)


@dataclass(frozen=True, slots=True)
class Segment:
    """One line. Fields are numbered as in the standard: `field(3)` is XXX-3."""

    name: str
    fields: tuple[str, ...]
    separators: Separators

    def field(self, number: int) -> str:
        """The raw field, `""` when absent."""
        return self.fields[number] if number < len(self.fields) else ""

    def repetitions(self, number: int) -> list[str]:
        """The raw repetitions that say something."""
        parts = self.field(number).split(self.separators.repetition, MOST_PARTS)
        return [part for part in parts if part]

    def text(self, number: int, component: int = 1) -> str:
        """A component of the first repetition, unescaped and trimmed."""
        return self.component(self.field(number).split(self.separators.repetition, 1)[0], component)

    def component(self, raw: str, component: int, sub: int = 1) -> str:
        """One sub-component of a raw repetition, unescaped and trimmed."""
        return _nth(
            _nth(raw, self.separators.component, component),
            self.separators.subcomponent,
            sub,
            self.separators,
        )


def has_too_many_segments(text: str) -> bool:
    """Counted before anything is cut: a few megabytes of line ends would become gigabytes."""
    return text.count("\r") + text.count("\n") > 2 * MOST_SEGMENTS


def split_segments(text: str) -> list[Segment]:
    """The segments of a message whose first line is its MSH; blank lines are passed over."""
    if "\n" in text:  # looked for first: a message may be half a megabyte of base64
        text = text.replace("\r\n", "\r").replace("\n", "\r")
    lines = text.strip("\x0b\x1c\r ﻿").split("\r")
    head = lines[0]
    separators = read_separators(head)
    segments = []
    for line in lines:
        if not line or line.isspace():
            continue
        fields = line.split(separators.field, MOST_PARTS)
        if line is head:
            fields.insert(1, separators.field)  # MSH-1 is the separator itself
        segments.append(Segment(fields[0].strip(), tuple(fields), separators))
    return segments


def read_separators(head: str) -> Separators:
    """From the first characters of MSH; the usual ones where it says nothing."""
    given = head[3:8]
    if len(given) < len(DEFAULT) or len(set(given)) < len(given) or given.isalnum():
        given = DEFAULT
    return Separators(*given)


def escape(text: str) -> str:
    """Text that can stand in a component with the usual separators, and never ends a segment."""
    out = text.replace("\\", "\\E\\")
    for mark, name in (("|", "F"), ("^", "S"), ("~", "R"), ("&", "T")):
        out = out.replace(mark, f"\\{name}\\")
    return "".join(c if c.isprintable() else " " for c in out)


def _nth(raw: str, separator: str, number: int, separators: Separators | None = None) -> str:
    parts = raw.split(separator, number)
    part = parts[number - 1] if number <= len(parts) else ""
    return separators.unescape(part).strip() if separators else part


def _escaped(name: str, marks: tuple[str, ...]) -> str | None:
    if name in ESCAPES:
        return marks[ESCAPES[name]]
    if name == ".br":
        return "\n"
    if name.startswith("X") and len(name) > 1 and len(name) % 2:
        try:
            return bytes.fromhex(name[1:]).decode("latin-1")
        except ValueError:
            return None
    return None
