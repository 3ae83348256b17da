"""Results drawn as SVG by the server: percent across, pixels down, no inline style, no script.

Every drawing has its sentence beside it in the page: these are for the eye, and say so to the ear
with `role="img"` and a label, or hide.
"""

from backend.web.drawings.beads import beads
from backend.web.drawings.lines import mini_bar, number_line
from backend.web.drawings.sparks import spark
from backend.web.drawings.trends import trend

__all__ = ["beads", "mini_bar", "number_line", "spark", "trend"]
