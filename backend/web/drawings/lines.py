"""The number line: the laboratory's range as a block, the value as a pin."""

from markupsafe import Markup, escape

from backend.domain.results.scale import Line
from backend.web.drawings.lengths import em

LABEL = 9
"""About the pixels of a digit in a value's label."""
EDGE = 12
"""Percent from an end where a label leans inward."""
NAMED, NARROW = 34, 24
"""Percent between the limits from which « repères » fits; under which their labels lean outward."""


def number_line(line: Line, label: str, uid: str) -> Markup:
    """The value on its axis, the laboratory's range as a block, the outside hatched and graded."""
    low, high = line.low_at or 0.0, 100.0 if line.high_at is None else line.high_at
    parts = [_defs(uid)]
    anchors = ("end", "start") if high - low < NARROW else ("middle", "middle")
    if line.low_at is not None:
        parts += [_outside(uid, 0, low, "L"), _tick(low, line.low, anchors[0])]
    if line.high_at is not None:
        parts += [_outside(uid, high, 100, "R"), _tick(high, line.high, anchors[1])]
    parts.append(
        f'<rect class="zone-in" x="{low}%" y="{em(32)}" width="{high - low:.2f}%" height="{em(18)}" rx="3"/>'
    )
    if high - low > NAMED:
        middle = (low + high) / 2
        parts.append(
            f'<text class="zone-lbl" x="{middle:.2f}%" y="{em(68)}" text-anchor="middle">repères</text>'
        )
    parts.append(_pin(line))
    return Markup('<svg class="rb" role="img" aria-label="{}">').format(label) + Markup(
        "".join(parts) + "</svg>"
    )


def mini_bar(line: Line) -> Markup:
    """The same, small and silent: its row says everything in words."""
    low, high = line.low_at or 0.0, 100.0 if line.high_at is None else line.high_at
    return Markup(
        '<svg class="mb" aria-hidden="true"><rect class="base" y="6" width="100%" height="6" rx="3"/>'
        f'<rect class="zone-in" x="{low}%" y="5" width="{high - low:.2f}%" height="8" rx="2"/>'
        f'<svg x="{line.value_at}%" overflow="visible"><circle class="pin-dot" cy="9" r="5.5"/></svg>'
        "</svg>"
    )


def _defs(uid: str) -> str:
    return (
        f'<defs><linearGradient id="{uid}R"><stop class="g0" offset="0"/>'
        f'<stop class="g1" offset="1"/></linearGradient><linearGradient id="{uid}L">'
        f'<stop class="g1" offset="0"/><stop class="g0" offset="1"/></linearGradient>'
        f'<pattern id="{uid}H" width="7" height="7" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><line class="hatch" y2="7"/></pattern></defs>'
    )


def _outside(uid: str, start: float, end: float, side: str) -> str:
    fills = "".join(
        f'<rect width="100%" height="100%" fill="url(#{uid}{fill})"/>' for fill in (side, "H")
    )
    return (
        f'<svg x="{start}%" y="{em(34)}" width="{end - start:.2f}%" height="{em(14)}">{fills}</svg>'
    )


def _tick(at: float, words: str, anchor: str) -> str:
    anchor = "start" if at < EDGE else "end" if at > 100 - EDGE else anchor
    return f'<text x="{at}%" y="{em(68)}" text-anchor="{anchor}">{escape(words)}</text>'


def _pin(line: Line) -> str:
    """The marker and its label, which leans inward at the ends."""
    width = max(44, LABEL * len(line.value) + 18)
    left = -6 if line.value_at < EDGE else 6 - width if line.value_at > 100 - EDGE else -width / 2
    return (
        f'<svg x="{line.value_at}%" overflow="visible">'
        f'<line class="pin-stem" y1="{em(24)}" y2="{em(54)}"/>{_arrow(line.arrow)}'
        f'<rect class="pin-head" x="{em(left)}" y="{em(1)}" width="{em(width)}" height="{em(24)}" rx="7"/>'
        f'<text class="you" x="{em(left + width / 2)}" y="{em(18)}" text-anchor="middle">{escape(line.value)}</text>'
        "</svg>"
    )


def _arrow(side: str) -> str:
    """The value lies further, on that side."""
    if not side:
        return ""
    x, way = (2, "M1 8h13m-5-5 5 5-5 5") if side == "right" else (-18, "M15 8H2m5-5-5 5 5 5")
    return (
        f'<svg x="{em(x)}" y="{em(33)}" width="{em(16)}" height="{em(16)}" viewBox="0 0 16 16">'
        f'<path class="pin-arrow" d="{way}"/></svg>'
    )
