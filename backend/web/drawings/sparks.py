"""How something moved, at the size of a word: the shape alone, its values are beside it."""

from itertools import pairwise

from markupsafe import Markup

from backend.domain.results.trends import Point, Trend
from backend.web.drawings.lengths import em

TOP, BOTTOM = 6.0, 30.0
LEFT, SPAN = 3.0, 94.0


def spark(drawn: Trend) -> Markup:
    """Points to scale in time; the line breaks when it must; the last and the lonely are marked."""
    numbers = [point.number for point in drawn.points]
    floor, reach = min(numbers), max(numbers) - min(numbers)

    def place(point: Point) -> tuple[str, str]:
        share = (point.number - floor) / reach if reach else 0.5
        return f"{LEFT + point.at * SPAN:.2f}%", em(BOTTOM - share * (BOTTOM - TOP))

    points = drawn.points
    lines = "".join(
        '<line x1="{}" y1="{}" x2="{}" y2="{}"/>'.format(*place(one), *place(other))
        for one, other in pairwise(points)
        if not other.breaks
    )
    alone = [
        one
        for one, after in zip(points, (*points[1:], None), strict=True)
        if after is None or (after.breaks and (one.breaks or one is points[0]))
    ]
    dots = "".join('<circle cx="{}" cy="{}" r="{}"/>'.format(*place(one), em(4)) for one in alone)
    return Markup(f'<svg class="spark" aria-hidden="true">{lines}{dots}</svg>')
