"""Lengths that follow the reader's text size: drawings are laid out in em of their own text."""

PIXELS = 15
"""Of one em at the usual text size."""


def em(pixels: float) -> str:
    """`em(30)` is `2em`."""
    return f"{round(pixels / PIXELS, 3):g}em"


def diamond(name: str, radius: float) -> str:
    """A diamond around the origin: what stands outside the range."""
    side = radius * 2**0.5
    corner = em(-side / 2)
    return (
        f'<rect class="{name}" x="{corner}" y="{corner}" width="{em(side)}" height="{em(side)}" '
        'transform="rotate(45)"/>'
    )
