"""QR codes, for a phone to read from a screen or from paper."""

import segno
from markupsafe import Markup

QUIET_ZONE = 4
"""Modules of white around it: phones ask for them."""


def square(text: str) -> Markup:
    """As SVG, black on white whatever the colours of the page."""
    drawn = _made(text).svg_inline(
        scale=4, border=QUIET_ZONE, dark="#000", light="#fff", omitsize=True, svgclass="square"
    )
    return Markup(drawn)  # noqa: S704 - made of numbers by segno; the text is in the modules


def modules(text: str) -> list[list[bool]]:
    """The same, row by row, True for black, with its white around it."""
    return [[bool(one) for one in row] for row in _made(text).matrix_iter(border=QUIET_ZONE)]


def _made(text: str) -> segno.QRCode:
    return segno.make(text, error="m", micro=False)
