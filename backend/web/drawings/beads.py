"""One bead a result."""

from markupsafe import Markup

from backend.domain.documents import Count

MOST_BEADS = 60
WIDEST = 5
"""Percent between two beads when there are few."""


def beads(count: Count) -> Markup:
    """One bead a result: discs inside, diamonds outside. Nothing when there are none or too many."""
    if not 0 < count.total <= MOST_BEADS:
        return Markup("")
    shapes = []
    for position in range(count.total):
        x = (position + 0.5) * min(WIDEST, 100 / count.total)
        shape = (
            '<circle class="in" r="4"/>'
            if position < count.inside
            else '<path class="out" d="M0-6 6 0 0 6-6 0z"/>'
        )
        shapes.append(f'<svg x="{x:.2f}%" y="9" overflow="visible">{shape}</svg>')
    return Markup(f'<svg class="beads" aria-hidden="true">{"".join(shapes)}</svg>')
