"""How one analysis moved: points to scale in time over the laboratory's ranges."""

from collections.abc import Callable
from itertools import groupby, pairwise

from markupsafe import Markup, escape

from backend.domain.results.trends import Point, Trend
from backend.web.drawings.lengths import diamond, em
from backend.web.french import month_year, short_day

TOP, BOTTOM, HEIGHT = 22.0, 86.0, 122
LEFT, SPAN = 3.0, 78.0
ROOM = 24
"""Pixels of height in which a band can hold its name."""
FIRST = f'<text class="first" x="{em(-5)}" y="{em(-12)}">{{}}</text>'
LAST = f'<text class="last" x="{em(13)}" y="{em(5)}">{{}}</text>'


def trend(drawn: Trend) -> Markup:
    """Points to scale in time; the band is each period's own range; the line breaks when it must."""
    floor, ceiling = _reach(drawn.points)

    def down(number: float) -> float:
        return round(BOTTOM - (number - floor) / (ceiling - floor) * (BOTTOM - TOP), 1)

    def across(point: Point) -> float:
        return round(LEFT + point.at * SPAN, 2)

    parts = [_bands(drawn.points, down, across)]
    parts.append(f'<line class="ax" x1="0" x2="100%" y1="{em(BOTTOM + 8)}" y2="{em(BOTTOM + 8)}"/>')
    joined = [
        f'<line x1="{across(a)}%" y1="{em(down(a.number))}" x2="{across(b)}%" y2="{em(down(b.number))}"/>'
        for a, b in pairwise(drawn.points)
        if not b.breaks
    ]
    parts.append(f'<g class="joined">{"".join(joined)}</g>')
    ends = {drawn.points[0]: FIRST, drawn.points[-1]: LAST}
    parts += [
        _dot(point, across(point), down(point.number), ends.get(point, ""))
        for point in drawn.points
    ]
    first, last = drawn.points[0], drawn.points[-1]
    foot = f'y="{em(HEIGHT - 4)}"'
    parts += [
        f'<text class="since" x="0" {foot}>{month_year(first.on)}</text>',
        f'<text x="{across(last) + 3:.2f}%" {foot} text-anchor="end">{short_day(last.on)}</text>',
    ]
    return Markup(f'<svg class="tc" aria-hidden="true">{"".join(parts)}</svg>')


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
    """Each range, from halfway to the point before its first to halfway to the one after its last.

    A point without a range leaves a gap: nobody knows what its range was.
    """
    out, start = [], 0.0
    for limits, same in groupby(points, key=lambda point: (point.low, point.high)):
        period = list(same)
        after = points.index(period[-1]) + 1
        ends = after == len(points)
        end = 100.0 if ends else (across(period[-1]) + across(points[after])) / 2
        if limits != (None, None):
            out.append(_band(limits, start, end, down, named=ends))
        start = end
    return "".join(out)


def _band(
    limits: tuple[float | None, float | None],
    start: float,
    end: float,
    down: Callable[[float], float],
    *,
    named: bool,
) -> str:
    low, high = limits
    top = TOP - 12 if high is None else down(high)
    bottom = BOTTOM + 8 if low is None else down(low)
    out = (
        f'<rect class="band" x="{start:.2f}%" y="{em(top)}" '
        f'width="{end - start:.2f}%" height="{em(max(bottom - top, 1))}"/>'
    )
    for limit, y in ((high, top), (low, bottom)):
        if limit is not None:
            out += (
                f'<line class="edge" x1="{start:.2f}%" x2="{end:.2f}%" y1="{em(y)}" y2="{em(y)}"/>'
            )
    if named and bottom - top > ROOM:
        out += f'<text class="bl" x="99%" y="{em(bottom - 7)}" text-anchor="end">repères</text>'
    return out


def _dot(point: Point, x: float, y: float, words: str) -> str:
    """A ring inside, a diamond outside; the two ends say their value."""
    shape = diamond("pt out", 7) if point.outside else f'<circle class="pt" r="{em(5)}"/>'
    said = words.format(escape(point.words))
    return f'<svg x="{x}%" y="{em(y)}" overflow="visible">{shape}{said}</svg>'
