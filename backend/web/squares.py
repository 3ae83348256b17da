"""QR codes, for a phone to read from a screen."""

import segno
from markupsafe import Markup


def square(text: str) -> Markup:
    """As SVG, black on white whatever the colours of the page."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(
        scale=4, border=4, dark="#000", light="#fff", omitsize=True, svgclass="square"
    )
    return Markup(drawn)  # noqa: S704 - made of numbers by segno; the text is in the modules
