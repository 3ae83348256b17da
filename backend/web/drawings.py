"""Results drawn as SVG by the server: percent across, pixels down, no inline style, no script.

Every drawing has its sentence beside it in the page: these are for the eye, and say so to the ear
with `role="img"` and a label, or hide.
"""

from collections.abc import Callable
from itertools import pairwise

from markupsafe import Markup, escape

from backend.domain.documents import Count
from backend.domain.results.scale import Line
from backend.domain.results.trends import Point, Trend
from backend.web.french import month_year, short_day

LABEL = 9
"""About the pixels of a digit in a value's label."""
EDGE = 12
"""Percent from an end where a label leans inward."""
TOP, BOTTOM, HEIGHT = 22.0, 86.0, 122
LEFT, SPAN = 3.0, 80.0
MOST_BEADS = 60


def number_line(line: Line, label: str, uid: str) -> Markup:
    """The value on its axis, the laboratory's range as a block, the outside hatched and graded."""
    low, high = line.low_at or 0.0, 100.0 if line.high_at is None else line.high_at
    parts = [_defs(uid)]
    if line.low_at is not None:
        parts.append(_outside(uid, 0, low, "L"))
        parts.append(_tick(low, line.low))
    if line.high_at is not None:
        parts.append(_outside(uid, high, 100, "R"))
        parts.append(_tick(high, line.high))
    parts.append(
        f'<rect class="zone-in" x="{low}%" y="32" width="{high - low:.2f}%" height="18" rx="3"/>'
    )
    if high - low > 2 * EDGE + 10:
        middle = (low + high) / 2
        parts.append(
            f'<text class="zone-lbl" x="{middle:.2f}%" y="68" text-anchor="middle">repères</text>'
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


def trend(drawn: Trend) -> Markup:
    """Points to scale in time; the band is each period's own range; the line breaks when it must."""
    floor, ceiling = _reach(drawn.points)

    def down(number: float) -> float:
        return round(BOTTOM - (number - floor) / (ceiling - floor) * (BOTTOM - TOP), 1)

    def across(point: Point) -> float:
        return round(LEFT + point.at * SPAN, 2)

    parts = [_bands(drawn.points, down, across)]
    parts.append(f'<line class="ax" x1="0" x2="100%" y1="{BOTTOM + 8}" y2="{BOTTOM + 8}"/>')
    joined = [
        f'<line x1="{across(a)}%" y1="{down(a.number)}" x2="{across(b)}%" y2="{down(b.number)}"/>'
        for a, b in pairwise(drawn.points)
        if not b.breaks
    ]
    parts.append(f'<g class="joined">{"".join(joined)}</g>')
    parts += [_dot(point, across(point), down(point.number)) for point in drawn.points]
    first, last = drawn.points[0], drawn.points[-1]
    parts.append(_said(across(first), down(first.number) - 12, first.words, "start"))
    parts.append(
        f'<text class="last" x="{across(last) + 2:.2f}%" y="{down(last.number) + 5}">{escape(last.words)}</text>'
    )
    parts.append(f'<text x="0" y="{HEIGHT - 4}">{month_year(first.on)}</text>')
    parts.append(
        f'<text x="{across(last) + 3:.2f}%" y="{HEIGHT - 4}" text-anchor="end">{short_day(last.on)}</text>'
    )
    return Markup(f'<svg class="tc" aria-hidden="true">{"".join(parts)}</svg>')


def beads(count: Count) -> Markup:
    """One bead a result: discs inside, diamonds outside. Nothing when there are none or too many."""
    if not 0 < count.total <= MOST_BEADS:
        return Markup("")
    shapes = []
    for position in range(count.total):
        x = (position + 0.5) * 100 / count.total
        shape = (
            '<circle class="in" r="4"/>'
            if position < count.inside
            else '<path class="out" d="M0-6 6 0 0 6-6 0z"/>'
        )
        shapes.append(f'<svg x="{x:.2f}%" y="9" overflow="visible">{shape}</svg>')
    return Markup(f'<svg class="beads" aria-hidden="true">{"".join(shapes)}</svg>')


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
    return f'<svg x="{start}%" y="34" width="{end - start:.2f}%" height="14">{fills}</svg>'


def _tick(at: float, words: str) -> str:
    anchor = "start" if at < EDGE else "end" if at > 100 - EDGE else "middle"
    return f'<text x="{at}%" y="68" text-anchor="{anchor}">{escape(words)}</text>'


def _pin(line: Line) -> str:
    """The marker and its label, which leans inward at the ends."""
    width = max(44, LABEL * len(line.value) + 18)
    left = -6 if line.value_at < EDGE else 6 - width if line.value_at > 100 - EDGE else -width / 2
    arrow = {"right": "M4 41h14m-5-5 5 5-5 5", "left": "M-4 41h-14m5-5-5 5 5 5"}.get(line.arrow, "")
    tail = f'<path class="pin-arrow" d="{arrow}"/>' if arrow else ""
    return (
        f'<svg x="{line.value_at}%" overflow="visible">'
        f'<line class="pin-stem" y1="24" y2="54"/>{tail}'
        f'<rect class="pin-head" x="{left}" y="1" width="{width}" height="24" rx="7"/>'
        f'<text class="you" x="{left + width / 2}" y="18" text-anchor="middle">{escape(line.value)}</text>'
        "</svg>"
    )


def _reach(points: tuple[Point, ...]) -> tuple[float, float]:
    """Floor and ceiling of the drawing: all values and limits, and some air."""
    numbers = [p.number for p in points]
    numbers += [limit for p in points for limit in (p.low, p.high) if limit is not None]
    floor, ceiling = min(numbers), max(numbers)
    air = (ceiling - floor or abs(ceiling) or 1) * 0.12
    return floor - air, ceiling + air


def _bands(
    points: tuple[Point, ...], down: Callable[[float], float], across: Callable[[Point], float]
) -> str:
    """Each point's range from halfway to the one before to halfway to the one after."""
    places = [across(point) for point in points]
    middles = [(a + b) / 2 for a, b in pairwise(places)]
    starts, ends = [0.0, *middles], [*middles, 100.0]
    out = []
    for point, start, end in zip(points, starts, ends, strict=True):
        if point.low is None and point.high is None:
            continue
        top = TOP - 12 if point.high is None else down(point.high)
        bottom = BOTTOM + 8 if point.low is None else down(point.low)
        out.append(
            f'<rect class="band" x="{start:.2f}%" y="{top}" '
            f'width="{end - start:.2f}%" height="{max(bottom - top, 1):.1f}"/>'
        )
        for limit, y in ((point.high, top), (point.low, bottom)):
            if limit is not None:
                out.append(
                    f'<line class="edge" x1="{start:.2f}%" x2="{end:.2f}%" y1="{y}" y2="{y}"/>'
                )
    return "".join(out)


def _dot(point: Point, x: float, y: float) -> str:
    shape = (
        '<path class="pt out" d="M0-7 7 0 0 7-7 0z"/>'
        if point.outside
        else '<circle class="pt" r="5"/>'
    )
    return f'<svg x="{x}%" y="{y}" overflow="visible">{shape}</svg>'


def _said(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text class="first" x="{x - 2:.2f}%" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'
